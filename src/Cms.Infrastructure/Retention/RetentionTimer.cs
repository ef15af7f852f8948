using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Newsletter.Lists;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Retention;

/// <summary>Deletes what is past its time, each hour, on one node at a time.</summary>
internal sealed class RetentionTimer(JobContexts jobs, TimeProvider time, ILogger<RetentionTimer> log) : BackgroundService
{
    /// <summary>How long a token that no longer works is still listed.</summary>
    public static readonly TimeSpan DeadTokensKeptFor = TimeSpan.FromDays(30);

    // What a cache that was away longer cannot catch up with: it forgets all it holds.
    private static readonly TimeSpan TicksKeptFor = TimeSpan.FromDays(1);

    // By then every cache in front has let go of what it held: a longer CdnSeconds is refused.
    private static readonly TimeSpan PurgesKeptFor = TimeSpan.FromDays(1);

    // A backlog of days must neither outlast the statement's time nor hold its locks for long.
    private const int Portion = 1_000;

    // Not at the start: it can wait, and who asks first cannot.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1), Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(First, time);
        while (await Next(timer, stoppingToken))
        {
            timer.Period = Interval;
            try
            {
                await RunOnce(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: the next hour tries again
            {
                log.LogWarning("What is past its time could not be deleted: {Fault}.", DatabaseFault.Name(e));
            }
        }
    }

    /// <summary>Deletes what is past its time now, in portions that each stay done; does nothing while another node does.</summary>
    /// <returns>How many rows went.</returns>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var now = time.Now();
        var (keysBefore, tokensBefore) = (now - IdempotencyRecord.KeptFor, now - DeadTokensKeptFor);
        var keys = await All($"""
            DELETE FROM cms.idempotency_keys WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.idempotency_keys WHERE created_at < {keysBefore} ORDER BY created_at LIMIT {Portion}))
            """, ct);
        var tokens = await All($"""
            DELETE FROM cms.tokens WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.tokens WHERE expires_at < {tokensBefore} OR revoked_at < {tokensBefore} LIMIT {Portion}))
            """, ct);
        var purgesBefore = now - PurgesKeptFor;
        var purges = await All($"""
            DELETE FROM cms.outbox WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.outbox WHERE kind = {OutboxEvent.Purge} AND created_at < {purgesBefore} LIMIT {Portion}))
            """, ct);
        var (importsBefore, brokenBefore) = (now - ImportStore.KeptFor, now - ImportStore.ReceivedWithin);
        var imports = await All($"""
            DELETE FROM cms.imports WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.imports WHERE created_at < {importsBefore} OR (status = 'receiving' AND created_at < {brokenBefore}) LIMIT 10))
            """, ct, portion: 10); // each with some thousand rows of its file and its report
        return keys + tokens + purges + imports + await Delivery(now, ct);
    }

    private async Task<int> Delivery(DateTimeOffset now, CancellationToken ct)
    {
        var (ticksBefore, tombstonesBefore) = (now - TicksKeptFor, now - DeliveryStore.TombstonesKeptFor);
        var ticks = await All($"""
            DELETE FROM delivery.ticks WHERE number = ANY (ARRAY(
                SELECT o.number FROM (SELECT number, at FROM delivery.ticks ORDER BY number LIMIT {Portion}) o WHERE o.at < {ticksBefore}))
            """, ct);
        // What is forgotten is remembered: a follower from before it is told to begin anew.
        return ticks + await All($"""
            WITH old AS (SELECT article_id, number FROM delivery.changes WHERE gone AND at < {tombstonesBefore} ORDER BY at LIMIT {Portion}),
              told AS (UPDATE delivery.clock SET forgotten = greatest(forgotten, (SELECT max(number) FROM old)) WHERE EXISTS (SELECT FROM old) RETURNING forgotten)
            DELETE FROM delivery.changes c USING old, told WHERE c.article_id = old.article_id AND c.number = old.number
            """, ct);
    }

    private async Task<int> All(FormattableString delete, CancellationToken ct, int portion = Portion)
    {
        var (gone, last) = (0, portion);
        while (last == portion) gone += last = await Once(delete, ct);
        return gone;
    }

    private async Task<int> Once(FormattableString delete, CancellationToken ct)
    {
        await using var db = jobs.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var mine = await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Retention}) AS \"Value\"").SingleAsync(ct);
        if (!mine) return 0;

        var gone = await db.Database.ExecuteSqlAsync(delete, ct);
        await transaction.CommitAsync(ct);
        return gone;
    }

    private static async Task<bool> Next(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
