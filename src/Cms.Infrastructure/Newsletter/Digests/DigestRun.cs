using System.Collections.Concurrent;
using Cms.Domain.Newsletter;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>One edition, as this node sends it.</summary>
internal sealed class DigestRun(Edition edition, DigestComposer composer, DigestLedger ledger, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, Progress> batches = new();
    private TaskCompletionSource? idle;

    private sealed class Progress(int open, long readAt)
    {
        public int Open = open;
        public long ReadAt = readAt;
        public HashSet<Guid>? Active;
        public Task? Reading;
    }

    public Edition Edition => edition;

    public DigestComposer Composer => composer;

    /// <summary>Texts that were rendered already; of the one that fills the queue alone.</summary>
    public Dictionary<Guid, DigestBody> Bodies { get; } = [];

    public DigestRecorder Recorder { get; } = new(ledger, time);

    /// <summary>What this node has, by lease: it keeps them.</summary>
    public ConcurrentDictionary<long, DigestBatch> Held { get; } = new();

    /// <summary>Every mail that was begun has ended.</summary>
    public bool IsIdle => batches.IsEmpty;

    public void Begin(DigestBatch batch, int mails, long readAt) => batches[batch.Lease] = new(mails, readAt);

    public void End(DigestBatch batch)
    {
        batches.TryRemove(batch.Lease, out _);
        if (IsIdle) Volatile.Read(ref idle)?.TrySetResult();
    }

    /// <summary>Ends once it is idle. One waits, who begins nothing meanwhile.</summary>
    public Task Idle()
    {
        var coming = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref idle, coming); // seen by whoever ends the last batch, before it is asked whether that is so
        if (IsIdle) coming.TrySetResult();
        return coming.Task;
    }

    public bool IsDone(DigestBatch batch) => batches.TryGetValue(batch.Lease, out var progress) && Volatile.Read(ref progress.Open) == 0;

    /// <summary>Stores the last one's outcome and that the next one goes: in one commit.</summary>
    public async Task<bool> Next((DigestBatch Batch, DigestOutcome Outcome)? last, DigestBatch batch, Guid next)
    {
        if (last is not { } done || done.Batch.Lease == batch.Lease) return await Store(batch, last?.Outcome, next);
        var stored = Store(done.Batch, done.Outcome, null);
        var begun = Store(batch, null, next);
        await Task.WhenAll(stored, begun);
        return await begun;
    }

    public async Task<bool> Store(DigestBatch batch, DigestOutcome? outcome, Guid? next)
    {
        var isHeld = await Recorder.Record(batch.Edition, batch.Lease, outcome, next);
        if (outcome is not null && batches.TryGetValue(batch.Lease, out var progress)) Interlocked.Decrement(ref progress.Open);
        if (!isHeld && next is not null && batches.TryGetValue(batch.Lease, out progress)) Interlocked.Decrement(ref progress.Open);
        return isHeld;
    }

    /// <summary>Whether the reader may still get it: as the batch was read, or, when that is long ago, as it is now.</summary>
    public async Task<bool> MayGetIt(DigestBatch batch, Guid subscriber, TimeSpan fresh, CancellationToken ct)
    {
        if (!batches.TryGetValue(batch.Lease, out var progress)) return true;
        Task? reading = null;
        lock (progress)
            if (time.GetElapsedTime(progress.ReadAt) > fresh) reading = progress.Reading ??= Read(batch, progress, ct);
        if (reading is not null) await reading;
        return progress.Active?.Contains(subscriber) ?? true;
    }

    private async Task Read(DigestBatch batch, Progress progress, CancellationToken ct)
    {
        await Task.Yield(); // whoever began it has to remember it first
        try
        {
            var asked = time.GetTimestamp();
            var active = await ledger.MayGetIt(batch.Mails, ct);
            lock (progress) (progress.Active, progress.ReadAt) = (active, asked);
        }
        finally
        {
            lock (progress) progress.Reading = null; // one that failed is not the answer for all
        }
    }
}
