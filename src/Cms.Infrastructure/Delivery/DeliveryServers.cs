using System.Diagnostics;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>Whose places a reading takes.</summary>
internal enum ReadPool
{
    Delivery,
    Search,
}

/// <summary>The servers that readers' questions may be asked, and what is known of them at this moment.</summary>
internal sealed class DeliveryServers(Databases databases, DeliveryCache cache, ClockWatch watch, ReadMeter meter)
{
    // How long a primary that failed is spared all questions but one.
    private static readonly TimeSpan Spared = TimeSpan.FromSeconds(5);

    private int turn;
    private long primaryFailed;

    /// <summary>Whether there are any but the primary.</summary>
    public bool HasStandbys => databases.Standbys.Count > 0;

    /// <summary>The newest number of the clock that this node knows.</summary>
    public long Newest => cache.Newest;

    /// <summary>The newest one that the primary told it.</summary>
    public long Known => cache.Known;

    /// <inheritdoc cref="DeliveryCache.Generation" />
    public int Generation => cache.Generation;

    /// <summary>The primary has told nobody its clock for so long that nobody can say what is new.</summary>
    public bool IsPrimaryAway => cache.Known >= 0 && watch.Age > ClockWatch.Confirmed;

    /// <summary>The primary has missed a reading of its clock.</summary>
    public bool IsPrimaryLate => watch.Age > ClockWatch.Late;

    /// <summary>Nobody reads the primary's clock, and it failed a reading just now too: one in five seconds tries it anew, the others need not wait for it.</summary>
    public bool SparesPrimary()
    {
        var at = Volatile.Read(ref primaryFailed);
        if (at == 0) return false;
        if (IsPrimaryAway) return Stopwatch.GetElapsedTime(at) < Spared || Interlocked.CompareExchange(ref primaryFailed, Stopwatch.GetTimestamp(), at) != at;
        Volatile.Write(ref primaryFailed, 0);
        return false;
    }

    /// <summary>The primary did not answer a reading.</summary>
    public void PrimaryFailed() => Volatile.Write(ref primaryFailed, Stopwatch.GetTimestamp());

    public NpgsqlDataSource Primary(ReadPool pool) => pool == ReadPool.Search ? databases.Search : databases.Delivery;

    /// <summary>The next in turn; null when there is none.</summary>
    /// <param name="orBehind">Where none is known to have all, one that answers.</param>
    public Standby? Standby(bool orBehind)
    {
        Standby? behind = null;
        var first = (uint)Interlocked.Increment(ref turn);
        for (var i = 0U; i < databases.Standbys.Count; i++)
        {
            var standby = databases.Standbys[(int)((first + i) % (uint)databases.Standbys.Count)];
            if (standby.State == StandbyState.Current) return standby;
            if (standby.State == StandbyState.Behind) behind ??= standby;
        }

        return orBehind ? behind : null;
    }

    /// <summary>Counts a reading by who answered.</summary>
    public void Answered(bool isStandby)
    {
        if (!isStandby && Volatile.Read(ref primaryFailed) != 0) Volatile.Write(ref primaryFailed, 0);
        meter.Answered(isStandby);
    }
}
