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
    private readonly SemaphoreSlim woken = new(0);
    private volatile StandbyState state;

    public string Name => name;

    public NpgsqlDataSource Delivery => delivery;

    public NpgsqlDataSource Search => search;

    public NpgsqlDataSource Clock => clock;

    public StandbyState State => state;

    /// <summary>It answered.</summary>
    /// <param name="isCurrent">With all that is known here of delivery.</param>
    public void Confirm(bool isCurrent) => state = isCurrent ? StandbyState.Current : StandbyState.Behind;

    /// <summary>It answered with less than is known here. It is looked at again soon.</summary>
    public void FallBehind()
    {
        if (state == StandbyState.Current) state = StandbyState.Behind;
        Wake();
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
