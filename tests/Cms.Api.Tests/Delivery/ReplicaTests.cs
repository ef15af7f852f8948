using System.Diagnostics;
using System.Net;
using Cms.Api.Tests.Postgres;
using Cms.Domain.Access;
using Cms.Infrastructure.Delivery;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Delivery;

/// <summary>Readers are served by a standby, and by none that has less than they could know.</summary>
[Collection(nameof(Replicas))]
public sealed class ReplicaTests(Replication servers) : Replicas(servers)
{
    [Fact]
    public async Task Readers_are_served_by_the_standby_alone()
    {
        await using var service = await Serve(Servers.Standby);
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
        var begun = await Replication.Sql(Servers.Primary, "SELECT clock_timestamp()::text");
        foreach (var path in paths)
        {
            var before = reads.Standby;
            (await reader.Get(path)).Is(HttpStatusCode.OK);
            Assert.True(reads.Standby > before, $"{path} was not read of the standby.");
        }

        Assert.Equal(0, reads.Primary);
        Assert.True(await Replication.Sql(Servers.Standby, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cms-delivery' AND query LIKE '%delivery.%'") is > 0L);
        // Nobody asked the primary but the watch, on a connection of its own.
        Assert.Equal(0L, await Replication.Sql(
            Servers.Primary, $"SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('cms-delivery', 'cms-search') AND query_start > '{begun}'"));
        (await reader.Get("/delivery/v1/articles/keiner-hat-es-geschrieben")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Of_a_standby_that_is_held_back_no_reader_sees_anything_old()
    {
        await using var service = await Serve(Servers.Standby);
        await using var other = await Serve(Servers.Standby);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        using var elsewhere = other.Anonymous();
        var section = await editor.OpenSection();
        var (kept, gone, moved) = (await editor.Story(Wire.Unique("bleibt"), section.Id), await editor.Story(Wire.Unique("geht"), section.Id), await editor.Story(Wire.Unique("zieht"), section.Id));
        await UntilTheStandbyServes(reader);
        await UntilTheStandbyServes(elsewhere);
        string list = $"{Desk.Published}?section={section.Slug()}", page = $"/delivery/v1/sections/{section.Slug()}?include=articles", feed = $"/feeds/sections/{section.Slug()}.json";
        var cursor = await EndOfChanges(reader);

        await Servers.Hold();
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

            await Servers.LetGo();
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
            await Servers.LetGo();
        }
    }

    [Fact]
    public async Task While_the_clock_alone_cannot_be_read_nobody_sees_what_a_standby_has_of_old()
    {
        await using var service = await Serve(Servers.Standby, megabytes: 0);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        var gone = await editor.Story(Wire.Unique("geht"));
        await UntilTheStandbyServes(reader);

        await Servers.Hold();
        try
        {
            await editor.Withdraw(gone);
            await using var source = NpgsqlDataSource.Create(Servers.Primary);
            await using var connection = await source.OpenConnectionAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using var hold = new NpgsqlCommand("LOCK TABLE delivery.ticks", connection, transaction);
            await hold.ExecuteNonQueryAsync(Ct);
            await Until(async () =>
            {
                (await reader.Get($"{Desk.Published}/{gone.Slug()}")).Refuses(HttpStatusCode.Gone, "gone");
                return service.Services.GetRequiredService<ClockWatch>().Age > ClockWatch.Confirmed + TimeSpan.FromSeconds(1);
            });
        }
        finally
        {
            await Servers.LetGo();
        }
    }

    [Fact]
    public async Task A_standby_of_another_past_is_not_believed()
    {
        var logs = new CollectedLogs();
        await using var service = await Serve(Servers.Standby, logs);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);
        await UntilTheStandbyServes(reader);

        await Servers.Hold();
        try
        {
            await service.Sql("UPDATE delivery.clock SET number = number - 5"); // as when the primary is lost with its last commits
            await Until(() => logs.Lines.Any(l => l.Contains("shows changes that the primary does not have", StringComparison.Ordinal)));
            using var reads = new StandbyReads();
            foreach (var path in stories) (await reader.Get(path)).Is(HttpStatusCode.OK);
            Assert.Equal((0, 3), (reads.Standby, reads.Primary));

            // The new primary reaches the number that the standby shows: it is still not the same past.
            await service.Sql("UPDATE delivery.clock SET number = number + 5, mark = gen_random_uuid()");
            await Until(() => service.Services.GetRequiredService<ClockWatch>().Told is { } told && told.Number == service.Services.GetRequiredService<DeliveryCache>().Newest);
            var looked = Stopwatch.GetTimestamp();
            await Until(async () =>
            {
                (await reader.Get($"{Desk.Published}/{Wire.Unique("niemand")}")).Is(HttpStatusCode.NotFound);
                Assert.Equal(0, reads.Standby);
                return Stopwatch.GetElapsedTime(looked) > TimeSpan.FromSeconds(2.5); // the watch looks each second
            });
        }
        finally
        {
            await Servers.LetGo();
        }

        await UntilTheStandbyServes(reader);
    }
}
