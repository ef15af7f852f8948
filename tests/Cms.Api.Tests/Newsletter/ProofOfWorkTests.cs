using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AngleSharp.Html.Dom;
using Cms.Api.Tests.Mail;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

public sealed class ProofOfWorkTests(ApiFixture fixture)
{
    private const string Challenge = "/newsletter/v1/challenge", Email = "lea@example.org";
    private static readonly Dictionary<string, string?> On = new() { ["Cms:Newsletter:ProofOfWork"] = "1000", ["Cms:Limits:SignUpsPerHour"] = "1000" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_whose_browser_solved_a_challenge_signs_up_by_script_and_by_form_and_each_challenge_is_good_once()
    {
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(new(server.Settings.Concat(On)));
        using var reader = service.Anonymous();

        var challenge = (await reader.Get(Challenge)).Is(HttpStatusCode.OK);
        var solution = Encode(Solve(challenge.Json));
        (await reader.Post(Subscriptions, new { email = Email, altcha = solution })).Is(HttpStatusCode.Accepted);
        (await reader.Submit(Subscriptions, ("email", "nora@example.org"), ("altcha", Encode(Solve((await reader.Get(Challenge)).Json))))).Is(HttpStatusCode.SeeOther);
        var mail = await server.Next(Email, Ct);
        await server.Next("nora@example.org", Ct);
        (await reader.Submit(mail.Link())).Is(HttpStatusCode.OK); // needs none
        var again = (await reader.Post(Subscriptions, new { email = "again@example.org", altcha = solution })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        Assert.Equal("no-store", challenge.Message.Headers.CacheControl!.ToString());
        Assert.Equal(["algorithm", "challenge", "salt", "maxNumber", "signature"], challenge.Json.AsObject().Select(m => m.Key));
        Assert.Matches(@"^[0-9a-f]{32}\?expires=\d{10}&$", challenge.Json.Member("salt"));
        Assert.Equal(["/altcha used"], again.Errors);
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = 'again@example.org'"));
        Assert.Equal("Active", await service.Sql("SELECT status FROM cms.subscribers WHERE email = $1", Email));
    }

    [Fact]
    public async Task Of_twenty_who_send_the_same_solution_at_once_exactly_one_is_signed_up()
    {
        await using var service = await fixture.StartService(On);
        using var reader = service.Anonymous();
        var solution = Encode(Solve((await reader.Get(Challenge)).Json));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => reader.Post(Subscriptions, new { email = $"r{i}@example.org", altcha = solution })));

        Assert.Single(answers, a => a.Status == HttpStatusCode.Accepted);
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Accepted), a => Assert.Equal(["/altcha used"], a.Errors));
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.sign_ups"));
    }

    [Fact]
    public async Task A_challenge_is_good_for_twenty_minutes_and_what_was_solved_is_forgotten_then()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime());
        await using var service = await fixture.StartService(On, b => b.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        using var reader = service.Anonymous();
        var (early, late) = (Encode(Solve((await reader.Get(Challenge)).Json)), Solve((await reader.Get(Challenge)).Json));

        clock.Advance(TimeSpan.FromMinutes(19));
        (await reader.Post(Subscriptions, new { email = Email, altcha = early })).Is(HttpStatusCode.Accepted);
        await new Sweeper(service.Services.GetRequiredService<JobContexts>(), clock).RunOnce(Ct);
        var kept = await service.Sql("SELECT count(*) FROM cms.solved_challenges");
        clock.Advance(TimeSpan.FromMinutes(2));
        var expired = (await reader.Post(Subscriptions, new { email = Email, altcha = Encode(late) })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        var spliced = (await reader.Post(Subscriptions, new { email = Email, altcha = Encode(Splice(late)) })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        await new Sweeper(service.Services.GetRequiredService<JobContexts>(), clock).RunOnce(Ct);

        Assert.Equal(["/altcha expired", "/altcha wrong"], [.. expired.Errors, .. spliced.Errors]);
        Assert.Contains("Fetch another from /newsletter/v1/challenge", expired.Text, StringComparison.Ordinal);
        Assert.Equal(1L, kept);
        await Waiting.Until(async () =>
        {
            await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct); // the service's own timer may be at it
            return await service.Sql("SELECT count(*) FROM cms.solved_challenges") is 0L;
        }, "What was solved and is over is kept.");
    }

    [Fact]
    public async Task What_solves_no_challenge_of_ours_is_refused_with_what_to_do_and_takes_none()
    {
        await using var service = await fixture.StartService(On);
        using var reader = service.Anonymous();
        var solved = Solve((await reader.Get(Challenge)).Json);
        JsonObject With(string member, JsonNode? value)
        {
            var other = solved.DeepClone().AsObject();
            other[member] = value;
            return other;
        }

        var foreign = Solve(new JsonObject { ["algorithm"] = "SHA-256", ["challenge"] = HashOf($"{solved.Member("salt")}7"), ["salt"] = solved.Member("salt"), ["maxNumber"] = 1000 }, solved.Member("signature"));
        string[] wrong =
        [
            Encode(With("signature", new string('0', 64))), Encode(With("number", solved["number"]!.GetValue<int>() + 1)), Encode(With("number", 2_000_000_000_000)), Encode(With("number", -1)), Encode(With("number", 1.5)),
            Encode(With("number", null)), Encode(With("algorithm", "SHA-1")), Encode(With("salt", $"{solved.Member("salt")}9")), Encode(With("challenge", null)), Encode(foreign), "bm9uc2Vuc2U=", "no base64", "e30=", "bnVsbA==", "W10=",
            Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"salt":"\ud800"}""")),
        ];
        foreach (var altcha in wrong) Assert.Equal(["/altcha wrong"], (await reader.Post(Subscriptions, new { email = Email, altcha })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        var none = (await reader.Post(Subscriptions, new { email = "nobody" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        Assert.Equal(["/email email", "/altcha required"], none.Errors);
        Assert.Equal(["/altcha tooLong", "/altcha wrong"], (await reader.Post(Subscriptions, new { email = Email, altcha = new string('a', 1_001) })).Errors);

        (await reader.Post(Subscriptions, new { email = "lea@gmial.com", altcha = Encode(solved) })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        (await reader.Post(Subscriptions, new { email = Email, altcha = Encode(solved) })).Is(HttpStatusCode.Accepted); // the slip took no challenge
    }

    [Fact]
    public async Task A_page_without_script_sends_readers_to_the_site_and_one_that_shows_a_slip_keeps_what_was_solved()
    {
        await using var service = await fixture.StartService(On);
        using var reader = service.Anonymous();

        var own = (await reader.Get(Subscriptions, ("Accept-Language", "fr"))).Is(HttpStatusCode.OK);
        var plain = (await reader.Submit(Subscriptions, ("email", Email), ("language", "ar"))).Is(HttpStatusCode.UnprocessableEntity);
        var slip = (await reader.Submit(Subscriptions, ("email", "lea@gmial.com"), ("altcha", Encode(Solve((await reader.Get(Challenge)).Json))))).Is(HttpStatusCode.UnprocessableEntity);
        var fields = slip.Html().QuerySelectorAll("form input[name=altcha]").OfType<IHtmlInputElement>().Select(i => i.Value);
        (await reader.Submit(Subscriptions, ("email", "lea@gmial.com"), ("asTyped", "true"), ("altcha", Assert.Single(fields)))).Is(HttpStatusCode.SeeOther);

        Assert.All(new[] { own, plain }, p => Assert.Empty(p.Html().QuerySelectorAll("form")));
        Assert.All(new[] { own, plain }, p => Assert.NotEmpty(p.Html().QuerySelectorAll("main a")));
        Assert.Equal(("fr", "ar"), (own.Html().DocumentElement.GetAttribute("lang"), plain.Html().DocumentElement.GetAttribute("lang")));
    }

    [Fact]
    public async Task It_is_off_unless_asked_for_and_a_frontends_server_never_needs_it()
    {
        (await fixture.Reader.Get(Challenge)).Refuses(HttpStatusCode.NotFound, "not-found");
        (await fixture.Reader.Post(Subscriptions, new { email = $"{Wire.Unique("lea")}@example.org", altcha = "of a form that still has it" })).Is(HttpStatusCode.Accepted);
        await using var service = await fixture.StartService(On);
        using var server = await service.Client(Ct, Scope.SubscriptionsWrite);
        (await server.Post(Subscriptions, new { email = Email })).Is(HttpStatusCode.Accepted);

        foreach (var number in new[] { "-1", "999", "5000001" })
        {
            var fault = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => fixture.StartService(new() { ["Cms:Newsletter:ProofOfWork"] = number }));
            Assert.Contains("ProofOfWork", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_challenge_needs_no_database_and_is_503_only_where_the_face_is_full()
    {
        await using var service = await fixture.StartService(new(On) { ["Cms:Limits:NewsletterAtOnce"] = "1" });
        using var reader = service.Anonymous();
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("LOCK TABLE cms.site", connection, transaction);
        await hold.ExecuteNonQueryAsync(Ct);

        (await reader.Get(Challenge)).Is(HttpStatusCode.OK);
        var waiting = reader.Get(Subscriptions); // holds the only place
        await using (var count = source.CreateCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cms.site'::regclass"))
            await Waiting.Until(async () => waiting.IsCompleted || await count.ExecuteScalarAsync(Ct) is not 0L, "The form does not wait.");
        Assert.False(waiting.IsCompleted);
        (await reader.Get(Challenge)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
        await transaction.RollbackAsync(Ct);
        (await waiting).Is(HttpStatusCode.OK);
    }

    // As the widget does it: number after number.
    private static JsonObject Solve(JsonNode challenge, string? signature = null) => new()
    {
        ["algorithm"] = challenge.Member("algorithm"),
        ["challenge"] = challenge.Member("challenge"),
        ["number"] = Enumerable.Range(0, challenge["maxNumber"]!.GetValue<int>() + 1).First(n => HashOf(string.Create(CultureInfo.InvariantCulture, $"{challenge.Member("salt")}{n}")) == challenge.Member("challenge")),
        ["salt"] = challenge.Member("salt"),
        ["signature"] = signature ?? challenge.Member("signature"),
        ["took"] = 12,
    };

    // CVE-2025-68113: digits move from the number to the time before it, and the hash of both stays what it was.
    private static JsonObject Splice(JsonObject solved)
    {
        var (spliced, digits) = (solved.DeepClone().AsObject(), solved["number"]!.ToString());
        (spliced["salt"], spliced["number"]) = ($"{solved.Member("salt")}{digits[..1]}", digits.Length == 1 ? 0 : int.Parse(digits[1..], CultureInfo.InvariantCulture));
        return spliced;
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Encode(JsonObject solution) => Convert.ToBase64String(Encoding.UTF8.GetBytes(solution.ToJsonString()));
}
