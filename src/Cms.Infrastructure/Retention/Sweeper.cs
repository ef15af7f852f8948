using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Newsletter.Bounces;
using Cms.Infrastructure.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Retention;

/// <summary>Deletes what is past its time, on one node at a time.</summary>
internal sealed class Sweeper(JobContexts jobs, TimeProvider time)
{
    /// <summary>How long a token that no longer works is still listed.</summary>
    public static readonly TimeSpan DeadTokensKeptFor = TimeSpan.FromDays(30);

    // What a cache that was away longer cannot catch up with: it forgets all it holds.
    private static readonly TimeSpan TicksKeptFor = TimeSpan.FromDays(1);

    // By then every cache in front has let go of what it held: a longer CdnSeconds is refused.
    private static readonly TimeSpan PurgesKeptFor = TimeSpan.FromDays(1);

    // A backlog of days must neither outlast the statement's time nor hold its locks for long.
    private const int Portion = 1_000;

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
        var softBefore = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-SoftBounces.KeptDays);
        var soft = await All($"""
            DELETE FROM cms.soft_bounces WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.soft_bounces WHERE day < {softBefore} ORDER BY day LIMIT {Portion}))
            """, ct);
        return keys + tokens + purges + soft + await Delivery(now, ct);
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

    private async Task<int> All(FormattableString delete, CancellationToken ct)
    {
        var (gone, portion) = (0, Portion);
        while (portion == Portion) gone += portion = await Once(delete, ct);
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
}
