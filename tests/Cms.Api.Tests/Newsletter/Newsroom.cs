using System.Net;
using System.Text.Json.Nodes;
using Cms.Api.Tests.Mail;
using Cms.Domain.Access;
using Cms.Infrastructure.Newsletter.Digests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Newsletter;

/// <summary>A newsroom with a mail server of its own, whose editions go when the test says so: the timer that would make them is a day away.</summary>
public sealed class Newsroom : IAsyncDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Newsroom(TestService service, MailServer mails, HttpClient editor) => (Service, Mails, Editor, Anonymous) = (service, mails, editor, service.Anonymous());

    public TestService Service { get; }

    public MailServer Mails { get; }

    public HttpClient Editor { get; }

    public HttpClient Anonymous { get; }

    public static async Task<Newsroom> Open(ApiFixture fixture, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        var mails = await MailServer.Start();
        var all = mails.Settings;
        foreach (var (name, value) in settings ?? []) all[name] = value;
        var service = await fixture.StartService(all, builder =>
        {
            builder.Services.AddSingleton(DigestTimes.Default with { Timer = TimeSpan.FromDays(1), Poll = TimeSpan.FromDays(1) });
            configure?.Invoke(builder);
        });
        var room = new Newsroom(service, mails, await service.Client(Ct, [.. Scope.All]));
        var site = await room.Editor.Get("/management/v1/site");
        var hour = (TimeProvider.System.GetLocalNow().UtcDateTime.Hour + 23) % 24; // an hour ago, or less than two
        (await room.Editor.Patch("/management/v1/site", new { name = "La Gazette", baseUrl = "https://gazette.example", language = "fr", timeZone = "Etc/UTC", digestHour = hour }, site.ETag)).Is(HttpStatusCode.OK);
        return room;
    }

    public async Task<Guid> Section(string name) => (await Editor.Post("/management/v1/sections", new { name, language = "fr" })).Is(HttpStatusCode.Created).Id;

    public async Task<Guid> Publish(string headline, Guid sectionId, string language = "fr")
    {
        var draft = (await Editor.Post(Desk.Articles, new { headline, standfirst = $"Ce qu'il faut savoir : {headline}.", language, sectionId, body = new[] { new { type = "paragraph", text = "Enfin." } } })).Is(HttpStatusCode.Created);
        (await Editor.Act($"{Desk.Articles}/{draft.Id}/publish", draft.ETag)).Is(HttpStatusCode.OK);
        return draft.Id;
    }

    /// <summary>A reader whom an editor added with consent.</summary>
    public async Task<Guid> Reader(string email, Guid? section = null, string frequency = "daily", string language = "fr") => (await Editor.Post("/management/v1/subscribers", new
    {
        email,
        frequency,
        language,
        sectionIds = section is { } one ? new[] { one } : [],
        consent = new { at = "2026-11-24T09:00:00Z", source = "Salon du livre", textVersion = "2026-1" },
    })).Is(HttpStatusCode.Created).Id;

    /// <summary>Freezes what is due, without sending it.</summary>
    public async Task Freeze()
    {
        var maker = Service.Services.GetRequiredService<EditionMaker>();
        await maker.MakeDue(await maker.Now(Ct), Ct);
    }

    /// <summary>Sends what is due of editions that are frozen.</summary>
    public Task Send() => Service.Services.GetRequiredService<DigestSender>().SendDue(Ct);

    /// <summary>Freezes what is due and sends it.</summary>
    public async Task MakeDue()
    {
        await Freeze();
        await Send();
    }

    /// <summary>Every mail of every edition went.</summary>
    public async Task Finished()
    {
        while (await Service.Sql("SELECT 1 FROM cms.editions WHERE status IN ('Frozen', 'Sending')") is not null) await Send();
    }

    /// <summary>As if all that was lay a day further back.</summary>
    public async Task NextDay()
    {
        await Service.Sql("UPDATE cms.editions SET date = date - 1, due_at = due_at - interval '1 day', frozen_at = frozen_at - interval '1 day' WHERE status <> 'Planned'");
    }

    /// <summary>What became of the newest edition.</summary>
    public async Task<JsonNode> Report()
    {
        var newest = (await Editor.Get("/management/v1/digests")).Is(HttpStatusCode.OK).Body["items"]![0]!.Member("id");
        return (await Editor.Get($"/management/v1/digests/{newest}")).Is(HttpStatusCode.OK).Json;
    }

    public async ValueTask DisposeAsync()
    {
        Editor.Dispose();
        Anonymous.Dispose();
        await Service.DisposeAsync();
        await Mails.DisposeAsync();
    }
}
