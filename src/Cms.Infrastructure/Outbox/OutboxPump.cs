using System.Security.Cryptography;
using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Postgres;
using Cms.Infrastructure.Publishing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Outbox;

/// <summary>
/// Does the outbox's work. One transaction takes an event by its row lock (SKIP LOCKED), does a bounded part of it and stores how far it
/// came: the lock is the lease, and a killed node's event is free at once, at its last stored step. A failure is stored with a delay that
/// grows, so that one poisoned event delays no other; after twelve, in about three days, it is dead and stays for people to
/// see. Events of kinds that this build does not know are left to nodes that do: a newer release runs beside.
/// </summary>
internal sealed class OutboxPump(JobContexts jobs, OutboxSignal signal, TimeProvider time, ILogger<OutboxPump> log) : BackgroundService
{
    private const int Step = 50;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), LongestDelay = TimeSpan.FromHours(16);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (raised, worked) = (signal.Raised, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!worked) await Pause(raised, stoppingToken); // first of all as well: what a start can leave for later waits
            (raised, worked) = (signal.Raised, false);
            try
            {
                worked = await PumpOnce(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                log.LogWarning("The outbox could not be worked: {Fault}.", DatabaseFault.Name(e));
            }
        }
    }

    /// <summary>Does one step of one event.</summary>
    /// <returns>False when nothing is due.</returns>
    public async Task<bool> PumpOnce(CancellationToken ct)
    {
        await using var db = jobs.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = time.Now();
        var work = await db.Outbox.FromSql($"""
            SELECT * FROM cms.outbox WHERE NOT dead AND kind = ANY ({OutboxEvent.Kinds}) AND not_before <= {now} ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED
            """).SingleOrDefaultAsync(ct);
        if (work is null) return false;

        try
        {
            await transaction.CreateSavepointAsync("work", ct);
            if (await Rerender(db, work, ct)) db.Outbox.Remove(work);
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it is, the event must not stop the others
        {
            await transaction.RollbackToSavepointAsync("work", ct);
            PutOff(work, now);
            // Never the message: it may hold values of rows.
            log.LogError("Outbox event {Event} failed, try {Attempt}: {Fault} at {Stack}.", work.Id, work.Attempts, DatabaseFault.Name(e), e.StackTrace);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private async Task<bool> Rerender(CmsDbContext db, OutboxEvent work, CancellationToken ct)
    {
        await Publisher.Lock(db, ct);
        var delivery = new DeliveryWriter(db, time, log);
        var articles = await delivery.Showing(work.Subject, work.Progress, Step, ct);
        await delivery.RenderReadable(articles, ct);
        if (articles.Count > 0) work.Progress = articles[^1];
        return articles.Count < Step;
    }

    private static void PutOff(OutboxEvent work, DateTimeOffset now)
    {
        work.Attempts++;
        work.Dead = work.Attempts >= OutboxEvent.MaxAttempts;
        var delay = TimeSpan.FromSeconds(Math.Min(Math.Pow(4, work.Attempts), LongestDelay.TotalSeconds));
        work.NotBefore = now + delay + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1_000));
    }

    private async Task Pause(Task raised, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(raised, Task.Delay(Poll, time, either.Token)); // there is work, it is time to look, or the service stops
        await either.CancelAsync();
    }
}
