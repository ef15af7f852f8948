using System.Net;
using System.Text.Json.Nodes;
using MimeKit;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What a reader may have of theirs, and have gone (GDPR, 15 and 17).</summary>
public sealed class ErasureTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_readers_data_come_by_mail_at_once_and_hold_nobody_elses()
    {
        var (email, other, section) = (Address(), Address("other"), await fixture.Editor.OpenSection());
        await fixture.Subscribe(other);
        var page = await fixture.Subscribe(email, ("name", "Léa"), ("frequency", "weekly"), ("sectionIds", $"{section.Id}"), ("textVersion", "2026-11"));

        (await fixture.Act(page, "data")).Is(HttpStatusCode.OK); // a minute after the confirmation
        var mail = await fixture.Mails.Next(email, Ct);

        var file = Assert.Single(mail.Message.Attachments.OfType<MimePart>());
        using var bytes = new MemoryStream();
        await (file.Content ?? throw new InvalidDataException("The file is empty.")).DecodeToAsync(bytes, Ct);
        var data = JsonNode.Parse(bytes.ToArray()) ?? throw new InvalidDataException("It holds null.");
        Assert.Equal(("subscription.json", "application/json"), (file.FileName, file.ContentType.MimeType));
        Assert.Equal((email, "Léa", "weekly", "active"), (data.Member("email"), data.Member("name"), data.Member("frequency"), data.Member("status")));
        Assert.Equal([$"{section.Id}"], data["sectionIds"]!.AsArray().Select(s => $"{s}"));
        Assert.Equal("2026-11", data["consent"]!.Member("textVersion"));
        Assert.NotEmpty(data["optIn"]!.Member("confirmedAt"));
        Assert.Equal(["signed-up", "confirmed"], data["consents"]!.AsArray().Select(c => c!.Member("event")));
        Assert.Equal("2026-11", Assert.Single(data["signUps"]!.AsArray())!["origin"]!.Member("textVersion"));
        Assert.DoesNotContain(other.Split('@')[0], data.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_data_again_and_again_mails_it_once_in_a_quarter_of_an_hour()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        for (var i = 0; i < 3; i++) (await fixture.Act(page, "data")).Is(HttpStatusCode.OK);
        await fixture.Service.Mailed();

        Assert.Equal(2, fixture.Mails.Received.Count(m => m.To == email)); // the confirmation, and the data once
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("false")]
    [InlineData("no")]
    [InlineData("on")]
    public async Task An_erasure_wants_to_be_sure(params string[] sure)
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        var asked = (await fixture.Act(page, "erase", [.. sure.Select(s => ("sure", s))])).Is(HttpStatusCode.UnprocessableEntity);

        Assert.NotNull(asked.Html().QuerySelector("[role=alert]"));
        Assert.Equal("active", await fixture.Status(email));
    }

    [Fact]
    public async Task An_erasure_leaves_a_readers_address_nowhere()
    {
        await using var service = await fixture.StartService(); // without a mail server: wishes lie in the outbox
        using var reader = service.Anonymous();
        using var editor = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var (local, other) = (Wire.Unique("lea"), Address("other"));
        var body = new { email = $"{local}@example.org", name = local, consent = new { at = "2026-11-01T10:00:00Z", source = "fair", textVersion = "1" } };
        var made = (await editor.Post("/management/v1/subscribers", body, ("Idempotency-Key", Wire.Unique("key")))).Is(HttpStatusCode.Created);
        await service.Reader(other);
        var page = service.Preferences(made.Id);
        (await reader.Submit(Subscriptions, ("email", $"{local.ToUpperInvariant()}@example.org"), ("name", local))).Is(HttpStatusCode.SeeOther);
        (await reader.Submit(page, ("act", "data"))).Is(HttpStatusCode.OK);
        (await reader.Submit(page, ("act", "change-address"), ("newEmail", $"new-{local}@example.org"))).Is(HttpStatusCode.OK);
        Assert.NotEmpty(await service.Places(local));

        var erased = (await reader.Submit(page, ("act", "erase"), ("sure", "true"))).Is(HttpStatusCode.OK);

        Assert.Empty(await service.Places(local));
        Assert.NotEmpty(await service.Places(other.Split('@')[0]));
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.outbox WHERE kind = 'asked-mail'"));
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.suppressions WHERE reason = 'erased'"));
        Assert.Equal("imported erased", await service.Ledger($"{local}@example.org"));
        Assert.Equal(erased.Headline(), (await reader.Get(page)).Is(HttpStatusCode.OK).Headline());
        Assert.Equal(erased.Headline(), (await reader.Submit(page, ("act", "resume"))).Is(HttpStatusCode.OK).Headline());
        (await editor.Post("/management/v1/subscribers", body)).Refuses(HttpStatusCode.Conflict, "email-suppressed");
    }

    [Fact]
    public async Task Who_was_erased_comes_back_by_signing_up_and_by_nobody_else()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);
        (await fixture.Act(page, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);
        (await fixture.Editor.Post("/management/v1/subscribers", new { email })).Refuses(HttpStatusCode.Conflict, "email-suppressed");
        await fixture.Service.Later(email);

        await fixture.Subscribe(email);

        Assert.Equal("active", await fixture.Status(email));
        (await fixture.Reader.Get(page)).Is(HttpStatusCode.OK); // the erased one's link opens nothing of the new one
        Assert.Null((await fixture.Reader.Get(page)).Html().QuerySelector("form"));
    }
}
