using System.Collections.Concurrent;
using System.Threading.Channels;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Templates;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Sends what the ledger says is due, on a few connections at one time, on every node. Mails that no server took go again later, and longer later each time; after
/// twelve hours they have failed. A mailbox that is no more is suppressed at once.
/// </summary>
internal sealed class DigestSender(
    JobContexts jobs, DigestLedger ledger, EditionMaker maker, IMailSender sender, Lazy<NewsletterTemplates> templates, ReaderMails mails, Envelopes envelopes, ReaderLinks links, SuppressionKey key,
    DigestTimes times, TimeProvider time, ILogger<DigestSender> log) : BackgroundService
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(2), GivenUpAfter = TimeSpan.FromHours(12), LongestRest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private const int Waiting = 50;

    private readonly ConcurrentDictionary<long, DigestBatch> held = new();
    private int away;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sender.Connections == 0) return; // nobody takes mails: editions wait for a start with a server
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await SendDue(stoppingToken)) await Task.Delay(times.Poll, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                log.LogWarning("The digest could not be sent: {Fault}.", DatabaseFault.Name(e));
                await Task.WhenAny(Task.Delay(times.Poll, time, stoppingToken));
            }
        }
    }

    /// <summary>Sends of every edition what is due now.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> SendDue(CancellationToken ct)
    {
        List<Edition> sending;
        await using (var db = jobs.Open()) sending = await db.Editions.AsNoTracking().Where(e => e.Status == EditionStatus.Sending).OrderBy(e => e.Number).ToListAsync(ct);
        var any = false;
        foreach (var edition in sending) any |= await Send(edition, ct);
        return any;
    }

    private async Task<bool> Send(Edition edition, CancellationToken ct)
    {
        if (await ledger.Claim(edition.Number, ct) is not { } first)
        {
            if (await ledger.Finish(edition.Number, ct)) log.LogInformation("Edition {Number} is sent.", edition.Number);
            return false;
        }

        var run = new Run(edition, await Composer(edition, ct), ledger);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var recording = new CancellationTokenSource();
        using var grace = new CancellationTokenSource();
        await using var stopping = ct.Register(() => grace.CancelAfter(Grace)); // a mail that is on its way may arrive
        var (recorder, keeper) = (run.Recorder.Run(recording.Token), KeepLeases(ended.Token));
        try
        {
            var queue = Channel.CreateBounded<Ready>(Waiting);
            Task[] workers = [.. Enumerable.Range(0, sender.Connections).Select(_ => WorkOrEnd(run, queue, ct, grace.Token))];
            await Task.WhenAll([.. workers, Fill(run, first, queue.Writer, ct)]);
        }
        finally
        {
            await recording.CancelAsync();
            await recorder;
            await ended.CancelAsync();
            await keeper;
            await GiveBack();
        }

        return true;
    }

    /// <summary>A mail that waits for a connection.</summary>
    private sealed record Ready(DigestBatch Batch, DigestRecipient To, DigestBody Body);

    // One that fails ends the others: they would wait for mails whose end nobody records.
    private async Task WorkOrEnd(Run run, Channel<Ready> queue, CancellationToken ct, CancellationToken grace)
    {
        try
        {
            await Work(run, queue.Reader, ct, grace);
        }
        catch
        {
            queue.Writer.TryComplete();
            throw;
        }
    }

    private async Task Fill(Run run, DigestBatch first, ChannelWriter<Ready> queue, CancellationToken ct)
    {
        try
        {
            for (var batch = first; batch is not null; batch = await ledger.Claim(run.Edition.Number, ct))
            {
                held[batch.Lease] = batch;
                run.Begin(batch);
                if (batch.Left.Count > 0)
                    await ledger.Record(batch.Edition, batch.Lease, [], [.. batch.Left.Select(id => new DigestOutcome(id, DigestState.Left, 0, "left", null, false))], ct);
                var bodies = await Bodies(run, batch, ct);
                foreach (var mail in batch.Mails)
                    if (!await Write(queue, new(batch, mail, bodies[mail.Set]), ct)) return;
                if (batch.Mails.Count == 0) await EndBatch(run, batch, ct);
            }
        }
        finally
        {
            queue.TryComplete();
        }
    }

    private static async Task<bool> Write(ChannelWriter<Ready> queue, Ready mail, CancellationToken ct)
    {
        while (!queue.TryWrite(mail))
            if (!await queue.WaitToWriteAsync(ct)) return false;
        return true;
    }

    // One connection: its next mail goes when what became of the last one is stored, and nothing waits between the two that could be cancelled.
    private async Task Work(Run run, ChannelReader<Ready> queue, CancellationToken ct, CancellationToken grace)
    {
        (DigestBatch Batch, DigestOutcome Outcome)? last = null;
        while (true)
        {
            Ready? next = null;
            if (ct.IsCancellationRequested || Volatile.Read(ref away) > 0 || !queue.TryRead(out next))
            {
                if (last is { } waiting)
                {
                    await run.Store(waiting.Batch, waiting.Outcome, null);
                    await Ended(run, waiting.Batch, ct);
                    last = null;
                }

                await Rest(ct);
                if (!await queue.WaitToReadAsync(ct)) return;
                if (!queue.TryRead(out next)) continue;
            }

            var begun = await run.Next(last, next.Batch, next.To.SubscriberId);
            if (last is { } stored) await Ended(run, stored.Batch, ct);
            last = begun ? (next.Batch, await SendOne(run, next, grace)) : null; // else another node has them
        }
    }

    private async Task<DigestOutcome> SendOne(Run run, Ready ready, CancellationToken ct)
    {
        var (batch, mail) = (ready.Batch, ready.To);
        if (!await run.MayGetIt(batch, mail.SubscriberId, times.Fresh, time, ct)) return new(mail.SubscriberId, DigestState.Left, 0, "left", null, false);
        var outcome = await sender.Send(run.Composer.Mail(mail, ready.Body), ct);
        if (outcome.Result is MailResult.Accepted or MailResult.Refused) Interlocked.Exchange(ref away, 0);
        else if (outcome is { Result: MailResult.Deferred, Code: 0 }) Interlocked.Increment(ref away);
        switch (outcome.Result)
        {
            case MailResult.Accepted:
                return new(mail.SubscriberId, DigestState.Sent, outcome.Code, outcome.Status, null, false);
            case MailResult.Refused:
                if (outcome.IsOfRecipient) await Bounce(mail.SubscriberId, ct);
                return new(mail.SubscriberId, DigestState.Failed, outcome.Code, outcome.Status, null, false);
            default:
                var isLate = time.Now() - run.Edition.FrozenAt > GivenUpAfter;
                return new(mail.SubscriberId, isLate ? DigestState.Failed : DigestState.Deferred, outcome.Code, outcome.Status, Delay(run.Edition), outcome.Result == MailResult.InDoubt);
        }
    }

    // A server that is away is asked again soon, and then less and less often.
    private Task Rest(CancellationToken ct) => Volatile.Read(ref away) is > 0 and var failures
        ? Task.Delay(TimeSpan.FromSeconds(Math.Min(LongestRest.TotalSeconds, Math.Pow(2, Math.Min(failures, 10)))), time, ct)
        : Task.CompletedTask;

    // As long again as the edition is old: a minute at first.
    private TimeSpan Delay(Edition edition) => TimeSpan.FromSeconds(Math.Clamp((time.Now() - (edition.FrozenAt ?? time.Now())).TotalSeconds, times.Again.TotalSeconds, LongestDelay.TotalSeconds));

    private async Task Bounce(Guid id, CancellationToken ct)
    {
        await using var db = jobs.Open();
        if (await db.Subscribers.SingleOrDefaultAsync(s => s.Id == id, ct) is not { } subscriber) return;
        await new SuppressionList(db, key, time).Bounce(subscriber, ct);
        await db.SaveChangesAsync(ct);
    }

    private async Task Ended(Run run, DigestBatch batch, CancellationToken ct)
    {
        if (run.IsDone(batch)) await EndBatch(run, batch, ct);
    }

    private async Task EndBatch(Run run, DigestBatch batch, CancellationToken ct)
    {
        run.End(batch);
        if (held.TryRemove(batch.Lease, out _)) await ledger.End(batch.Lease, ct);
    }

    private async Task<DigestComposer> Composer(Edition edition, CancellationToken ct)
    {
        await using var db = jobs.Open();
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        return new(edition, await maker.ContentOf(edition.Id, ct), templates.Value, mails.From(site), envelopes, links, time);
    }

    private async Task<Dictionary<Guid, DigestBody>> Bodies(Run run, DigestBatch batch, CancellationToken ct)
    {
        var wanted = batch.Mails.Select(m => m.Set).Distinct().ToList();
        var missing = wanted.Where(k => !run.Bodies.ContainsKey(k)).ToArray();
        if (missing.Length > 0)
            foreach (var set in await ledger.Sets(run.Edition.Number, missing, ct)) run.Bodies[set.Key] = run.Composer.Body(set);
        var bodies = wanted.ToDictionary(k => k, k => run.Bodies[k]);
        if (run.Bodies.Values.Sum(b => (long)b.Size) > DigestComposer.CacheBytes) run.Bodies.Clear(); // whoever needs one again renders it again
        return bodies;
    }

    private async Task KeepLeases(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(times.Renewal, time, ct);
                await ledger.Keep([.. held.Keys], ct);
            }
        }
        catch (OperationCanceledException)
        {
            // All are done.
        }
        catch (Exception e) // the database is away: the leases run out, and another node goes on
        {
            log.LogWarning("Leases of the digest could not be renewed: {Fault}.", DatabaseFault.Name(e));
        }
    }

    private async Task GiveBack()
    {
        if (held.IsEmpty) return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        long[] leases = [.. held.Keys];
        held.Clear();
        try
        {
            await ledger.GiveBack(leases, patience.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException) // then they run out by themselves
        {
            log.LogWarning("Leases of the digest could not be given back: {Fault}.", DatabaseFault.Name(e));
        }
    }

    /// <summary>One edition, as this node sends it.</summary>
    private sealed class Run(Edition edition, DigestComposer composer, DigestLedger ledger)
    {
        private readonly ConcurrentDictionary<long, Progress> batches = new();

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

        public DigestRecorder Recorder { get; } = new(ledger);

        public void Begin(DigestBatch batch) => batches[batch.Lease] = new(batch.Mails.Count, TimeProvider.System.GetTimestamp());

        public void End(DigestBatch batch) => batches.TryRemove(batch.Lease, out _);

        public bool IsDone(DigestBatch batch) => batches.TryGetValue(batch.Lease, out var progress) && Volatile.Read(ref progress.Open) == 0;

        /// <summary>Stores the last one's outcome and that the next one goes: in one commit when they are of one batch.</summary>
        public async Task<bool> Next((DigestBatch Batch, DigestOutcome Outcome)? last, DigestBatch batch, Guid next)
        {
            if (last is { } done && done.Batch.Lease != batch.Lease)
            {
                await Store(done.Batch, done.Outcome, null);
                last = null;
            }

            return await Store(batch, last?.Outcome, next);
        }

        public async Task<bool> Store(DigestBatch batch, DigestOutcome? outcome, Guid? next)
        {
            var isHeld = await Recorder.Record(batch.Edition, batch.Lease, outcome, next);
            if (outcome is not null && batches.TryGetValue(batch.Lease, out var progress)) Interlocked.Decrement(ref progress.Open);
            if (!isHeld && next is not null && batches.TryGetValue(batch.Lease, out progress)) Interlocked.Decrement(ref progress.Open);
            return isHeld;
        }

        /// <summary>Whether the reader may still get it: as the batch was read, or, when that is long ago, as it is now.</summary>
        public async Task<bool> MayGetIt(DigestBatch batch, Guid subscriber, TimeSpan fresh, TimeProvider time, CancellationToken ct)
        {
            if (!batches.TryGetValue(batch.Lease, out var progress)) return true;
            Task? reading = null;
            lock (progress)
                if (time.GetElapsedTime(progress.ReadAt) > fresh) reading = progress.Reading ??= Read(batch, progress, time, ct);
            if (reading is not null) await reading;
            return progress.Active?.Contains(subscriber) ?? true;
        }

        private async Task Read(DigestBatch batch, Progress progress, TimeProvider time, CancellationToken ct)
        {
            var active = await ledger.StillActive([.. batch.Mails.Select(m => m.SubscriberId)], ct);
            lock (progress) (progress.Active, progress.ReadAt, progress.Reading) = (active, time.GetTimestamp(), null);
        }
    }
}
