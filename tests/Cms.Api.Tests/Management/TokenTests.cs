using System.Net;
using System.Net.Http.Headers;
using Cms.Api.Access;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Management;

public sealed class TokenTests(ApiFixture fixture)
{
    private const string Tokens = "/management/v1/tokens";
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<Answer> Make(HttpClient client, params string[] scopes) =>
        (await client.Post(Tokens, new { name = "Frontend", scopes })).Is(HttpStatusCode.Created);

    private static HttpClient With(TestService service, string secret)
    {
        var client = service.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_works_and_is_never_shown_again()
    {
        var made = await Make(editor, Scope.ContentRead, Scope.ArticlesWrite);
        var (id, secret) = (made.Member("id"), made.Member("secret"));
        var read = (await editor.Get(made.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal("no-store", made.Message.Headers.CacheControl?.ToString());
        Assert.Equal(["createdAt", "expiresAt", "id", "name", "scopes", "secret"], made.Body.Select(m => m.Key).Order());
        Assert.StartsWith($"cms_{id}_", secret, StringComparison.Ordinal);
        Assert.Equal(made.ETag, read.ETag);
        Assert.Equal(["createdAt", "createdBy", "expiresAt", "id", "lastUsedAt", "name", "requestsPerMinute", "revokedAt", "scopes", "writesPerMinute"], read.Body.Select(m => m.Key).Order());
        Assert.Equal(TimeSpan.FromDays(90), DateTimeOffset.Parse(read.Member("expiresAt"), null) - DateTimeOffset.Parse(read.Member("createdAt"), null));
        Assert.Equal(editor.DefaultRequestHeaders.Authorization?.Parameter?.Split('_')[1], read.Member("createdBy"));

        using var client = With(fixture.Service, secret);
        (await client.Get(Desk.Sections)).Is(HttpStatusCode.OK);
        (await client.Get(Tokens)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        await using var scope = fixture.Service.Services.CreateAsyncScope();
        var row = await scope.ServiceProvider.GetRequiredService<CmsDbContext>().Tokens.FindAsync([id], Ct);
        Assert.Equal(TokenSecret.TryParse(secret, out var parsed) ? parsed.Hash() : [], row?.SecretHash);
    }

    [Fact]
    public async Task A_token_grants_only_what_it_holds()
    {
        using var narrow = await fixture.Service.Client(Ct, Scope.TokensWrite, Scope.ContentRead);
        await Make(narrow, Scope.ContentRead);

        var refused = await narrow.Post(Tokens, new { name = "x", scopes = new[] { Scope.ContentRead, Scope.ArticlesPublish, Scope.AuditRead } });
        Assert.Equal(["/scopes/1 notHeld", "/scopes/2 notHeld"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task A_token_makes_none_that_outlives_it_or_may_ask_more_often()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:RequestsPerMinute"] = "500", ["Cms:Limits:WritesPerMinute"] = "100" });
        using var maker = await service.Client(Ct, [.. Scope.All]);
        var tomorrow = fixture.Now().AddDays(1);
        var made = (await maker.Post(Tokens, new { name = "x", scopes = new[] { Scope.TokensWrite }, expiresAt = tomorrow, requestsPerMinute = 3, writesPerMinute = 2 })).Is(HttpStatusCode.Created);
        using var narrow = With(service, made.Member("secret"));

        var child = (await narrow.Post(Tokens, new { name = "y", scopes = new[] { Scope.TokensWrite } })).Is(HttpStatusCode.Created);
        Assert.Equal(tomorrow, DateTimeOffset.Parse(child.Member("expiresAt"), null));
        Assert.Equal("\"requests\";q=3;w=60, \"writes\";q=2;w=60", child.Message.Headers.GetValues("RateLimit-Policy").Single());

        var refused = await narrow.Post(Tokens, new { name = "y", scopes = new[] { Scope.TokensWrite }, expiresAt = tomorrow.AddMinutes(1), requestsPerMinute = 4, writesPerMinute = 3 });
        Assert.Equal(["/expiresAt notHeld", "/requestsPerMinute notHeld", "/writesPerMinute notHeld"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        (await narrow.Post(Tokens, new { name = "y", scopes = new[] { Scope.TokensWrite } })).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.Equal(["/requestsPerMinute range", "/writesPerMinute range"], (await maker.Post(Tokens, new { name = "y", scopes = new[] { Scope.TokensWrite }, requestsPerMinute = 0, writesPerMinute = 1_000_001 }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        using var narrow = await fixture.Service.Client(Ct, Scope.TokensWrite);
        var past = fixture.Now().AddSeconds(-1);
        var refused = await narrow.Post(Tokens, new { name = "", scopes = new[] { "all", Scope.TokensWrite, Scope.AuditRead, null }, expiresAt = past });

        Assert.Equal(["/name required", "/scopes/0 unknown", "/scopes/3 required", "/expiresAt range", "/scopes/2 notHeld"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name required", "/scopes required"], (await editor.Post(Tokens, new { })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name tooLong", "/scopes required"], (await editor.Post(Tokens, new { name = new string('n', 201), scopes = Array.Empty<string>() }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/scopes duplicate"], (await editor.Post(Tokens, new { name = "x", scopes = new[] { Scope.AuditRead, Scope.AuditRead } }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/expiresAt range"], (await editor.Post(Tokens, new { name = "x", scopes = new[] { Scope.AuditRead }, expiresAt = fixture.Now().AddDays(365).AddMinutes(5) }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        (await editor.Post(Tokens, new { name = "x", scopes = new[] { Scope.AuditRead }, expiresAt = fixture.Now().AddDays(364) })).Is(HttpStatusCode.Created);
        Assert.Equal(["/expiresAt json"], (await editor.Post(Tokens, new { name = "x", scopes = new[] { Scope.AuditRead }, expiresAt = "2026-12-01" }))
            .Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_by_the_very_next_request_and_stays_listed()
    {
        var made = await Make(editor, Scope.ContentRead);
        using var client = With(fixture.Service, made.Member("secret"));
        (await client.Get(Desk.Sections)).Is(HttpStatusCode.OK);

        (await editor.Delete($"{Tokens}/{made.Member("id")}", made.ETag)).Is(HttpStatusCode.NoContent);
        (await client.Get(Desk.Sections)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        var revoked = (await editor.Get($"{Tokens}/{made.Member("id")}")).Is(HttpStatusCode.OK);
        Assert.NotEmpty(revoked.Member("revokedAt"));

        (await editor.Delete($"{Tokens}/{made.Member("id")}", made.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await editor.Delete($"{Tokens}/{made.Member("id")}", revoked.ETag)).Is(HttpStatusCode.NoContent);
        var again = (await editor.Get($"{Tokens}/{made.Member("id")}")).Is(HttpStatusCode.OK);
        Assert.Equal((revoked.Text, revoked.ETag), (again.Text, again.ETag));
    }

    [Fact]
    public async Task A_use_is_shown_and_changes_no_ETag()
    {
        var made = await Make(editor, Scope.ContentRead);
        using var client = With(fixture.Service, made.Member("secret"));
        await client.Get(Desk.Sections);
        await fixture.Service.Services.GetRequiredService<TokenUseRecorder>().Store(Ct);

        var read = await editor.Get($"{Tokens}/{made.Member("id")}");
        Assert.InRange(DateTimeOffset.Parse(read.Member("lastUsedAt"), null), DateTimeOffset.Parse(made.Member("createdAt"), null), fixture.Now());
        Assert.Equal(made.ETag, read.ETag);
    }

    [Fact]
    public async Task Pages_hold_every_token_once_oldest_first_though_all_were_made_at_one_instant()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        var now = fixture.Now();
        await Issue(service, 5, now.AddDays(1), now);

        var (seen, cursor) = (new List<(DateTimeOffset, string)>(), "");
        do
        {
            var page = (await client.Get($"{Tokens}?limit=2{cursor}")).Is(HttpStatusCode.OK);
            Assert.DoesNotContain("secret", page.Text, StringComparison.OrdinalIgnoreCase);
            seen.AddRange((page.Body["items"]?.AsArray() ?? []).Select(t => (DateTimeOffset.Parse(t?["createdAt"]?.ToString() ?? "", null), t?["id"]?.ToString() ?? "")));
            cursor = page.Body["next"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(6, seen.Distinct().Count());
        Assert.Equal(seen.OrderBy(t => t.Item1).ThenBy(t => t.Item2, StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task At_most_five_hundred_tokens_work_at_one_time_though_many_ask_at_once()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        var now = fixture.Now();
        await Issue(service, 10, now.AddSeconds(-1), now.AddDays(-1)); // expired ones do not count
        await Issue(service, AccessToken.MaxLive - 3, now.AddDays(1), now);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.Post(Tokens, new { name = $"{i}", scopes = new[] { Scope.ContentRead } })));
        var made = answers.Where(a => a.Status == HttpStatusCode.Created).ToList();
        Assert.Equal(2, made.Count);
        foreach (var refused in answers.Except(made)) refused.Refuses(HttpStatusCode.Conflict, "too-many-tokens");

        (await client.Delete($"{Tokens}/{made[0].Member("id")}", made[0].ETag)).Is(HttpStatusCode.NoContent);
        await Make(client, Scope.ContentRead);
    }

    [Fact]
    public async Task What_no_longer_works_leaves_the_list_after_thirty_days()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        var now = fixture.Now();
        await Issue(service, 1, now.AddDays(-29), now.AddDays(-90));
        await Issue(service, 1, now.AddDays(-31), now.AddDays(-90));
        var sweeper = service.Services.GetRequiredService<Sweeper>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        do await sweeper.RunOnce(Ct); // while the service's own timer is at it, this one does nothing
        while ((await client.Get(Tokens)).Body["items"]?.AsArray().Count != 2 && !patience.IsCancellationRequested);

        Assert.Equal(2, (await client.Get(Tokens)).Body["items"]?.AsArray().Count);
    }

    private static async Task Issue(TestService service, int count, DateTimeOffset expiresAt, DateTimeOffset createdAt)
    {
        await using var scope = service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CmsDbContext>();
        for (var i = 0; i < count; i++) db.Add(AccessToken.Issue(TokenSecret.Make(), $"T{i}", [Scope.ContentRead], null, createdAt, expiresAt));
        await db.SaveChangesAsync(Ct);
    }
}
