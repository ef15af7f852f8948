using System.Threading.Channels;
using Cms.Infrastructure.Postgres;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Writes to the ledger for all connections of a node: whatever waits goes in one commit, and each connection waits for its own. So no connection begins a mail
/// before what became of the one before is stored, and a kill leaves at most one in doubt for each.
/// </summary>
internal sealed class DigestRecorder(DigestLedger ledger, TimeProvider time)
{
    // What a server took is known here alone: a database that is away for a moment must not make it go again.
    private const int Tries = 10;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private readonly Channel<Entry> entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Dictionary<long, HashSet<Guid>> sending = [];

    private sealed record Entry(long Edition, long Lease, DigestOutcome? Done, Guid? Next, TaskCompletionSource<bool> Stored);

    /// <summary>Stores what became of one mail, or that another is about to go, or both.</summary>
    /// <returns>False when the lease is lost: neither is stored, and the next may not go.</returns>
    public Task<bool> Record(long edition, long lease, DigestOutcome? done, Guid? next)
    {
        var entry = new Entry(edition, lease, done, next, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return entries.Writer.TryWrite(entry) ? entry.Stored.Task : Task.FromResult(false);
    }

    /// <summary>Writes until it is cancelled, and then what still waits.</summary>
    public async Task Run(CancellationToken ct)
    {
        try
        {
            while (await entries.Reader.WaitToReadAsync(ct)) await WriteWaiting();
        }
        catch (OperationCanceledException)
        {
            entries.Writer.TryComplete();
            await WriteWaiting();
        }
    }

    // Not cancelled by a stop: what a server took is stored as taken.
    private async Task WriteWaiting()
    {
        var waiting = new List<Entry>();
        while (entries.Reader.TryRead(out var entry)) waiting.Add(entry);
        foreach (var group in waiting.GroupBy(e => (e.Edition, e.Lease)))
        {
            var now = sending.TryGetValue(group.Key.Lease, out var known) ? known : sending[group.Key.Lease] = [];
            foreach (var entry in group)
            {
                if (entry.Done is { } done) now.Remove(done.SubscriberId);
                if (entry.Next is { } next) now.Add(next);
            }

            try
            {
                var isHeld = await Patiently(group.Key.Edition, group.Key.Lease, now, [.. group.Select(e => e.Done).OfType<DigestOutcome>()]);
                if (now.Count == 0 || !isHeld) sending.Remove(group.Key.Lease);
                foreach (var entry in group) entry.Stored.SetResult(isHeld);
            }
            catch (Exception e) // the database stays away: whoever waits hears it, and stops; the lease runs out
            {
                foreach (var entry in group) entry.Stored.SetException(e);
            }
        }
    }

    private async Task<bool> Patiently(long edition, long lease, HashSet<Guid> now, IReadOnlyList<DigestOutcome> outcomes)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await ledger.Record(edition, lease, now, outcomes, CancellationToken.None);
            }
            catch (Exception e) when (tried < Tries && DatabaseFault.In(e) is not null and not Npgsql.PostgresException { IsTransient: false })
            {
                await Task.Delay(Between, time);
            }
        }
    }
}
