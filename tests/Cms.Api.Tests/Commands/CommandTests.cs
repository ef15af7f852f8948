using System.Net;
using Cms.Api.Commands;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Commands;

public sealed class CommandTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<(int Code, string Output, string Error)> Run(string connectionString, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        string[] settings =
        [
            $"--ConnectionStrings:Cms={connectionString}", "--Cms:PublicUrl=https://cms.example.org", "--Logging:Console:LogLevel:Default=None",
            "--Cms:SuppressionKey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "--urls=http://127.0.0.1:0",
        ];
        var code = await CommandLine.Run([.. args, .. settings], TextWriter.Synchronized(output), TextWriter.Synchronized(error), Ct);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Four_nodes_may_migrate_an_empty_database_at_one_time()
    {
        var connectionString = await fixture.Database.Create(Ct);

        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Run(connectionString, "migrate")));

        Assert.All(runs, r => Assert.Equal((0, ""), (r.Code, r.Error)));
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var count = source.CreateCommand("SELECT count(*) FROM cms.site");
        Assert.Equal(1L, await count.ExecuteScalarAsync(Ct));
        Assert.Contains("up to date", (await Run(connectionString, "migrate")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_is_behind_is_not_served_and_the_command_is_named()
    {
        var refused = await Run(await fixture.Database.Create(Ct), "--environment=Production");

        Assert.Equal(1, refused.Code);
        Assert.Contains("Cms.Api.dll migrate", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_needs_a_database_a_public_address_and_a_suppression_key()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, await CommandLine.Run(["--environment=Production"], output, error, Ct));
        Assert.Contains("ConnectionStrings__Cms", error.ToString(), StringComparison.Ordinal);

        var connectionString = await fixture.Database.Create(Ct);
        Assert.Equal(0, (await Run(connectionString, "migrate")).Code);
        error = new StringWriter();
        Assert.Equal(1, await CommandLine.Run(["--environment=Production", $"--ConnectionStrings:Cms={connectionString}"], output, error, Ct));
        Assert.Contains("Cms__SuppressionKey", error.ToString(), StringComparison.Ordinal);
        error = new StringWriter();
        var key = Convert.ToBase64String(new byte[32]);
        Assert.Equal(1, await CommandLine.Run(["--environment=Production", $"--ConnectionStrings:Cms={connectionString}", $"--Cms:SuppressionKey={key}"], output, error, Ct));
        Assert.Contains("Cms__PublicUrl", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_the_command_line_works_and_is_printed_alone()
    {
        var made = await Run(fixture.Service.ConnectionString, "token", "create", "--name", "Frontend", "--scope", "content:read,audit:read", "--days", "5");
        Assert.Equal(0, made.Code);
        Assert.True(TokenSecret.TryParse(made.Output.TrimEnd(), out _));

        var answer = await fixture.Reader.Get(Desk.Articles, ("Authorization", $"Bearer {made.Output.TrimEnd()}"));
        answer.Is(HttpStatusCode.OK);
        (await fixture.Reader.Post(Desk.Articles, new { headline = "x" }, ("Authorization", $"Bearer {made.Output.TrimEnd()}"))).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
    }

    [Theory]
    [InlineData("--scope takes", "token", "create", "--name", "x")]
    [InlineData("--scope takes", "token", "create", "--name", "x", "--scope", "everything")]
    [InlineData("--name is missing", "token", "create", "--scope", "content:read")]
    [InlineData("--days takes", "token", "create", "--name", "x", "--scope", "content:read", "--days", "366")]
    public async Task A_token_that_is_not_asked_for_rightly_is_refused_with_what_to_write(string message, params string[] args)
    {
        var refused = await Run(fixture.Service.ConnectionString, args);

        Assert.Equal(1, refused.Code);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_the_commands_and_an_unknown_one_is_misuse()
    {
        var help = await Run(fixture.Service.ConnectionString, "--help");
        Assert.All(new[] { "migrate", "seed", "token create", "roles" }, c => Assert.Contains(c, help.Output, StringComparison.Ordinal));

        Assert.Equal(2, (await Run(fixture.Service.ConnectionString, "dance")).Code);
    }

    [Fact]
    public async Task Roles_prints_SQL_that_an_administrator_can_run()
    {
        var connectionString = await fixture.Database.Create(Ct);
        await Run(connectionString, "migrate");
        var roles = await Run(connectionString, "roles");

        Assert.Equal(0, roles.Code);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var run = source.CreateCommand(roles.Output);
        await run.ExecuteNonQueryAsync(Ct);
    }

    [Fact]
    public async Task The_sample_newsroom_is_loaded_once_and_its_article_has_the_slug_of_its_title()
    {
        var connectionString = await fixture.Database.Create(Ct);
        await Run(connectionString, "migrate");
        var seeded = await Run(connectionString, "seed");
        Assert.Equal((0, ""), (seeded.Code, seeded.Error));
        Assert.Equal(1, (await Run(connectionString, "seed")).Code);

        await using var service = await TestService.Start(connectionString, Ct);
        using var reader = service.Anonymous();
        var article = (await reader.Get($"{Desk.Published}/en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine")).Is(HttpStatusCode.OK);
        Assert.Equal("International", article.Body["section"]!["name"]!.GetValue<string>());
        Assert.Equal("Ces deux personnalités se sont offert dans cadeaux.", article.Member("standfirst"));
        Assert.Contains(article.Body["body"]!.AsArray(), b => b!["type"]!.GetValue<string>() == "heading" && b["text"]!.GetValue<string>() == "Autres cadeaux échangés");
        Assert.Contains(article.Body["body"]!.AsArray(), b => b!["type"]!.GetValue<string>() == "related" && b["label"]!.GetValue<string>() == "À lire aussi" && b["article"]!["slug"] is not null);
        Assert.Equal(["Ech Chorouk", "Paris Match"], article.Body["sources"]!.AsArray().Select(s => s!["name"]!.GetValue<string>()).Order());
        Assert.True((await reader.Get($"{Desk.Published}?limit=100")).Body["items"]!.AsArray().Count >= 12);
    }
}
