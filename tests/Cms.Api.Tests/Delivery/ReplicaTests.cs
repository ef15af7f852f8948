using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cms.Api.Tests.Operations;
using Cms.Api.Tests.Postgres;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Delivery;

/// <summary>Readers on a standby by streaming replication, a real one, which is killed, held back and cut off under them.</summary>
public sealed class ReplicaTests(Replication servers) : IClassFixture<Replication>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_are_served_by_the_standby_alone()
    {
        await using var service = await Serve(servers.Standby);
        using var reader = service.Anonymous();
        var story = await Story(service, "lesbar");
        await UntilTheStandbyServes(reader);
        string[] paths =
        [
            $"{Desk.Published}/{story.Slug()}", $"{Desk.Published}/{story.Slug()}?render=html", $"{Desk.Published}/{story.Slug()}?render=text", $"{Desk.Published}/{story.Slug()}/head",
            $"{Desk.Published}/{story.Slug()}/related", Desk.Published, "/delivery/v1/sections", "/delivery/v1/lists", "/delivery/v1/tags", "/delivery/v1/site", "/delivery/v1/changes",
            "/delivery/v1/search?q=lesbar", "/feeds/articles.rss", "/sitemaps/index.xml", "/sitemaps/news.xml",
        ];

        using var reads = new StandbyReads();
        var begun = await Replication.Sql(servers.Primary, "SELECT clock_timestamp()::text");
        foreach (var path in paths)
        {
            var before = reads.Standby;
            (await reader.Get(path)).Is(HttpStatusCode.OK);
            Assert.True(reads.Standby > before, $"{path} was not read of the standby.");
        }

        Assert.Equal(0, reads.Primary);
        Assert.True(await Replication.Sql(servers.Standby, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cms-delivery' AND query LIKE '%delivery.%'") is > 0L);
        // Nobody asked the primary but the watch, on a connection of its own.
        Assert.Equal(0L, await Replication.Sql(
            servers.Primary, $"SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('cms-delivery', 'cms-search') AND query_start > '{begun}'"));
        (await reader.Get("/delivery/v1/articles/keiner-hat-es-geschrieben")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_standby_that_is_killed_under_load_and_comes_back_costs_no_reader_anything()
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(servers.Standby, logs, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 12);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using (var load = new Crowd(service, stories))
        {
            await Until(() => reads.Standby > 500);
            await servers.Kill();
            var before = reads.Primary;
            await Until(() => reads.Primary > before + 500);
            await servers.Return();
            before = reads.Standby;
            await Until(() => reads.Standby > before + 500);
            await load.End();
            Assert.Empty(load.Failures);
        }

        Assert.Single(logs.Lines, l => l.Contains("serves no readers", StringComparison.Ordinal));
        Assert.Equal(2, logs.Lines.Count(l => l.Contains("serves readers", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_standby_behind_a_wall_that_drops_everything_costs_a_reader_a_second_or_two_once()
    {
        var (cable, connectionString) = Cable.Between(servers.Standby);
        await using var service = await Serve(connectionString, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 12);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using (var load = new Crowd(service, stories))
        {
            await Until(() => reads.Standby > 200);
            cable.Wall();
            var before = reads.Primary;
            await Until(() => reads.Primary > before + 500);
            load.Restart();
            before = reads.Primary;
            await Until(() => reads.Primary > before + 500);
            Assert.InRange(load.Slow, 0, 2 * Crowd.Readers); // nobody waits for it any more, but who did already
            cable.Open();
            before = reads.Standby;
            await Until(() => reads.Standby > before + 200);
            await load.End();
            Assert.Empty(load.Failures);
        }

        await cable.DisposeAsync();
    }

    [Fact]
    public async Task Questions_that_the_standby_breaks_off_are_asked_of_the_primary()
    {
        await using var service = await Serve(servers.Standby, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 12);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using var load = new Crowd(service, stories);
        // As a query is ended that is in the way of what is replayed: cancelled, or with its connection.
        foreach (var end in new[] { "pg_cancel_backend", "pg_terminate_backend" })
            await Replication.Sql(servers.Standby, $"""
                DO $$ DECLARE ended int := 0; BEGIN
                  WHILE ended < 10 LOOP
                    PERFORM pg_stat_clear_snapshot();
                    ended := ended + (SELECT count({end}(pid)) FROM pg_stat_activity WHERE application_name = 'cms-delivery' AND state = 'active');
                  END LOOP;
                END $$
                """);

        var before = reads.Standby;
        await Until(() => reads.Standby > before + 200);
        await load.End();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task Of_a_standby_that_is_held_back_no_reader_sees_anything_old()
    {
        await using var service = await Serve(servers.Standby);
        await using var other = await Serve(servers.Standby);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        using var elsewhere = other.Anonymous();
        var section = await editor.OpenSection();
        var (kept, gone, moved) = (await editor.Story(Wire.Unique("bleibt"), section.Id), await editor.Story(Wire.Unique("geht"), section.Id), await editor.Story(Wire.Unique("zieht"), section.Id));
        await UntilTheStandbyServes(reader);
        await UntilTheStandbyServes(elsewhere);
        string list = $"{Desk.Published}?section={section.Slug()}", page = $"/delivery/v1/sections/{section.Slug()}?include=articles", feed = $"/feeds/sections/{section.Slug()}.json";
        var cursor = await EndOfChanges(reader);

        await servers.Hold();
        try
        {
            var fresh = await editor.Story(Wire.Unique("neu"), section.Id);
            Assert.Equal(fresh.Slug(), (await reader.Get($"{Desk.Published}/{fresh.Slug()}")).Is(HttpStatusCode.OK).Slug());
            kept = await editor.Publish(await editor.Change(kept, new { kicker = "Neu" }));
            Assert.Equal("Neu", (await reader.Get($"{Desk.Published}/{kept.Slug()}")).Is(HttpStatusCode.OK).Member("kicker"));
            await editor.Withdraw(gone);
            (await reader.Get($"{Desk.Published}/{gone.Slug()}")).Refuses(HttpStatusCode.Gone, "gone");
            await editor.Publish(await editor.Change(moved, new { slug = moved.Slug() + "-neu" }));
            Assert.EndsWith(moved.Slug() + "-neu", (await reader.Get($"{Desk.Published}/{moved.Slug()}")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString(), StringComparison.Ordinal);
            string[] right = [fresh.Slug(), moved.Slug() + "-neu", kept.Slug()];
            foreach (var path in new[] { list, page, feed, $"/delivery/v1/search?q=bleibt&section={section.Slug()}" })
            {
                var answer = (await reader.Get(path)).Is(HttpStatusCode.OK);
                Assert.DoesNotContain(gone.Slug(), answer.Text, StringComparison.Ordinal);
                Assert.Contains("Neu", answer.Text, StringComparison.Ordinal);
            }

            Assert.Equal(right, (await reader.Get(list)).Body["items"]!.AsArray().Select(i => i!["slug"]!.GetValue<string>()));
            var (changes, next) = await ChangesSince(reader, cursor);
            Assert.Equal([$"{fresh.Id} upsert", $"{kept.Id} upsert", $"{gone.Id} withdrawal", $"{moved.Id} upsert"], changes);

            // Another node hears of it within a second, and from then on sees nothing older.
            await Until(async () => (await elsewhere.Get($"{Desk.Published}/{gone.Slug()}")).Status == HttpStatusCode.Gone);
            Assert.Equal("Neu", (await elsewhere.Get($"{Desk.Published}/{kept.Slug()}")).Is(HttpStatusCode.OK).Member("kicker"));
            Assert.Equal(right, (await elsewhere.Get(list)).Body["items"]!.AsArray().Select(i => i!["slug"]!.GetValue<string>()));
            Assert.Equal(changes, (await ChangesSince(elsewhere, cursor)).Changes);

            await servers.LetGo();
            await UntilTheStandbyServes(reader);
            await UntilTheStandbyServes(elsewhere);
            foreach (var anybody in new[] { reader, elsewhere })
            {
                (await anybody.Get($"{Desk.Published}/{gone.Slug()}?fields=slug")).Refuses(HttpStatusCode.Gone, "gone");
                Assert.Equal(right, (await anybody.Get($"{list}&limit=7")).Body["items"]!.AsArray().Select(i => i!["slug"]!.GetValue<string>()));
                Assert.Empty((await ChangesSince(anybody, next)).Changes);
            }
        }
        finally
        {
            await servers.LetGo();
        }
    }

    [Fact]
    public async Task Without_the_primary_readers_get_what_the_standby_has_and_are_told_so()
    {
        var (cable, connectionString) = Cable.Between(servers.Primary);
        await using var service = await Serve(servers.Standby, primary: connectionString);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);
        await UntilTheStandbyServes(reader);

        cable.Cut();
        (await reader.Get($"{Desk.Published}/{stories[0]}")).Is(HttpStatusCode.OK); // nobody noticed yet
        Answer answer;
        do answer = (await reader.Get($"{Desk.Published}/{Wire.Unique("niemand")}")).Is(HttpStatusCode.NotFound);
        while (!answer.Message.Headers.Contains("Cache-Status"));
        answer = (await reader.Get($"{Desk.Published}/{stories[1]}")).Is(HttpStatusCode.OK);
        Assert.Equal("cms; fwd=miss; detail=stale", answer.Message.Headers.GetValues("Cache-Status").Single());
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Message.Headers.CacheControl?.MaxAge);
        (await reader.Get($"{Desk.Published}/{stories[2]}")).Is(HttpStatusCode.OK);
        (await reader.Get("/delivery/v1/search?q=vorrat")).Is(HttpStatusCode.OK);
        (await reader.Get($"{Desk.Published}/gab-es-nie")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Equal("true", (await reader.Get("/health/ready")).Is(HttpStatusCode.OK).Member("delivery"));

        cable.Mend();
        await Until(async () => !(await reader.Get($"{Desk.Published}/{stories[1]}")).Message.Headers.Contains("Cache-Status"));
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_primary_a_standby_that_is_behind_is_better_than_nothing()
    {
        var (cable, connectionString) = Cable.Between(servers.Primary);
        await using var service = await Serve(servers.Standby, primary: connectionString);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 2);
        await UntilTheStandbyServes(reader);

        await servers.Hold();
        try
        {
            await Stories(service, 1);
            cable.Cut();
            foreach (var slug in stories)
            {
                var answer = (await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);
                Assert.Equal("cms; fwd=miss; detail=stale", answer.Message.Headers.GetValues("Cache-Status").Single());
            }
        }
        finally
        {
            await servers.LetGo();
            await cable.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_standby_of_another_past_is_not_believed()
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(servers.Standby, logs);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);
        await UntilTheStandbyServes(reader);

        await servers.Hold();
        try
        {
            await service.Sql("UPDATE delivery.clock SET number = number - 5"); // as when the primary is lost with its last commits
            await Until(() => logs.Lines.Any(l => l.Contains("shows changes that the primary does not have", StringComparison.Ordinal)));
            using var reads = new StandbyReads();
            foreach (var slug in stories) (await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);
            Assert.Equal((0, 3), (reads.Standby, reads.Primary));
        }
        finally
        {
            await service.Sql("UPDATE delivery.clock SET number = number + 5");
            await servers.LetGo();
        }

        await UntilTheStandbyServes(reader);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1", false)]
    [InlineData("Host=127.0.0.1:1,127.0.0.1:2;Target Session Attributes=prefer-standby", false)]
    [InlineData("", true)]
    public async Task Replicas_that_are_none_leave_readers_to_the_primary(string replicas, bool isPrimary)
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(isPrimary ? servers.Primary : replicas, logs);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);

        await Until(() => logs.Lines.Any(l => l.Contains("serves no readers", StringComparison.Ordinal)));
        using var reads = new StandbyReads();
        foreach (var slug in stories) (await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);
        Assert.Equal((0, 3), (reads.Standby, reads.Primary));
    }

    [Fact]
    public async Task Of_several_standbys_one_that_answers_serves()
    {
        var host = new NpgsqlConnectionStringBuilder(servers.Standby);
        await using var service = await Serve($"Host=127.0.0.1:1,{host.Host};Port={host.Port};Username={host.Username};Password={host.Password}");
        using var reader = service.Anonymous();
        var stories = await Stories(service, 6);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        foreach (var slug in stories) (await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);
        Assert.Equal((6, 0), (reads.Standby, reads.Primary));
    }

    private Task<TestService> Serve(string replicas, CollectedLogs? logs = null, string? primary = null, int megabytes = 8) => TestService.Start(
        primary ?? servers.Primary, Ct,
        new() { ["ConnectionStrings:CmsReplicas"] = replicas, ["Cms:Delivery:CacheMegabytes"] = megabytes.ToString(CultureInfo.InvariantCulture) }, logs is null ? null : logs.Collect);

    private static async Task<Answer> Story(TestService service, string stem)
    {
        using var editor = await service.Client(Ct, [.. Scope.All]);
        return await editor.Story(Wire.Unique(stem));
    }

    private static async Task<string[]> Stories(TestService service, int count)
    {
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        var slugs = new List<string>();
        for (var i = 0; i < count; i++) slugs.Add((await editor.Story(Wire.Unique("vorrat"), section.Id)).Slug());
        return [.. slugs];
    }

    // Each address is asked once, so that it is read and not held.
    private static async Task UntilTheStandbyServes(HttpClient reader)
    {
        using var reads = new StandbyReads();
        await Until(async () =>
        {
            var before = (reads.Standby, reads.Primary);
            (await reader.Get($"{Desk.Published}/{Wire.Unique("niemand")}")).Is(HttpStatusCode.NotFound);
            return reads.Standby > before.Standby && reads.Primary == before.Primary;
        });
    }

    private static Task Until(Func<bool> isSo) => Until(() => Task.FromResult(isSo()));

    private static async Task Until(Func<Task<bool>> isSo)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, "It never came to be.");
            await Task.Yield();
        }
    }

    private static async Task<string> EndOfChanges(HttpClient reader) => (await ChangesSince(reader, null)).Next;

    private static async Task<(string[] Changes, string Next)> ChangesSince(HttpClient reader, string? cursor)
    {
        var changes = new List<string>();
        while (true)
        {
            var page = (await reader.Get($"/delivery/v1/changes?limit=2{(cursor is null ? "" : $"&since={Uri.EscapeDataString(cursor)}")}")).Is(HttpStatusCode.OK).Body;
            changes.AddRange(page["items"]!.AsArray().Select(c => $"{c!["id"]} {c["change"]}"));
            cursor = page["next"]!.GetValue<string>();
            if (!page["more"]!.GetValue<bool>()) return ([.. changes], cursor);
        }
    }
}
