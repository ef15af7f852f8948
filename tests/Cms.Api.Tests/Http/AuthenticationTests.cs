using System.Net;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Http;

public sealed class AuthenticationTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly HttpClient reader = fixture.Reader;

    [Fact]
    public async Task A_token_without_its_scheme_is_told_what_is_missing()
    {
        var refused = (await reader.Get(Desk.Articles, ("Authorization", Domain.Access.TokenSecret.Make().Reveal()))).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");

        Assert.Equal("Put \"Bearer \" before the token: Authorization: Bearer cms_…", refused.Member("detail"));
    }

    [Fact]
    public async Task The_service_s_own_address_leads_to_its_documentation()
    {
        var answer = await reader.Get("/");

        Assert.Equal((HttpStatusCode.Redirect, "/docs"), (answer.Message.StatusCode, answer.Message.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task Without_a_token_the_answer_says_how_to_send_one()
    {
        var refused = (await reader.Get(Desk.Articles)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");

        Assert.Equal("Bearer", refused.Message.Headers.WwwAuthenticate.Single().ToString());
        Assert.Equal("no-store", refused.Message.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Malformed_unknown_expired_and_revoked_tokens_get_one_same_answer()
    {
        await using var service = await fixture.StartService();
        using var client = service.Anonymous();
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        var (expired, revoked, good) = (await service.Token(Ct, Scope.ContentRead), await service.Token(Ct, Scope.ContentRead), await service.Token(Ct, Scope.ContentRead));
        await Execute(source, "UPDATE cms.tokens SET expires_at = now() - interval '1 second' WHERE id = $1", expired.Split('_')[1]);
        await Execute(source, "UPDATE cms.tokens SET revoked_at = now() WHERE id = $1", revoked.Split('_')[1]);
        var wrongSecret = new TokenSecret(good.Split('_')[1], TokenSecret.Make().Secret).Reveal();

        var answers = new List<string>();
        foreach (var token in new[] { "nonsense", "cms_" + new string('a', 62), TokenSecret.Make().Reveal(), expired, revoked, wrongSecret, good[..^1] + (good[^1] == 'a' ? 'b' : 'a') })
        {
            var refused = (await client.Get(Desk.Articles, ("Authorization", $"Bearer {token}"))).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal("Bearer error=\"invalid_token\"", refused.Message.Headers.WwwAuthenticate.Single().ToString());
            var body = refused.Body;
            body.Remove("traceId");
            answers.Add(body.ToJsonString());
        }

        Assert.Single(answers.Distinct());
        (await client.Get(Desk.Articles, ("Authorization", $"Bearer {good}"))).Is(HttpStatusCode.OK);
        (await client.Get(Desk.Articles, ("Authorization", $"bearer {good}"))).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_is_read_from_one_header_and_nowhere_else()
    {
        var token = await fixture.Service.Token(Ct, Scope.ContentRead);

        (await reader.Get(Desk.Articles, ("Authorization", $"Bearer {token}, Bearer {token}"))).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await reader.Get($"{Desk.Articles}?access_token={token}")).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        (await reader.Get(Desk.Articles, ("Cookie", $"token={token}"))).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        (await reader.Get(Desk.Articles, ("Authorization", $"Basic {token}"))).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Past_twenty_refused_tokens_a_minute_an_address_waits_but_a_good_token_never()
    {
        await using var service = await fixture.StartService();
        using var client = service.Anonymous();
        var good = await service.Token(Ct, Scope.ContentRead);
        for (var i = 0; i < 30; i++) (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        for (var i = 0; i < 20; i++) (await client.Get(Desk.Articles, ("Authorization", "Bearer no"))).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");

        var limited = (await client.Get(Desk.Articles, ("Authorization", "Bearer no"))).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.NotNull(limited.Message.Headers.RetryAfter);
        (await client.Get(Desk.Articles, ("Authorization", $"Bearer {good}"))).Is(HttpStatusCode.OK);
        (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_token_that_asks_too_often_waits_and_is_told_how_long()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:RequestsPerMinute"] = "5", ["Cms:Limits:WritesPerMinute"] = "2" });
        using var client = await service.Client(Ct, Scope.ArticlesWrite);
        using var other = await service.Client(Ct, Scope.ArticlesWrite);
        var first = (await client.Post(Desk.Articles, new { headline = "a" })).Is(HttpStatusCode.Created);
        Assert.Equal("\"requests\";q=5;w=60, \"writes\";q=2;w=60", first.Message.Headers.GetValues("RateLimit-Policy").Single());
        Assert.StartsWith("\"writes\";r=1;t=", first.Message.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal);
        (await client.Post(Desk.Articles, new { headline = "a" })).Is(HttpStatusCode.Created);

        var limited = (await client.Post(Desk.Articles, new { headline = "a" })).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.NotNull(limited.Message.Headers.RetryAfter);
        (await client.Get(Desk.Articles)).Is(HttpStatusCode.OK);
        (await client.Get(Desk.Articles)).Is(HttpStatusCode.OK);
        (await client.Get(Desk.Articles)).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
        (await other.Get(Desk.Articles)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/management/v1//articles")]
    [InlineData("/management/v1/articles/")]
    [InlineData("/Management/V1/Articles")]
    [InlineData("/management/v1/%61rticles")]
    [InlineData("/management%2fv1/articles")]
    [InlineData("/delivery/../management/v1/articles")]
    [InlineData("/management/v1/articles;x=1")]
    public async Task No_spelling_of_a_path_gets_past_the_scopes(string path)
    {
        var answer = await reader.Get(path, ("X-Original-URL", Desk.Published), ("X-HTTP-Method-Override", "GET"));

        Assert.True(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, answer.Text);
    }

    private static async Task Execute(NpgsqlDataSource source, string sql, string id)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
    }
}
