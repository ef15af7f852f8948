using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Cms.Api.Tests.Http;

public sealed class ProtectionTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly HttpClient reader = fixture.Reader, editor = fixture.Editor;

    [Theory]
    [InlineData("GET", "/delivery/v1/site")]
    [InlineData("GET", "/delivery/v1/articles/never")]
    [InlineData("GET", "/management/v1/articles")]
    [InlineData("GET", "/nowhere")]
    [InlineData("PUT", "/delivery/v1/site")]
    [InlineData("GET", "/health/live")]
    public async Task Every_answer_carries_the_headers_of_protection(string method, string path)
    {
        var answer = await reader.Ask(new HttpMethod(method), path, null, null);

        Assert.Equal("nosniff", answer.Message.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Message.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Message.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(answer.Message.Headers.Contains("Server"));
        Assert.False(answer.Message.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Management_is_never_cached_and_never_for_unlisted_origins()
    {
        var answer = (await editor.Get(Desk.Articles, ("Origin", "https://evil.example"))).Is(HttpStatusCode.OK);

        Assert.Equal("no-store", answer.Message.Headers.CacheControl?.ToString());
        Assert.False(answer.Message.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False((await editor.Get(Desk.Articles, ("Origin", "null"))).Message.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_listed_origin_may_call_management_from_a_browser()
    {
        await using var service = await fixture.StartService(new() { ["Cms:ManagementOrigins"] = "https://desk.example" });
        using var client = service.Anonymous();
        var preflight = await client.Ask(HttpMethod.Options, Desk.Articles, null, null,
            ("Origin", "https://desk.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,idempotency-key"));

        Assert.Equal("https://desk.example", preflight.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(preflight.Message.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Another_method_is_405_and_says_which_there_are()
    {
        var refused = (await editor.Ask(HttpMethod.Put, Desk.Articles, new { }, "application/json")).Refuses(HttpStatusCode.MethodNotAllowed, "method-not-allowed");

        Assert.Equal(["GET", "POST"], refused.Message.Content.Headers.Allow.Order());
        (await reader.Ask(HttpMethod.Trace, Desk.Published, null, null)).Refuses(HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        (await reader.Ask(HttpMethod.Delete, $"{Desk.Published}/x", null, null)).Refuses(HttpStatusCode.MethodNotAllowed, "method-not-allowed");
    }

    [Fact]
    public async Task A_long_address_is_414_and_many_headers_are_431()
    {
        (await reader.Get($"{Desk.Published}?tag={new string('a', 8_200)}")).Refuses(HttpStatusCode.RequestUriTooLong, "uri-too-long");
        (await reader.Get(Desk.Published, ("X-Large", new string('a', 33_000)))).Refuses((HttpStatusCode)431, "headers-too-large");
        (await reader.Get(Desk.Published, [.. Enumerable.Range(0, 70).Select(i => ($"X-{i}", "1"))])).Refuses((HttpStatusCode)431, "headers-too-large");
    }

    [Theory]
    [InlineData("/delivery/v1/articles?tag=a%00b")]
    [InlineData("/delivery/v1/articles/%c3%28")]
    [InlineData("/delivery/v1/articles?tag=%ff")]
    [InlineData("/delivery/v1/articles?tag=%c0%80")]
    [InlineData("/delivery/v1/articles?tag=%ed%a0%80")]
    [InlineData("/health/live?a=%00")]
    [InlineData("/health/ready?a=%00")]
    [InlineData("/problems/stale?a=%00")]
    public async Task What_cannot_be_stored_is_malformed_wherever_it_stands(string path) => (await reader.Get(path)).Refuses(HttpStatusCode.BadRequest, "malformed");

    [Fact]
    public async Task A_NUL_in_the_path_is_refused_by_the_server_itself() =>
        (await reader.Get("/delivery/v1/articles/a%00b")).Is(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_name_that_is_not_ours_is_refused_but_probes_are_answered()
    {
        (await reader.Get(Desk.Published, ("Host", "evil.example"))).Refuses(HttpStatusCode.BadRequest, "unknown-host");
        (await reader.Get(Desk.Published, ("Host", "cms.example.org"))).Is(HttpStatusCode.OK);
        (await reader.Get("/health/live", ("Host", "10.0.0.7"))).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_answer_holds_the_name_it_was_asked_under()
    {
        var answer = await editor.Post(Desk.Articles, new { headline = Wire.Unique("host") }, ("Host", "cms.example.org"));

        Assert.StartsWith("/management/v1/articles/", answer.Message.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_in_another_media_type_coding_or_too_large_is_refused()
    {
        (await editor.Ask(HttpMethod.Post, Desk.Articles, "headline=a", "application/x-www-form-urlencoded")).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await editor.Ask(HttpMethod.Post, Desk.Articles, "{}", "application/json; charset=utf-16")).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await editor.Post(Desk.Articles, "{}", ("Content-Encoding", "gzip"))).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await editor.Post(Desk.Sections, "{" + new string(' ', 64 * 1024) + "}")).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
        (await editor.Post(Desk.Articles, "{ }" + new string(' ', 1024 * 1024))).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Fact]
    public async Task Two_lengths_at_once_are_refused_and_the_connection_is_closed()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, fixture.Service.Address.Port, Ct);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /management/v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /delivery/v1/site HTTP/1.1\r\nHost: localhost\r\n\r\n"), Ct);
        using var text = new StreamReader(stream, Encoding.ASCII);
        var answer = await text.ReadToEndAsync(Ct);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_full_face_is_503_at_once_and_leaves_the_other_alone()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:ManagementAtOnce"] = "1" });
        using var client = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("LOCK TABLE cms.articles IN SHARE MODE", connection, transaction);
        await hold.ExecuteNonQueryAsync(Ct);

        // A write that waits for the table holds the only place.
        var waiting = client.Post(Desk.Articles, new { headline = Wire.Unique("wartet") });
        await using (var count = source.CreateCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cms.articles'::regclass"))
            while (await count.ExecuteScalarAsync(Ct) is 0L) await Task.Yield();
        var refused = (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.NotNull(refused.Message.Headers.RetryAfter);
        (await client.Get("/delivery/v1/site")).Is(HttpStatusCode.OK);
        await transaction.RollbackAsync(Ct);
        (await waiting).Is(HttpStatusCode.Created);
    }
}
