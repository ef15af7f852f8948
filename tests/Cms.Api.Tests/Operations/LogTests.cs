using System.Net;
using Cms.Api.Tests.Mail;
using Cms.Api.Tests.Newsletter;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Operations;

public sealed class LogTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_a_request_has_its_route_and_the_trace_id_that_the_problem_shows()
    {
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);
        using var client = service.Anonymous();

        var refused = (await client.Get($"{Desk.Published}/never-was")).Refuses(HttpStatusCode.NotFound, "not-found");

        await service.Stop(); // a line is written after its answer: the last may be still to come
        var line = Assert.Single(logs.Lines, l => l.Contains(refused.Member("traceId"), StringComparison.Ordinal));
        Assert.Contains("GET /delivery/v1/articles/{slug} 404", line, StringComparison.Ordinal);
        Assert.Contains("127.0.0.0", line, StringComparison.Ordinal);
        Assert.DoesNotContain("never-was", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_log_holds_an_address_a_name_a_token_a_body_or_a_query()
    {
        const string Marker = "geheimnis";
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        var token = editor.DefaultRequestHeaders.Authorization?.Parameter ?? "";

        await editor.Post("/management/v1/subscribers", new { email = $"{Marker}@example.org", name = Marker, frequency = "daily" });
        (await editor.Post("/management/v1/subscribers", new { email = $"{Marker}@example.org", name = Marker, frequency = "daily" })).Refuses(HttpStatusCode.Conflict, "email-taken");
        await editor.Post(Desk.Articles, new { headline = Marker, extra = new { wire = Marker } });
        await editor.Post(Desk.Articles, $"{{\"headline\":\"{Marker}");
        await editor.Post("/management/v1/tokens", new { name = Marker, scopes = new[] { Marker } });
        await editor.Get($"/management/v1/subscribers?email={Marker}");
        await editor.Get($"{Desk.Articles}?q={Marker}&{Marker}=1");
        await editor.Ask(new HttpMethod("GEHEIMNIS"), Desk.Articles, null, null);
        await reader.Get($"{Desk.Published}/{Marker}", ("User-Agent", Marker), ("Cookie", Marker), ("Referer", $"https://{Marker}.example"));
        await reader.Get(Desk.Articles, ("Authorization", $"Bearer {Marker}"));
        await reader.Get($"/{Marker}");

        await service.Stop(); // a line is written after its answer: the last may be still to come
        Assert.NotEmpty(logs.Lines);
        Assert.DoesNotContain(logs.Lines, line => line.Contains(Marker, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(logs.Lines, line => line.Contains(token.Split('_')[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_log_holds_what_a_reader_typed_or_the_token_of_a_link()
    {
        const string Marker = "geheimnis";
        using var logs = new CollectedLogs();
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(server.Settings, logs.Collect);
        using var reader = service.Anonymous();
        var (email, fresh) = ($"{Marker}@example.org", $"new-{Marker}@example.org");
        server.Refuse($"no-{Marker}@example.org", new MailAnswer(550, $"5.1.1 no {Marker} here"));

        (await reader.Post(Reading.Subscriptions, new { email, name = Marker, textVersion = Marker })).Is(HttpStatusCode.Accepted);
        await reader.Post(Reading.Subscriptions, new { email = $"{Marker}@gmial.com" });
        await reader.Post(Reading.Subscriptions, new { email = $"no-{Marker}@example.org" });
        await reader.Submit(Reading.Subscriptions, ("email", $"\"{Marker}"), ("website", ""));
        var confirm = (await server.Next(email, Ct)).Link();
        await reader.Get(confirm);
        var confirmed = (await reader.Submit(confirm)).Is(HttpStatusCode.OK);
        var id = (Guid)(await service.Sql("SELECT id FROM cms.subscribers WHERE email = $1", email) ?? Guid.Empty);
        var (page, old, leave) = (service.Preferences(id), service.Preferences(id, days: -40), service.Leave(id));
        foreach (var link in new[] { page, old, leave, $"{page}x" }) await reader.Get(link);
        foreach (var act in new[] { "save", "pause", "data", Marker }) await reader.Submit(page, ("act", act), ("language", Marker), ("frequency", "weekly"));
        await reader.Submit(page, ("act", "change-address"), ("newEmail", fresh));
        var moved = (await server.Next(fresh, Ct)).Link();
        await reader.Submit(moved);
        await reader.Submit(old);
        await reader.Submit(leave);
        await reader.Submit(page, ("act", "erase"), ("sure", "true"));
        await service.Mailed();

        await service.Stop(); // a line is written after its answer: the last may be still to come
        Assert.Contains(logs.Lines, line => line.Contains("POST /newsletter/v1/preferences/{link} 200", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains(Marker, StringComparison.OrdinalIgnoreCase));
        foreach (var link in new[] { confirm, moved, page, old, leave })
            Assert.DoesNotContain(logs.Lines, line => line.Contains(link.Split('/')[^1], StringComparison.Ordinal));
        Assert.NotEmpty(confirmed.Headline());
    }

    [Fact]
    public async Task Refused_tokens_too_narrow_ones_new_ones_and_limits_hit_are_events()
    {
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(new() { ["Cms:Limits:RequestsPerMinute"] = "3" }, logs.Collect);
        using var narrow = await service.Client(Ct, Scope.TokensWrite);
        using var reader = service.Anonymous();

        (await reader.Get(Desk.Articles, ("Authorization", "Bearer no"))).Is(HttpStatusCode.Unauthorized);
        (await narrow.Get(Desk.Articles)).Is(HttpStatusCode.Forbidden);
        var made = (await narrow.Post("/management/v1/tokens", new { name = "x", scopes = new[] { Scope.TokensWrite } })).Is(HttpStatusCode.Created);
        (await narrow.Delete($"/management/v1/tokens/{made.Member("id")}", made.ETag)).Is(HttpStatusCode.NoContent);
        (await narrow.Get(Desk.Articles)).Is(HttpStatusCode.TooManyRequests);

        await service.Stop(); // a line is written after its answer: the last may be still to come
        foreach (var said in new[] { "Sign-in refused", "asked for more than its scopes", $"Token {made.Member("id")} was made", $"Token {made.Member("id")} was revoked", "passed its limit" })
            Assert.Contains(logs.Lines, line => line.Contains(said, StringComparison.Ordinal));
    }
}
