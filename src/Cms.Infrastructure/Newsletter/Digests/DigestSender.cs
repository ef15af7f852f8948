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
/// Sends what the ledger says is due, on a few connections at one time, on every node. Mails that no server took go again later, and longer later each time; the
/// twelfth time they have failed. A mailbox that is no more is suppressed at once, unless the server refuses everybody.
/// </summary>
internal sealed class DigestSender(
    JobContexts jobs, DigestLedger ledger, EditionMaker maker, IMailSender sender, Lazy<NewsletterTemplates> templates, ReaderMails mails, Envelopes envelopes, ReaderLinks links, SuppressionKey key,
    DigestTimes times, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DigestSender> log) : BackgroundService
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(2), StaleAfter = TimeSpan.FromHours(12), LateAfter = TimeSpan.FromHours(36), LongestRest = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private const int Waiting = 50;

    // So many refusals in a row, and nothing taken, are the server's and not the readers'. One that names the mailbox (RFC 3463) is not among them: an old list has many.
    private const int MostRefusals = 20;

    // Of all editions together: whoever has a place may have a mail at the server.
    private readonly SemaphoreSlim places = new(sender.Connections);
    private int away, refusals;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sender.Connections == 0) return; // nobody takes mails: editions wait for a start with a server
        if (!await lifetime.Started(stoppingToken)) return;
        // One whose last mail hangs at a server for a quarter of an hour keeps no other waiting.
        var running = new Dictionary<long, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var ended in running.Where(r => r.Value.IsCompleted).ToList()) running.Remove(ended.Key);
                foreach (var edition in (await Sending(stoppingToken)).Where(e => !running.ContainsKey(e.Number))) running[edition.Number] = SendAll(edition, stoppingToken);
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away, and at a stop what runs has to end first
            {
                if (!stoppingToken.IsCancellationRequested) log.LogWarning("The digest could not be sent: {Fault}.", DatabaseFault.Name(e));
            }

            await Task.WhenAny(Task.Delay(times.Poll, time, stoppingToken));
        }

        await Task.WhenAll(running.Values);
    }

    /// <summary>Sends of every edition what is due now.</summary>
    public async Task SendDue(CancellationToken ct) => await Task.WhenAll((await Sending(ct)).Select(e => SendAll(e, ct)));

    private async Task<List<Edition>> Sending(CancellationToken ct)
    {
        await using var db = jobs.Open();
        return await db.Editions.AsNoTracking().Where(e => e.Status == EditionStatus.Sending).OrderBy(e => e.Number).ToListAsync(ct);
    }

    private async Task SendAll(Edition edition, CancellationToken ct)
    {
        try
        {
            while (await Send(edition, ct))
            {
                // There may be more by now.
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What was not sent is the ledger's.
        }
        catch (Exception e) // one edition's fault, such as a template that fails on its articles, stops no other
        {
            log.LogError("Edition {Number} could not be sent: {Fault} at {Stack}.", edition.Number, DatabaseFault.Name(e), e.StackTrace);
        }
    }

    private async Task<bool> Send(Edition edition, CancellationToken ct)
    {
        if (time.Now() - edition.FrozenAt > StaleAfter && await ledger.GiveUp(edition.Number, ct))
        {
            log.LogError("Edition {Number} is skipped: no mail of it went within {Hours} hours.", edition.Number, StaleAfter.TotalHours);
            return false;
        }

        var askedAt = time.GetTimestamp();
        if (await ledger.Claim(edition.Number, isAgainFirst: false, ct) is not { } first)
        {
            if (await ledger.Finish(edition.Number, ct)) log.LogInformation("Edition {Number} is sent.", edition.Number);
            return false;
        }

        var run = new DigestRun(edition, await Composer(edition, ct), ledger, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var recording = new CancellationTokenSource();
        using var grace = new CancellationTokenSource();
        await using var stopping = ct.Register(() => grace.CancelAfter(Grace)); // a mail that is on its way may arrive
        var (recorder, keeper) = (run.Recorder.Run(recording.Token), KeepLeases(run, ended.Token)); // once one has failed nothing is kept: others may have it, whatever still hangs
        try
        {
            var queue = Channel.CreateBounded<Ready>(Waiting);
            Task[] workers = [.. Enumerable.Range(0, sender.Connections).Select(_ => WorkOrEnd(run, queue, ended, ct, grace.Token))];
            await Task.WhenAll([.. workers, Fill(run, first, askedAt, queue.Writer, ended.Token)]);
        }
        finally
        {
            await recording.CancelAsync();
            await recorder;
            await ended.CancelAsync();
            await keeper;
            await GiveBack(run);
        }

        return true;
    }

    /// <summary>A mail that waits for a connection.</summary>
    private sealed record Ready(DigestBatch Batch, DigestRecipient To, DigestBody Body);

    // One that fails ends the others: they would wait for mails whose end nobody records.
    private async Task WorkOrEnd(DigestRun run, Channel<Ready> queue, CancellationTokenSource ended, CancellationToken ct, CancellationToken grace)
    {
        try
        {
            await Work(run, queue.Reader, ct, grace);
        }
        catch
        {
            queue.Writer.TryComplete();
            await ended.CancelAsync();
            throw;
        }
    }

    // To the end of its last mail, which may hang at a server for long: meanwhile what another node had, or what was put off, is for the other connections.
    private async Task Fill(DigestRun run, DigestBatch first, long askedAt, ChannelWriter<Ready> queue, CancellationToken ct)
    {
        try
        {
            var (batch, isAgainFirst) = ((DigestBatch?)first, false);
            while (batch is not null || !run.IsIdle)
            {
                if (batch is null) await Task.WhenAny(run.Idle(), Task.Delay(times.Poll, time, ct)).Unwrap();
                else if (!await Queue(run, batch, askedAt, queue, ct)) return;
                (askedAt, isAgainFirst) = (time.GetTimestamp(), !isAgainFirst);
                batch = await Claim(run, isAgainFirst, ct);
            }
        }
        finally
        {
            queue.TryComplete();
        }
    }

    // Null, too, where the database does not answer: what is at a server goes on, and it is asked again while something is.
    private async Task<DigestBatch?> Claim(DigestRun run, bool isAgainFirst, CancellationToken ct)
    {
        try
        {
            return await ledger.Claim(run.Edition.Number, isAgainFirst, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogWarning("Mails of edition {Number} could not be claimed: {Fault}.", run.Edition.Number, DatabaseFault.Name(e));
            return null;
        }
    }

    private async Task<bool> Queue(DigestRun run, DigestBatch batch, long readAt, ChannelWriter<Ready> queue, CancellationToken ct)
    {
        run.Held[batch.Lease] = batch;
        Dictionary<Guid, DigestBody> bodies;
        try
        {
            bodies = await Bodies(run, batch, ct);
            var unwritten = batch.Mails.Where(m => !bodies.ContainsKey(m.Set)).Select(m => new DigestOutcome(m.SubscriberId, DigestState.Deferred, 0, "template", Delay(run.Edition), false)).ToList();
            DigestOutcome[] known = [.. batch.Left.Select(id => new DigestOutcome(id, DigestState.Left, 0, "left", null, false)), .. unwritten];
            await Task.WhenAll(known.Select(o => run.Recorder.Record(batch.Edition, batch.Lease, o, null)));
            run.Begin(batch, batch.Mails.Count - unwritten.Count, readAt);
            if (batch.Mails.Count == unwritten.Count) await EndBatch(run, batch);
        }
        catch (Exception e) when (e is not OperationCanceledException) // none of them has gone: the lease runs out
        {
            run.Held.TryRemove(batch.Lease, out _);
            log.LogWarning("Mails of edition {Number} could not be begun: {Fault}.", run.Edition.Number, DatabaseFault.Name(e));
            await Task.Delay(times.Poll, time, ct); // or all of a long list would be claimed in vain
            return true;
        }

        foreach (var mail in batch.Mails.Where(m => bodies.ContainsKey(m.Set)))
            if (!await Write(queue, new(batch, mail, bodies[mail.Set]), ct)) return false;
        return true;
    }

    private static async Task<bool> Write(ChannelWriter<Ready> queue, Ready mail, CancellationToken ct)
    {
        while (!queue.TryWrite(mail))
            if (!await queue.WaitToWriteAsync(ct)) return false;
        return true;
    }

    // One connection, while it has a place: its next mail goes when what became of the last one is stored, and nothing waits between the two that could be cancelled.
    private async Task Work(DigestRun run, ChannelReader<Ready> queue, CancellationToken ct, CancellationToken grace)
    {
        while (await queue.WaitToReadAsync(ct))
        {
            await Rest(ct);
            await places.WaitAsync(ct);
            try
            {
                (DigestBatch Batch, DigestOutcome Outcome)? last = null;
                for (var turn = 0; turn < Waiting && queue.TryRead(out var next); turn++) // then another edition's, if one waits
                {
                    var begun = await run.Next(last, next.Batch, next.To.SubscriberId);
                    if (last is { } stored) await Ended(run, stored.Batch);
                    if (!begun) await Ended(run, next.Batch);
                    last = begun ? (next.Batch, await SendOne(run, next, grace)) : null; // else another node has them
                    if (ct.IsCancellationRequested || Volatile.Read(ref away) > 0) break;
                }

                if (last is not { } waiting) continue;
                await run.Store(waiting.Batch, waiting.Outcome, null);
                await Ended(run, waiting.Batch);
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async Task<DigestOutcome> SendOne(DigestRun run, Ready ready, CancellationToken ct)
    {
        var (batch, mail) = (ready.Batch, ready.To);
        if (time.Now() - run.Edition.FrozenAt > LateAfter) return new(mail.SubscriberId, DigestState.Failed, 0, "late", null, false);
        MailOutcome outcome;
        try
        {
            outcome = await sender.Send(run.Composer.Mail(mail, ready.Body) with { MayGo = c => run.MayGetIt(batch, mail.SubscriberId, times.Fresh, c) }, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it is, the others go
        {
            log.LogError("A mail of edition {Number} could not be sent: {Fault} at {Stack}.", run.Edition.Number, DatabaseFault.Name(e), e.StackTrace);
            return new(mail.SubscriberId, DigestState.Deferred, 0, "fault", Delay(run.Edition), false);
        }

        switch (outcome.Result)
        {
            case MailResult.Accepted:
                (away, refusals) = (0, 0);
                return new(mail.SubscriberId, DigestState.Sent, outcome.Code, outcome.Status, null, false);
            case MailResult.Withdrawn: // who left, moved or was barred: the next claim sees which
                return new(mail.SubscriberId, DigestState.Deferred, 0, "changed", TimeSpan.Zero, false);
            case MailResult.Refused when outcome is { IsOfRecipient: true, Status: not null } || Interlocked.Increment(ref refusals) <= MostRefusals:
                if (outcome.IsOfRecipient) await Bounce(mail, ct);
                return new(mail.SubscriberId, DigestState.Failed, outcome.Code, outcome.Status, null, false);
            case MailResult.Refused:
                if (Interlocked.Increment(ref away) == 1) log.LogError("{Destination} refuses everything: {Code} {Status}. Mails wait, and nobody is suppressed for it.", sender.Destination, outcome.Code, outcome.Status);
                return new(mail.SubscriberId, DigestState.Deferred, outcome.Code, outcome.Status, Delay(run.Edition), false);
            default:
                if (outcome.Code == 0) Interlocked.Increment(ref away);
                return new(mail.SubscriberId, DigestState.Deferred, outcome.Code, outcome.Status, Delay(run.Edition), outcome.Result == MailResult.InDoubt);
        }
    }

    // A server that is away is asked again soon, and then less and less often.
    private Task Rest(CancellationToken ct) => Volatile.Read(ref away) is > 0 and var failures
        ? Task.Delay(TimeSpan.FromSeconds(Math.Min(LongestRest.TotalSeconds, Math.Pow(2, Math.Min(failures, 10)))), time, ct)
        : Task.CompletedTask;

    // As long again as the edition is old: a minute at first.
    private TimeSpan Delay(Edition edition) => TimeSpan.FromSeconds(Math.Clamp((time.Now() - (edition.FrozenAt ?? time.Now())).TotalSeconds, times.Again.TotalSeconds, LongestDelay.TotalSeconds));

    // Of the address that was mailed alone: whoever has moved since keeps the new one.
    private async Task Bounce(DigestRecipient mail, CancellationToken ct)
    {
        try
        {
            await using var db = jobs.Open();
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var found = await db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE id = {mail.SubscriberId} FOR UPDATE").SingleOrDefaultAsync(ct);
            if (found is not { } subscriber || subscriber.Email != mail.Email) return;
            await new SuppressionList(db, key, time).Bounce(subscriber, ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException) // the refusal is recorded all the same, and the next one says it again
        {
            log.LogWarning("A mailbox that is no more could not be suppressed: {Fault}.", DatabaseFault.Name(e));
        }
    }

    private async Task Ended(DigestRun run, DigestBatch batch)
    {
        if (run.IsDone(batch)) await EndBatch(run, batch);
    }

    // Not cancelled by a stop: nobody else would finish the edition before the lease ran out.
    private async Task EndBatch(DigestRun run, DigestBatch batch)
    {
        run.End(batch);
        if (!run.Held.TryRemove(batch.Lease, out _)) return;
        try
        {
            await ledger.End(batch.Lease);
        }
        catch (Exception e) // there is nothing left in it, and it runs out by itself
        {
            log.LogWarning("A lease of the digest could not be ended: {Fault}.", DatabaseFault.Name(e));
        }
    }

    private async Task<DigestComposer> Composer(Edition edition, CancellationToken ct)
    {
        await using var db = jobs.Open();
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        return new(edition, await maker.ContentOf(edition.Id, ct), templates.Value, mails.From(site), envelopes, links, time);
    }

    private async Task<Dictionary<Guid, DigestBody>> Bodies(DigestRun run, DigestBatch batch, CancellationToken ct)
    {
        var wanted = batch.Mails.Select(m => m.Set).Distinct().ToList();
        var missing = wanted.Where(k => !run.Bodies.ContainsKey(k)).ToArray();
        foreach (var set in missing.Length == 0 ? [] : await ledger.Sets(run.Edition.Number, missing, ct))
        {
            try
            {
                run.Bodies[set.Key] = run.Composer.Body(set);
            }
            catch (Exception e) when (e is not OperationCanceledException) // what one group gets cannot be written: the others get theirs
            {
                log.LogError("A text of edition {Number} cannot be written: {Fault} at {Stack}.", run.Edition.Number, e.GetType().Name, e.StackTrace);
            }
        }

        var bodies = wanted.Where(run.Bodies.ContainsKey).ToDictionary(k => k, k => run.Bodies[k]);
        if (run.Bodies.Values.Sum(b => (long)b.Size) > DigestComposer.CacheBytes) run.Bodies.Clear(); // whoever needs one again renders it again
        return bodies;
    }

    private async Task KeepLeases(DigestRun run, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(times.Renewal, time, ct);
                await ledger.Keep([.. run.Held.Keys], ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return; // all are done
            }
            catch (Exception e) // the database is away for a moment; should it stay so, the leases run out, and another node goes on
            {
                log.LogWarning("Leases of the digest could not be renewed: {Fault}.", DatabaseFault.Name(e));
            }
        }
    }

    private async Task GiveBack(DigestRun run)
    {
        if (run.Held.IsEmpty) return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        long[] leases = [.. run.Held.Keys];
        try
        {
            await ledger.GiveBack(leases, patience.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException) // then they run out by themselves
        {
            log.LogWarning("Leases of the digest could not be given back: {Fault}.", DatabaseFault.Name(e));
        }
    }
}
