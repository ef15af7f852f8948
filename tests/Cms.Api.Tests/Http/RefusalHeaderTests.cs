using System.Net;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Http;

/// <summary>What a refusal carries, though an exception made it and what was set before is lost.</summary>
public sealed class RefusalHeaderTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static void IsProtected(Answer answer)
    {
        Assert.Equal("nosniff", answer.Message.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Message.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Message.Headers.GetValues("Content-Security-Policy").Single());
        Assert.True(answer.Message.Headers.CacheControl?.NoStore);
        Assert.NotEmpty(answer.Message.Headers.GetValues("RateLimit"));
        Assert.NotEmpty(answer.Message.Headers.GetValues("RateLimit-Policy"));
    }

    [Fact]
    public async Task A_refusal_of_a_body_a_precondition_or_a_rule_is_protected_as_any_answer()
    {
        var draft = await editor.Draft(Wire.Unique("schutz"));
        var story = await editor.Publish(draft);

        IsProtected((await editor.Post(Desk.Articles, "{")).Refuses(HttpStatusCode.BadRequest, "malformed"));
        IsProtected((await editor.Delete($"{Desk.Articles}/{story.Id}", "no tag")).Refuses(HttpStatusCode.BadRequest, "malformed"));
        IsProtected((await editor.Delete($"{Desk.Articles}/{story.Id}", story.ETag)).Refuses(HttpStatusCode.Conflict, "article-published"));
        IsProtected((await editor.Delete($"{Desk.Articles}/{story.Id}", draft.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale"));
        IsProtected((await editor.Post(Desk.Articles, new { })).Refuses(HttpStatusCode.UnprocessableEntity, "validation"));
    }

    [Fact]
    public async Task A_fault_of_ours_is_protected_too_says_nothing_of_itself_and_is_found_in_the_log()
    {
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);
        using var client = await service.Client(Ct, [.. Scope.All]);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using (var rename = source.CreateCommand("ALTER TABLE cms.authors RENAME TO verschwunden")) await rename.ExecuteNonQueryAsync(Ct);

        var fault = (await client.Get("/management/v1/authors")).Refuses(HttpStatusCode.InternalServerError, "internal");

        IsProtected(fault);
        foreach (var word in new[] { "cms.authors", "42P01", "relation", "Npgsql", "Exception", " at " }) Assert.DoesNotContain(word, fault.Text, StringComparison.Ordinal);
        await service.Stop(); // a line is written after its answer: the last may be still to come
        Assert.Contains(logs.Lines, line => line.Contains("42P01", StringComparison.Ordinal) && line.Contains(fault.Member("traceId"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_asked_too_often_is_told_so_before_it_is_told_of_its_scopes()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:RequestsPerMinute"] = "2" });
        using var client = await service.Client(Ct, Scope.AuditRead);

        IsProtected((await client.Get(Desk.Articles)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope"));
        (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
    }

    [Fact]
    public async Task Header_lines_are_counted_and_not_their_names()
    {
        var lines = string.Concat(Enumerable.Repeat("X-A: 1\r\n", 70));
        var long502 = string.Concat(Enumerable.Repeat($"{new string('x', 502)}: 1\r\n", 64));

        foreach (var many in new[] { lines, long502 })
            Assert.StartsWith("HTTP/1.1 431", await RawHttp.Ask(fixture.Service.Address, $"GET /delivery/v1/site HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{many}\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/management/v1/%61rticles")]
    [InlineData("/delivery/../management/v1/articles")]
    [InlineData("/management/v1/%2e/articles")]
    [InlineData("//management/v1/articles")]
    public async Task No_raw_spelling_of_a_path_gets_past_the_scopes(string path)
    {
        foreach (var token in new[] { "", $"Authorization: Bearer {await fixture.Service.Token(Ct, Scope.AuditRead)}\r\n" })
            foreach (var method in new[] { "GET", "HEAD" })
            {
                var answer = await RawHttp.Ask(fixture.Service.Address, $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}\r\n");
                Assert.Contains(answer[9..12], new[] { "401", "403", "404", "405" });
            }
    }

    [Fact]
    public async Task Two_lines_of_Authorization_are_400_though_both_are_right()
    {
        var line = $"Authorization: Bearer {await fixture.Service.Token(Ct, Scope.ContentRead)}\r\n";

        Assert.StartsWith("HTTP/1.1 200", await RawHttp.Ask(fixture.Service.Address, $"GET {Desk.Articles} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{line}\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await RawHttp.Ask(fixture.Service.Address, $"GET {Desk.Articles} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{line}{line}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bare_line_feed_in_a_chunk_and_a_NUL_in_a_header_are_400()
    {
        var token = await fixture.Service.Token(Ct, Scope.ArticlesWrite);
        var chunked = $"POST {Desk.Articles} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "10\n{\"headline\":\"a\"}\r\n0\r\n\r\n";

        Assert.StartsWith("HTTP/1.1 400", await RawHttp.Ask(fixture.Service.Address, chunked), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400", await RawHttp.Ask(fixture.Service.Address, "GET /delivery/v1/site HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_proxy_says_counts_only_when_it_is_a_known_one()
    {
        using var logs = new CollectedLogs();
        await using var stranger = await fixture.StartService(configure: logs.Collect);
        await using var known = await fixture.StartService(new() { ["Cms:KnownProxies"] = "127.0.0.0/8, ::1" }, logs.Collect);
        foreach (var service in new[] { stranger, known })
        {
            using var client = service.Anonymous();
            var answer = await client.Get("/delivery/v1/site", ("X-Forwarded-For", "203.0.113.77"), ("X-Forwarded-Proto", "https"));
            Assert.Equal(service == known, answer.Message.Headers.Contains("Strict-Transport-Security"));
            await service.Stop(); // a line is written after its answer: the last may be still to come
        }

        Assert.Single(logs.Lines, line => line.Contains("203.0.113.0", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("203.0.113.77", StringComparison.Ordinal));
    }
}
