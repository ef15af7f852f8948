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
            "--Cms:SuppressionKey=jCncclDz6B30RBS/YqasaQbgeojdJilkefd9zI9zcWI=", "--urls=http://127.0.0.1:0",
        ];
        var missing = settings.Where(s => !args.Any(a => a.StartsWith(s[..(s.IndexOf('=', StringComparison.Ordinal) + 1)], StringComparison.Ordinal)));
        var code = await CommandLine.Run([.. args, .. missing], TextWriter.Synchronized(output), TextWriter.Synchronized(error), Ct);
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
        Assert.Equal(1, await CommandLine.Run(["--environment=Production", $"--ConnectionStrings:Cms={connectionString}", $"--Cms:SuppressionKey={Convert.ToBase64String(new byte[32])}"], output, error, Ct));
        Assert.Contains("Cms__SuppressionKey", error.ToString(), StringComparison.Ordinal); // a sample is no secret
        error = new StringWriter();
        var key = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        Assert.Equal(1, await CommandLine.Run(["--environment=Production", $"--ConnectionStrings:Cms={connectionString}", $"--Cms:SuppressionKey={key}"], output, error, Ct));
        Assert.Contains("Cms__PublicUrl", error.ToString(), StringComparison.Ordinal);
        foreach (var url in new[] { "https://bücher.example", $"https://{new string('a', 193)}" }) // 201 characters
        {
            error = new StringWriter();
            Assert.Equal(1, await CommandLine.Run(["--environment=Production", $"--ConnectionStrings:Cms={connectionString}", $"--Cms:SuppressionKey={key}", $"--Cms:PublicUrl={url}"], output, error, Ct));
            Assert.Contains("at most 200 characters, its host in A-labels", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_background_gave_up_is_listed_and_can_be_tried_again()
    {
        var connectionString = await fixture.Database.Create(Ct);
        Assert.Equal(0, (await Run(connectionString, "migrate")).Code);
        Assert.StartsWith("0 events wait, 0 were given up.", (await Run(connectionString, "outbox")).Output, StringComparison.Ordinal);
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var insert = source.CreateCommand(
            "INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead) VALUES ('unheard-of', gen_random_uuid(), now(), now(), 12, true)");
        await insert.ExecuteNonQueryAsync(Ct);

        var told = await Run(connectionString, "outbox");
        Assert.StartsWith("0 events wait, 1 were given up.", told.Output, StringComparison.Ordinal);
        Assert.Contains("unheard-of", told.Output, StringComparison.Ordinal);
        Assert.StartsWith("1 events will be tried again.", (await Run(connectionString, "outbox", "retry")).Output, StringComparison.Ordinal);
        Assert.StartsWith("1 events wait, 0 were given up.", (await Run(connectionString, "outbox")).Output, StringComparison.Ordinal);
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

        Assert.Equal(2, refused.Code);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token create --name N", "token")]
    [InlineData("token create --name N", "token", "list")]
    [InlineData("\"--day\" is not known", "token", "create", "--name", "x", "--scope", "all", "--day", "5")]
    [InlineData("\"now\" is not known", "migrate", "now")]
    [InlineData("\"--dry-run\" is not known", "migrate", "--dry-run")]
    [InlineData("\"--url=http://localhost:1\" is not known", "--url=http://localhost:1")]
    [InlineData("--urls needs a value", "seed", "--urls")]
    [InlineData("a port from 1 to 65535", "health", "abc")]
    [InlineData("a port from 1 to 65535", "health", "0")]
    [InlineData("There is no command \"dance\"", "dance")]
    public async Task An_argument_that_nobody_would_read_is_misuse_and_nothing_is_done(string message, params string[] args)
    {
        var refused = await Run(fixture.Service.ConnectionString, args);

        Assert.Equal((2, ""), (refused.Code, refused.Output));
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("ConnectionStrings__Cms is not like \"Host=", "--environment=Production", "--ConnectionStrings:Cms=foo")]
    [InlineData("ConnectionStrings__CmsReplicas is not like \"Host=", "--environment=Production", "--ConnectionStrings:CmsReplicas=Username=me")]
    [InlineData("ConnectionStrings__CmsDelivery is not like \"Host=", "--environment=Production", "--ConnectionStrings:CmsDelivery=Username=me")]
    [InlineData("Cms__SecretsFolder is \"nowhere\"", "migrate", "--Cms:SecretsFolder=nowhere")]
    [InlineData("Cms__KnownProxies has \"proxy.example\"", "migrate", "--Cms:KnownProxies=10.0.0.0/8,proxy.example")]
    [InlineData("Cms:Limits:WritesPerMinute", "--environment=Testing", "--Cms:Limits:WritesPerMinute=many")]
    [InlineData("Cms__Mail__HeloName is a name in ASCII", "--environment=Testing", "--Cms:Mail:HeloName=a b")]
    [InlineData("Invalid url: 'example'", "--environment=Testing", "--urls=example")]
    public async Task A_setting_that_cannot_be_read_is_named_in_one_line(string message, params string[] args)
    {
        var refused = await Run(fixture.Service.ConnectionString, args);

        Assert.Equal(1, refused.Code);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("DataAnnotation", refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_the_address_and_how_to_choose_another()
    {
        var address = fixture.Service.Address.GetLeftPart(UriPartial.Authority);

        var refused = await Run(fixture.Service.ConnectionString, "--environment=Testing", $"--urls={address}");

        Assert.Equal((1, ""), (refused.Code, refused.Output));
        Assert.Contains(address, refused.Error, StringComparison.Ordinal);
        Assert.Contains("--urls http://localhost:8081", refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_damaged_suppression_key_is_told_and_not_replaced()
    {
        var folder = Directory.CreateTempSubdirectory("cms-test-");
        var file = Path.Combine(folder.FullName, "suppression.key");
        await File.WriteAllTextAsync(file, "AAAA", Ct);

        var refused = await Run(fixture.Service.ConnectionString, "roles", "--environment=Development", $"--Cms:DataFolder={folder.FullName}", "--Cms:SuppressionKey=");

        Assert.Equal(1, refused.Code);
        Assert.Contains(file, refused.Error, StringComparison.Ordinal);
        Assert.Equal("AAAA", await File.ReadAllTextAsync(file, Ct));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Help_lists_the_commands()
    {
        var help = await Run(fixture.Service.ConnectionString, "--help");
        Assert.All(new[] { "migrate", "seed", "token create", "roles" }, c => Assert.Contains(c, help.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_asked_of_a_command_is_help_and_the_command_is_not_run()
    {
        var connectionString = await fixture.Database.Create(Ct);

        var help = await Run(connectionString, "migrate", "--help");

        Assert.Contains("bring the database's schema up to date", help.Output, StringComparison.Ordinal);
        Assert.Contains("Applied", (await Run(connectionString, "migrate")).Output, StringComparison.Ordinal);
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
    public async Task An_owner_who_may_make_no_roles_migrates_once_an_administrator_ran_what_roles_prints()
    {
        var settings = new NpgsqlConnectionStringBuilder(await fixture.Database.Create(Ct));
        await using var administrator = NpgsqlDataSource.Create(settings.ConnectionString);
        (settings.Username, settings.Password) = ($"{settings.Database}_owner", Wire.Unique("geheim"));
        await Execute($"CREATE ROLE {settings.Username} LOGIN PASSWORD '{settings.Password}'; ALTER DATABASE {settings.Database} OWNER TO {settings.Username}");

        var refused = await Run(settings.ConnectionString, "migrate");
        Assert.Equal(1, refused.Code);
        Assert.Contains("`roles`", refused.Error, StringComparison.Ordinal);
        await Execute((await Run(settings.ConnectionString, "roles")).Output);
        var migrated = await Run(settings.ConnectionString, "migrate");

        Assert.Equal((0, ""), (migrated.Code, migrated.Error));
        await using var service = await TestService.Start(settings.ConnectionString, Ct);
        using var reader = service.Anonymous();
        (await reader.Get(Desk.Published)).Is(HttpStatusCode.OK);

        async Task Execute(string sql)
        {
            await using var command = administrator.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Ct);
        }
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
        var front = (await reader.Get("/delivery/v1/lists/une")).Is(HttpStatusCode.OK).Body["items"]!.AsArray();
        Assert.Equal((10, article.Slug()), (front.Count, front[0]!["slug"]!.GetValue<string>()));
        Assert.Equal(3, (await reader.Get("/delivery/v1/sections/international?include=list")).Is(HttpStatusCode.OK).Body["list"]!["items"]!.AsArray().Count);
        Assert.True((await reader.Get($"{Desk.Published}?limit=100")).Body["items"]!.AsArray().Count >= 12);
    }
}
