using System.Diagnostics;
using System.Net;
using Cms.Api.Tests.Operations;
using Cms.Api.Tests.Postgres;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Delivery;

/// <summary>A standby that is killed, frozen, cut off or held under its readers costs none of them an answer.</summary>
[Collection(nameof(Replicas))]
public sealed class ReplicaLossTests(Replication servers) : Replicas(servers)
{
    [Fact]
    public async Task A_standby_that_is_killed_under_load_and_comes_back_costs_no_reader_anything()
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(Servers.Standby, logs, megabytes: 0);
        using var reader = service.Anonymous();
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("wandel"), section.Id);
        string[] paths =
        [
            .. await Stories(service, 6), $"{Desk.Published}/{story.Slug()}", $"{Desk.Published}/{story.Slug()}/head", $"{Desk.Published}/{story.Slug()}?render=text", $"{Desk.Published}/{story.Slug()}/related",
            $"{Desk.Published}?section={section.Slug()}", $"/delivery/v1/sections/{section.Slug()}?include=articles", "/delivery/v1/tags", "/delivery/v1/changes", "/delivery/v1/search?q=wandel",
            $"/feeds/sections/{section.Slug()}.rss", "/sitemaps/index.xml",
        ];
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using (var load = new Crowd(service, paths))
        {
            await Until(() => reads.Standby > 500);
            await Servers.Kill();
            var before = reads.Primary;
            story = await editor.Publish(await editor.Change(story, new { kicker = "Ohne" }));
            await Until(() => reads.Primary > before + 500);
            await Servers.Return();
            before = reads.Standby;
            await Until(async () =>
            {
                // It comes back without what happened meanwhile: nobody believes it until it has that.
                Assert.Equal("Ohne", (await reader.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK).Member("kicker"));
                return reads.Standby > before + 500;
            });
            await load.End();
            Assert.Empty(load.Failures);
        }

        Assert.Single(logs.Lines, l => l.Contains("serves no readers", StringComparison.Ordinal));
        Assert.Equal(2, logs.Lines.Count(l => l.Contains("serves readers", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_standby_behind_a_wall_that_drops_everything_costs_a_reader_a_second_or_two_once()
    {
        var (cable, connectionString) = Cable.Between(Servers.Standby);
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
        await using var service = await Serve(Servers.Standby, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 12);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using var load = new Crowd(service, stories);
        // As a query is ended that is in the way of what is replayed: cancelled, or with its connection.
        foreach (var end in new[] { "pg_cancel_backend", "pg_terminate_backend" })
            await Replication.Sql(Servers.Standby, $"""
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
    public async Task A_standby_whose_tables_are_held_is_not_asked_again_and_again()
    {
        await using var service = await Serve(Servers.Standby, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 10);
        await UntilTheStandbyServes(reader);

        await using var source = NpgsqlDataSource.Create(Servers.Primary);
        await using (var connection = await source.OpenConnectionAsync(Ct))
        {
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using var hold = new NpgsqlCommand("LOCK TABLE delivery.articles", connection, transaction);
            await hold.ExecuteNonQueryAsync(Ct);
            await Until(async () => await Replication.Sql(Servers.Standby, "SELECT count(*) FROM pg_locks WHERE relation = 'delivery.articles'::regclass AND mode = 'AccessExclusiveLock'") is > 0L);
            await Servers.Hold(); // the end of it is not replayed
        }

        try
        {
            var slow = 0;
            foreach (var path in stories)
            {
                var begun = Stopwatch.GetTimestamp();
                (await reader.Get(path)).Is(HttpStatusCode.OK);
                if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(0.8)) slow++;
            }

            Assert.InRange(slow, 1, 4);
        }
        finally
        {
            await Servers.LetGo();
        }

        await UntilTheStandbyServes(reader);
    }

    [Fact]
    public async Task A_standby_that_freezes_costs_no_reader_an_answer()
    {
        await using var service = await Serve(Servers.Standby, megabytes: 0);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 6);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        await using (var load = new Crowd(service, stories))
        {
            await Until(() => reads.Standby > 200);
            await Servers.Signal("STOP");
            try
            {
                var before = reads.Primary;
                await Until(() => reads.Primary > before + 500);
            }
            finally
            {
                await Servers.Signal("CONT");
            }

            var after = reads.Standby;
            await Until(() => reads.Standby > after + 200);
            await load.End();
            Assert.Empty(load.Failures);
        }
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1", false)]
    [InlineData("Host=127.0.0.1:1,127.0.0.1:2;Target Session Attributes=prefer-standby", false)]
    [InlineData("", true)]
    public async Task Replicas_that_are_none_leave_readers_to_the_primary(string replicas, bool isPrimary)
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(isPrimary ? Servers.Primary : replicas, logs);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);

        await Until(() => logs.Lines.Any(l => l.Contains("serves no readers", StringComparison.Ordinal)));
        using var reads = new StandbyReads();
        foreach (var path in stories) (await reader.Get(path)).Is(HttpStatusCode.OK);
        Assert.Equal((0, 3), (reads.Standby, reads.Primary));
    }

    [Fact]
    public async Task Of_several_standbys_one_that_answers_serves()
    {
        var host = new NpgsqlConnectionStringBuilder(Servers.Standby);
        await using var service = await Serve($"Host=127.0.0.1:1,{host.Host};Port={host.Port};Username={host.Username};Password={host.Password}");
        using var reader = service.Anonymous();
        var stories = await Stories(service, 6);
        await UntilTheStandbyServes(reader);

        using var reads = new StandbyReads();
        foreach (var path in stories) (await reader.Get(path)).Is(HttpStatusCode.OK);
        Assert.Equal((6, 0), (reads.Standby, reads.Primary));
    }
}
