using System.Net;
using Cms.Domain;
using Cms.Infrastructure.Newsletter.Digests;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Newsletter;

/// <summary>Who has which mails of an edition, and what is known of them, whatever fails in between.</summary>
public sealed class LedgerTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_recorded_twice_counts_once()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.Freeze();
        var ledger = news.Service.Services.GetRequiredService<DigestLedger>();
        var batch = (await ledger.Claim((long)(await news.Service.Sql("SELECT number FROM cms.editions WHERE status = 'Sending'"))!, isAgainFirst: false, Ct))!;
        await using var connection = await ledger.Connect(Ct);
        DigestRecord[] record = [new(batch.Edition, batch.Lease, [], [new(batch.Mails[0].SubscriberId, DigestState.Deferred, 451, null, TimeSpan.FromHours(1), true)])];

        Assert.True((await ledger.Record(connection, record, Ct))[0]);
        Assert.True((await ledger.Record(connection, record, Ct))[0]); // the answer to the first was lost

        Assert.Equal("1 1 2", await news.Service.Sql("SELECT attempts || ' ' || doubts || ' ' || state FROM cms.digest_mails"));
        Assert.Equal(1L, await news.Service.Sql("SELECT count(*) FROM cms.digest_deferred"));
    }

    [Fact]
    public async Task What_was_sent_and_could_not_be_recorded_stays_in_doubt()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 3; i++) await news.Reader($"r{i}@example.org");
        await news.Freeze();
        var ledger = news.Service.Services.GetRequiredService<DigestLedger>();
        var batch = (await ledger.Claim((long)(await news.Service.Sql("SELECT number FROM cms.editions WHERE status = 'Sending'"))!, isAgainFirst: false, Ct))!;
        var ids = batch.Mails.Select(m => m.SubscriberId).ToList();
        var recorder = new DigestRecorder(ledger, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var recording = recorder.Run(stop.Token);

        Assert.True(await recorder.Record(batch.Edition, batch.Lease, null, ids[0]));
        await news.Service.Sql("ALTER TABLE cms.digest_mails RENAME TO elsewhere");
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => recorder.Record(batch.Edition, batch.Lease, new(ids[0], DigestState.Sent, 250, null, null, false), ids[1]));
        await news.Service.Sql("ALTER TABLE cms.elsewhere RENAME TO digest_mails");
        Assert.True(await recorder.Record(batch.Edition, batch.Lease, null, ids[2])); // another connection's next
        await stop.CancelAsync();
        await recording;

        Assert.Equal(new[] { ids[0], ids[2] }.Order(), ((Guid[])(await news.Service.Sql("SELECT sending FROM cms.digest_leases"))!).Order());
    }

    [Fact]
    public async Task What_a_dead_node_had_another_one_sends_and_counts_what_was_in_doubt()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 5; i++) await news.Reader($"r{i}@example.org");
        await news.Freeze();
        var ledger = news.Service.Services.GetRequiredService<DigestLedger>();
        var number = (long)(await news.Service.Sql("SELECT number FROM cms.editions WHERE status = 'Sending'"))!;
        var batch = (await ledger.Claim(number, isAgainFirst: false, Ct))!;
        await using var connection = await ledger.Connect(Ct);
        Assert.True((await ledger.Record(connection, [new(number, batch.Lease, [batch.Mails[1].SubscriberId], [new(batch.Mails[0].SubscriberId, DigestState.Sent, 250, null, null, false)])], Ct))[0]);

        await news.Send(); // the lease is held: nobody else has them
        var during = news.Mails.Received.Count(m => m.Message.Headers.Contains("List-Id"));
        await news.Service.Sql("UPDATE cms.digest_leases SET until = now() - interval '1 second'");
        await news.Send();
        var stale = await ledger.Record(connection, [new(number, batch.Lease, [], [new(batch.Mails[2].SubscriberId, DigestState.Failed, 550, null, null, false)])], Ct);
        await news.Send();
        var report = await news.Report();

        Assert.False(stale[0]);
        Assert.Equal((0, 4), (during, news.Mails.Received.Count(m => m.Message.Headers.Contains("List-Id"))));
        Assert.Equal(("sent", "5", "1"), (report["digest"]!.Member("status"), report["counts"]!.Member("sent"), report["counts"]!.Member("inDoubt")));
    }

    [Theory]
    [InlineData("first")]
    [InlineData("second")]
    public async Task A_mail_that_goes_again_while_others_of_its_lease_still_wait_has_one_holder_whichever_node_dies(string dies)
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 2; i++) await news.Reader($"r{i}@example.org");
        await news.Freeze();
        var ledger = news.Service.Services.GetRequiredService<DigestLedger>();
        var number = (long)(await news.Service.Sql("SELECT number FROM cms.editions WHERE status = 'Sending'"))!;
        var first = (await ledger.Claim(number, isAgainFirst: false, Ct))!; // one of its mails hangs for minutes, the other is put off
        var (hangs, again) = (first.Mails[0].SubscriberId, first.Mails[1].SubscriberId);
        await using var connection = await ledger.Connect(Ct);
        Assert.True((await ledger.Record(connection, [new(number, first.Lease, [hangs], [new(again, DigestState.Deferred, 451, null, TimeSpan.Zero, false)])], Ct))[0]);
        var second = (await ledger.Claim(number, isAgainFirst: false, Ct))!;
        Assert.Equal([again], second.Mails.Select(m => m.SubscriberId));

        var dead = dies == "first" ? first.Lease : second.Lease;
        await news.Service.Sql($"UPDATE cms.digest_leases SET until = now() - interval '1 second' WHERE id = {dead}");
        var taken = (await ledger.Claim(number, isAgainFirst: false, Ct))!;

        Assert.Equal([dies == "first" ? hangs : again], taken.Mails.Select(m => m.SubscriberId));
        Assert.Null(await ledger.Claim(number, isAgainFirst: false, Ct));
    }

    [Fact]
    public async Task What_a_server_put_off_goes_again_before_the_list_is_at_its_end()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:Connections"] = "1" });
        await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Service.Sql("""
            INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at)
            SELECT gen_random_uuid(), 'r' || i || '@example.org', 'fr', 'Daily', '{}', 'Active', now() - interval '2 days', now() FROM generate_series(1, 300) i
            """);
        var (seen, first) = (0, "");
        news.Mails.OnMail = async (mail, _) =>
        {
            if (++seen == 2) await news.Service.Sql("UPDATE cms.digest_deferred SET not_before = now()"); // the first one's minute is over
            if (seen != 1) return null;
            first = mail.To;
            return new(451, "4.7.1 Later");
        };

        await news.Freeze();
        await news.Send();

        var order = news.Mails.Received.Select(m => m.To).ToList();
        Assert.InRange(order.IndexOf(first), 0, 249);
    }

    [Fact]
    public async Task A_mail_that_hangs_at_a_server_keeps_its_node_from_nothing_else()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:Connections"] = "2" },
            b => b.Services.AddSingleton(DigestTimes.Default with { Timer = TimeSpan.FromDays(1), Poll = TimeSpan.FromMilliseconds(50) }));
        await news.Publish("Le pont rouvre", await news.Section("International"));
        var site = await news.Editor.Get("/management/v1/site");
        (await news.Editor.Patch("/management/v1/site", new { digestDay = $"{TimeProvider.System.Now().AddHours(-1).DayOfWeek}".ToLowerInvariant() }, site.ETag)).Is(HttpStatusCode.OK);
        foreach (var name in new[] { "hangs", "later" }) await news.Reader($"{name}@example.org");
        await news.Reader("weekly@example.org", frequency: "weekly");
        var (mended, wasPutOff) = (new TaskCompletionSource(), false);
        news.Mails.OnMail = async (mail, _) =>
        {
            if (mail.To.StartsWith("hangs", StringComparison.Ordinal)) await mended.Task;
            if (wasPutOff || !mail.To.StartsWith("later", StringComparison.Ordinal)) return null;
            wasPutOff = true;
            return new(451, "4.7.1 Later");
        };

        await news.Freeze(); // the node's own loop sends it
        await Waiting.Until(async () => await news.Service.Sql("UPDATE cms.digest_deferred SET not_before = now() RETURNING 1") is not null, "nothing was put off");
        await Waiting.Until(() => Task.FromResult(news.Mails.Received.Any(m => m.To == "later@example.org")), "what was put off waits for what hangs");
        await Waiting.Until(() => Task.FromResult(news.Mails.Received.Any(m => m.To == "weekly@example.org")), "another edition waits for what hangs");

        Assert.DoesNotContain(news.Mails.Received, m => m.To == "hangs@example.org");
        mended.SetResult();
        await Waiting.Until(async () => await news.Service.Sql("SELECT count(*) FROM cms.editions WHERE status = 'Sent'") is 2L, "they do not end");
    }

    [Fact]
    public async Task Whoever_moved_while_a_mail_waited_gets_it_at_the_new_address_alone()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:Connections"] = "1" },
            b => b.Services.AddSingleton(DigestTimes.Default with { Timer = TimeSpan.FromDays(1), Poll = TimeSpan.FromDays(1), Fresh = TimeSpan.Zero }));
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 3; i++) await news.Reader($"r{i}@example.org");
        var moved = 0L;
        news.Mails.OnMail = async (mail, _) =>
        {
            if (moved == 0) moved = (int)(await news.Service.Sql("WITH moved AS (UPDATE cms.subscribers SET email = 'new.' || email WHERE email <> $1 RETURNING 1) SELECT count(*)::int FROM moved", mail.To))!;
            return null;
        };

        await news.Freeze();
        await news.Send();

        var order = news.Mails.Received.Select(m => m.To).ToList();
        Assert.Equal((3, 2L), (order.Count, moved));
        Assert.Equal(2, order.Count(to => to.StartsWith("new.", StringComparison.Ordinal)));
        Assert.Equal("3", (await news.Report())["counts"]!.Member("sent"));
    }

    [Fact]
    public async Task A_node_that_lost_its_lease_while_a_mail_hung_comes_to_an_end()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:Connections"] = "1" });
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 4; i++) await news.Reader($"r{i}@example.org");
        var (arrived, mended) = (new TaskCompletionSource(), new TaskCompletionSource());
        news.Mails.OnMail = async (_, _) =>
        {
            arrived.TrySetResult();
            await mended.Task;
            return null;
        };

        await news.Freeze();
        var sending = news.Send();
        await arrived.Task.WaitAsync(Ct);
        await news.Service.Sql("DELETE FROM cms.digest_leases"); // another node had it, and is done with it
        mended.SetResult();
        await sending.WaitAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Single(news.Mails.Received); // what is another's does not go
    }
}
