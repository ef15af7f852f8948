using System.Diagnostics;
using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>
/// A copy of the database by streaming replication that serves readers: its pools, and whether it is asked. It begins as lost, and is asked once
/// somebody found it answering, so that no request waits for a server that is not there.
/// </summary>
/// <param name="name">Its host, as it is configured.</param>
/// <param name="delivery">Reads delivery.</param>
/// <param name="search">Searches.</param>
/// <param name="clock">Looks after it.</param>
internal sealed class Standby(string name, NpgsqlDataSource delivery, NpgsqlDataSource search, NpgsqlDataSource clock) : IAsyncDisposable
{
    private const int LongestRest = 30;

    private readonly SemaphoreSlim woken = new(0);
    private volatile StandbyState state;
    private int stumbles;
    private long restsUntil;

    public string Name => name;

    public NpgsqlDataSource Delivery => delivery;

    public NpgsqlDataSource Search => search;

    public NpgsqlDataSource Clock => clock;

    /// <summary>One that rests is asked by nobody who has a choice.</summary>
    public StandbyState State => state == StandbyState.Current && Stopwatch.GetTimestamp() < Volatile.Read(ref restsUntil) ? StandbyState.Behind : state;

    /// <summary>It answered.</summary>
    /// <param name="isCurrent">With all that is known here of delivery.</param>
    public void Confirm(bool isCurrent) => state = isCurrent ? StandbyState.Current : StandbyState.Behind;

    /// <summary>It answered with less than is known here. It is looked at again soon.</summary>
    public void FallBehind()
    {
        if (state == StandbyState.Current) state = StandbyState.Behind;
        Wake();
    }

    /// <summary>A question was answered.</summary>
    public void Answered()
    {
        if (Volatile.Read(ref stumbles) != 0) Volatile.Write(ref stumbles, 0);
    }

    /// <summary>
    /// A question was not, in time or at all, though the server is there. Once may be; from the second in a row on it rests, for a second at first
    /// and half a minute at most: something may hold its tables, and each who asks would wait.
    /// </summary>
    public void Stumble()
    {
        if (Stopwatch.GetTimestamp() < Volatile.Read(ref restsUntil)) return;
        var inRow = Interlocked.Increment(ref stumbles);
        if (inRow < 2) return;
        var rest = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, inRow - 2), LongestRest));
        Volatile.Write(ref restsUntil, Stopwatch.GetTimestamp() + (long)(rest.TotalSeconds * Stopwatch.Frequency));
    }

    /// <summary>It did not answer, or broke off. It is looked at again at once.</summary>
    public void Lose()
    {
        if (state == StandbyState.Lost) return;
        state = StandbyState.Lost;
        delivery.Clear();
        search.Clear();
        Wake();
    }

    /// <summary>Waits until somebody found it behind or lost, but no longer than so long.</summary>
    public Task Woken(TimeSpan atMost, CancellationToken ct) => woken.WaitAsync(atMost, ct);

    public async ValueTask DisposeAsync()
    {
        await delivery.DisposeAsync();
        await search.DisposeAsync();
        await clock.DisposeAsync();
        woken.Dispose();
    }

    private void Wake()
    {
        if (woken.CurrentCount == 0) woken.Release();
    }
}

/// <summary>Whether a standby can be asked.</summary>
internal enum StandbyState
{
    /// <summary>It does not answer, or is none.</summary>
    Lost,

    /// <summary>It answers, with less than is known here.</summary>
    Behind,

    /// <summary>It answers, when it was last looked at with all that was known here.</summary>
    Current,
}
