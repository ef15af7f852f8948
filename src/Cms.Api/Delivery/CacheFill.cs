using System.Collections.Concurrent;
using System.Diagnostics;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>One request finds out what many may be waiting for: a hot address that is not held is asked of the database once.</summary>
internal sealed class CacheFill(CacheFlights flights, CacheKey key, DeliveryReading reading)
{
    private readonly TaskCompletionSource<DeliveryAnswer?> landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long begun = Stopwatch.GetTimestamp();

    /// <summary>What is being asked.</summary>
    public CacheKey Key => key;

    /// <summary>Asked for in one of very many ways: kept only when it is asked for again.</summary>
    public bool IsRare { get; set; }

    /// <summary>The clock's number in what it read.</summary>
    public long? Number => reading.Number;

    /// <summary>It read a standby while nobody could say whether that is still right.</summary>
    public bool MayBeOld => reading.MayBeOld;

    /// <summary>How long it has been asking.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(begun);

    /// <summary>What was found; null when nothing came of it, and who waits has to ask.</summary>
    public Task<DeliveryAnswer?> Landed => landed.Task;

    /// <summary>The answer is known, before it is sent.</summary>
    public void Complete(DeliveryAnswer answer)
    {
        if (!answer.IsBrief && !reading.IsAhead && reading.Number is { } number) flights.Cache.Keep(key, answer, number, reading.Generation, isSure: !reading.MayBeOld, IsRare);
        flights.End(this);
        landed.TrySetResult(answer);
    }

    /// <summary>Nothing came of it.</summary>
    public void Abandon()
    {
        flights.End(this);
        landed.TrySetResult(null);
    }

    /// <summary>It failed, and so does whoever waits: many asking a database that is away would only wait longer.</summary>
    public void Fail(Exception fault)
    {
        flights.End(this);
        landed.TrySetException(fault);
        _ = landed.Task.Exception; // seen, whether or not somebody waits
    }
}

/// <summary>What is being asked of the database at this moment, by key.</summary>
internal sealed class CacheFlights(DeliveryCache cache, HeldAnswers held)
{
    // Who joins gets what the flight read when it began: never anything that was changed a second ago.
    private static readonly TimeSpan Joinable = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<CacheKey, CacheFill> flights = new();

    public DeliveryCache Cache => cache;

    /// <summary>Begins to ask, or finds who does.</summary>
    /// <returns>True when the caller is the one who asks. Else it waits for who does, or, where that one was done since the caller looked, looks again.</returns>
    public bool Begin(CacheKey key, DeliveryReading reading, out CacheFill fill)
    {
        var mine = new CacheFill(this, key, reading);
        fill = flights.AddOrUpdate(key, mine, (_, other) => other.Age < Joinable ? other : mine);
        if (!ReferenceEquals(fill, mine)) return false;
        if (!held.TryGet(key, out _, out var isStale) || isStale) return true;
        mine.Abandon();
        return false;
    }

    public void End(CacheFill fill) => flights.TryRemove(KeyValuePair.Create(fill.Key, fill));
}
