using System.Threading.Channels;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Writes to the ledger for all connections of a node: whatever waits goes in one commit, and each connection waits for its own. So no connection begins a mail
/// before what became of the one before is stored, and a kill leaves at most one in doubt for each.
/// </summary>
internal sealed class DigestRecorder(DigestLedger ledger, TimeProvider time)
{
    // What a server took is known here alone: a database that is away for a moment must not make it go again. A service that stops waits no longer than it is let.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Between = TimeSpan.FromSeconds(1), Moment = TimeSpan.FromMilliseconds(1);

    // Commits that follow one which waited in vain.
    private const int Unasked = 32;

    private readonly Channel<Entry> entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Dictionary<long, IReadOnlyCollection<Guid>> sending = [];
    private NpgsqlConnection? connection;
    private int unasked;

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
        finally
        {
            await Disconnect();
        }
    }

    // Not cancelled by a stop: what a server took is stored as taken.
    private async Task WriteWaiting()
    {
        var waiting = new List<Entry>();
        while (entries.Reader.TryRead(out var entry)) waiting.Add(entry);
        if (waiting.Count == 0) return;
        await Gather(waiting);
        var records = new List<DigestRecord>();
        foreach (var group in waiting.GroupBy(e => (e.Edition, e.Lease)).OrderBy(g => g.Key.Lease))
        {
            var now = new HashSet<Guid>(sending.GetValueOrDefault(group.Key.Lease, [])); // until it is stored, the old ones are in doubt
            foreach (var entry in group)
            {
                if (entry.Done is { } done) now.Remove(done.SubscriberId);
                if (entry.Next is { } next) now.Add(next);
            }

            records.Add(new(group.Key.Edition, group.Key.Lease, now, [.. group.Select(e => e.Done).OfType<DigestOutcome>()]));
        }

        try
        {
            var held = await Patiently(records);
            var isHeld = records.Zip(held).ToDictionary(r => r.First.Lease, r => r.Second);
            foreach (var record in records)
            {
                if (record.Sending.Count == 0 || !isHeld[record.Lease]) sending.Remove(record.Lease);
                else sending[record.Lease] = record.Sending;
            }

            foreach (var entry in waiting) entry.Stored.SetResult(isHeld[entry.Lease]);
        }
        catch (Exception e) // the database stays away: whoever waits hears it, and stops; the leases run out
        {
            await Disconnect();
            foreach (var entry in waiting) entry.Stored.SetException(e);
        }
    }

    // A commit costs as much for one mail as for sixteen, so a moment is waited for those whose server answers as fast as the others': while it does not, nobody waits.
    private async Task Gather(List<Entry> waiting)
    {
        if (--unasked > 0) return;
        var atServer = sending.Values.Sum(s => s.Count);
        using var moment = new CancellationTokenSource(Moment); // a real one, whatever time a test has
        try
        {
            while (waiting.Count(e => e.Done is not null) < atServer && await entries.Reader.WaitToReadAsync(moment.Token))
                while (entries.Reader.TryRead(out var entry)) waiting.Add(entry);
        }
        catch (OperationCanceledException)
        {
            unasked = Unasked;
        }
    }

    private async Task<bool[]> Patiently(List<DigestRecord> records)
    {
        var since = time.GetTimestamp();
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await ledger.Record(connection ??= await ledger.Connect(CancellationToken.None), records, CancellationToken.None);
            }
            catch (Exception e) when ((tried == 1 || time.GetElapsedTime(since) < Patience) && (DatabaseFault.IsLostConnection(e) || DatabaseFault.In(e) is not null and not PostgresException { IsTransient: false }))
            {
                await Disconnect();
                await Task.Delay(Between, time);
            }
        }
    }

    private async Task Disconnect()
    {
        if (connection is not null) await connection.DisposeAsync();
        connection = null;
    }
}
