using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Operations;

public sealed class OutageTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ar-SA")]
    [InlineData("tr-TR")]
    public async Task A_service_serves_whatever_the_culture_of_its_machine_is(string culture)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture); // of this test alone: it flows with it
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);

        var story = await editor.Story(Wire.Unique("kultur"));

        (await editor.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_PostgreSQL_requests_are_503_soon_and_all_is_well_again_without_a_restart()
    {
        var (cable, connectionString) = Cable.Between(await fixture.Database.Create(Ct));
        await using var service = await TestService.Start(connectionString, Ct);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var story = await editor.Story(Wire.Unique("strom"));
        using var anybody = service.Anonymous();
        var cached = await anybody.Get($"{Desk.Published}?limit=1");

        cable.Cut();
        foreach (var (client, path) in new[] { (service.Anonymous(), $"{Desk.Published}/{story.Slug()}"), (editor, Desk.Articles) })
        {
            var begun = Stopwatch.GetTimestamp();
            var refused = (await client.Get(path)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
            Assert.NotNull(refused.Message.Headers.RetryAfter);
            Assert.True(refused.Message.Headers.CacheControl?.NoStore);
            Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 6);
        }

        (await editor.Post(Desk.Articles, new { headline = "x" })).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await editor.Get("/health/live")).Is(HttpStatusCode.OK);
        Answer held;
        do held = (await anybody.Get($"{Desk.Published}?limit=1")).Is(HttpStatusCode.OK);
        while (held.Message.Headers.CacheControl?.MaxAge != TimeSpan.FromSeconds(5)); // until the watch has given the database up
        Assert.Equal((cached.Text, cached.ETag), (held.Text, held.ETag));
        Assert.Equal("cms; hit; detail=stale", held.Message.Headers.GetValues("Cache-Status").Single());
        Assert.Equal("max-age=5", held.Message.Headers.GetValues("CDN-Cache-Control").Single());
        Assert.Null(held.Message.Headers.Age);
        var ready = (await editor.Get("/health/ready")).Is(HttpStatusCode.OK);
        Assert.Equal(("ready", "true", "false"), (ready.Member("status"), ready.Member("delivery"), ready.Member("management")));

        cable.Mend();
        (await editor.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
        (await editor.Post(Desk.Articles, new { headline = "x" })).Is(HttpStatusCode.Created);
        (await editor.Get("/health/ready")).Is(HttpStatusCode.OK);
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_holds_nothing_is_not_ready_without_PostgreSQL()
    {
        var (cable, connectionString) = Cable.Between(await fixture.Database.Create(Ct));
        await using var service = await TestService.Start(connectionString, Ct, new() { ["Cms:Delivery:CacheMegabytes"] = "0" });
        using var anybody = service.Anonymous();
        (await anybody.Get(Desk.Published)).Is(HttpStatusCode.OK);

        cable.Cut();
        Assert.Equal("unavailable", (await anybody.Get("/health/ready")).Is(HttpStatusCode.ServiceUnavailable).Member("status"));
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_dropped_all_connections_is_not_noticed_by_readers()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var story = await editor.Story(Wire.Unique("neustart"));
        (await editor.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var drop = source.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await drop.ExecuteNonQueryAsync(Ct);

        (await editor.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
        (await editor.Get($"{Desk.Articles}/{story.Id}")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lock_that_somebody_holds_is_503_and_not_an_endless_wait()
    {
        var draft = await fixture.Editor.Draft(Wire.Unique("gesperrt"));
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("SELECT 1 FROM cms.articles WHERE id = $1 FOR UPDATE", connection, transaction) { Parameters = { new() { Value = draft.Id } } };
        await hold.ExecuteNonQueryAsync(Ct);

        (await fixture.Editor.Patch($"{Desk.Articles}/{draft.Id}", new { kicker = "k" }, draft.ETag)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    [Fact]
    public async Task A_service_that_stops_finishes_what_it_began()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("LOCK TABLE cms.articles IN SHARE MODE", connection, transaction);
        await hold.ExecuteNonQueryAsync(Ct);

        var writing = editor.Post(Desk.Articles, new { headline = Wire.Unique("im-flug") });
        await using (var waiting = source.CreateCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cms.articles'::regclass"))
            while (await waiting.ExecuteScalarAsync(Ct) is 0L) await Task.Yield();
        var stopping = service.Stop();
        await transaction.RollbackAsync(Ct);

        (await writing).Is(HttpStatusCode.Created);
        await stopping;
    }
}
