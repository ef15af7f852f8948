using Cms.Infrastructure.Delivery;

namespace Cms.Api.Tests.Delivery;

public sealed class DeliveryCacheTests
{
    private static DeliveryAnswer Answer(string key, int bytes = 1_000) => new() { Status = 200, Body = new byte[bytes], Keys = [key] };

    private static CacheKey Key(string address) => new(address, Coding.Plain);

    [Fact]
    public void A_scan_of_the_archive_pushes_out_nothing_that_readers_ask_for_and_takes_no_more_bytes_than_there_are()
    {
        var cache = new DeliveryCache(1024 * 1024);
        string[] hot = [.. Enumerable.Range(0, 200).Select(i => $"hot-{i}")];
        foreach (var address in hot) cache.Keep(Key(address), Answer(address), 1, cache.Generation, isSure: true, rare: false);
        foreach (var address in hot) Assert.True(cache.TryGet(Key(address), out _));

        for (var i = 0; i < 50_000; i++)
        {
            cache.Keep(Key($"cold-{i}"), Answer($"cold-{i}"), 1, cache.Generation, isSure: true, rare: false);
            if (i % 10 == 0) cache.TryGet(Key(hot[i / 10 % hot.Length]), out _);
            Assert.InRange(cache.Bytes, 0, 1024 * 1024);
        }

        Assert.All(hot, address => Assert.True(cache.TryGet(Key(address), out _)));
    }

    [Fact]
    public void What_was_read_before_a_change_that_touched_it_is_not_kept_and_what_no_change_touched_is()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Restart(5);
        cache.Advance(6, ["k"]);
        cache.Advance(8, ["other"]);

        Assert.False(cache.Keep(Key("old"), Answer("k"), 5, cache.Generation, isSure: true, rare: false));
        Assert.True(cache.Keep(Key("untouched"), Answer("k"), 6, cache.Generation, isSure: true, rare: false));
        Assert.True(cache.Keep(Key("new"), Answer("k"), 8, cache.Generation, isSure: true, rare: false));
        Assert.False(cache.Keep(Key("from before this node knew the clock"), Answer("k"), 4, cache.Generation, isSure: true, rare: false));
        Assert.False(cache.Keep(Key("within a step"), Answer("other"), 7, cache.Generation, isSure: true, rare: false));
        Assert.Equal(2, cache.Count);
        cache.Drop(9, ["mine"], cache.Generation); // what others changed before it is not told yet
        Assert.False(cache.Keep(Key("beside a change of this node"), Answer("k"), 8, cache.Generation, isSure: true, rare: false));
    }

    [Fact]
    public void What_was_read_of_a_database_that_may_be_another_now_is_not_kept()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Restart(5);
        var before = cache.Generation;
        cache.Drop(7, ["k"], before); // this node's own, which another server may lack
        Assert.Equal(7, cache.Newest);
        cache.Mistrust();
        Assert.Equal(5, cache.Newest);

        Assert.False(cache.Keep(Key("before"), Answer("k"), 5, before, isSure: true, rare: false));
        Assert.True(cache.Keep(Key("since"), Answer("k"), 5, cache.Generation, isSure: true, rare: false));
        cache.Drop(9, ["k"], before); // its number is of the other clock
        Assert.Equal((0, 5L), (cache.Count, cache.Newest));
        cache.Advance(6, ["other"]);
        Assert.False(cache.Keep(Key("of a standby that may be of another past"), Answer("k"), 5, cache.Generation, isSure: false, rare: false));
    }

    [Fact]
    public void What_took_longer_than_is_remembered_is_not_kept()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Restart(0);
        for (var number = 1; number <= 200; number++) cache.Advance(number, ["other"]);

        Assert.False(cache.Keep(Key("slow"), Answer("k"), 100, cache.Generation, isSure: true, rare: false));
        Assert.True(cache.Keep(Key("quick"), Answer("k"), 150, cache.Generation, isSure: true, rare: false));
    }

    [Fact]
    public void What_was_read_before_this_nodes_own_change_is_not_kept_either()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Advance(7, []);
        cache.Drop(8, ["k"], cache.Generation);

        Assert.False(cache.Keep(Key("read before"), Answer("k"), 7, cache.Generation, isSure: true, rare: false));
        Assert.True(cache.Keep(Key("read after"), Answer("k"), 8, cache.Generation, isSure: true, rare: false));
        cache.Restart(3); // a database that was put back
        Assert.True(cache.Keep(Key("read since"), Answer("k"), 3, cache.Generation, isSure: true, rare: false));
    }

    [Fact]
    public void A_number_drops_what_shows_one_of_its_keys_and_nothing_else()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Keep(Key("a"), Answer("a") with { Keys = ["x", "y"] }, 1, cache.Generation, isSure: true, rare: false);
        cache.Keep(new("a", Coding.Brotli), Answer("a") with { Keys = ["x"] }, 1, cache.Generation, isSure: true, rare: false);
        cache.Keep(Key("b"), Answer("b") with { Keys = ["z"] }, 1, cache.Generation, isSure: true, rare: false);
        cache.Advance(2, ["x"]);

        Assert.False(cache.TryGet(Key("a"), out _));
        Assert.False(cache.TryGet(new("a", Coding.Brotli), out _));
        Assert.True(cache.TryGet(Key("b"), out _));
        cache.Restart(1);
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
    }

    [Fact]
    public void What_is_asked_in_one_of_many_ways_is_kept_at_its_second_time()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Keep(Key("?fields=a"), Answer("k"), 1, cache.Generation, isSure: true, rare: true);
        Assert.False(cache.TryGet(Key("?fields=a"), out _));

        cache.Keep(Key("?fields=a"), Answer("k"), 1, cache.Generation, isSure: true, rare: true);
        Assert.True(cache.TryGet(Key("?fields=a"), out _));
    }

    [Fact]
    public void An_answer_that_would_push_out_a_thousand_is_not_kept()
    {
        var cache = new DeliveryCache(1024 * 1024);
        cache.Keep(Key("large"), Answer("k", 200_000), 1, cache.Generation, isSure: true, rare: false);

        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public async Task Many_who_keep_ask_and_drop_at_once_leave_it_within_its_bytes()
    {
        var cache = new DeliveryCache(256 * 1024);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var name = $"{(i * 7919) % 700}";
                if (!cache.TryGet(Key(name), out _)) cache.Keep(Key(name), Answer(name), long.MaxValue, cache.Generation, isSure: true, rare: i % 3 == 0);
                if (i % 100 == 0) cache.Drop(1, [$"{i % 700}"], cache.Generation);
            }
        }, TestContext.Current.CancellationToken)));

        Assert.InRange(cache.Bytes, 1, 256 * 1024);
        cache.Restart(0);
        Assert.Equal((0, 0L), (cache.Count, cache.Bytes));
    }
}
