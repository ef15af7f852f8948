using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Newsletter.Lists;
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

    // By then whoever misused a form is found or will not be (docs/newsletter.md).
    private static readonly TimeSpan ClientAddressesKeptFor = TimeSpan.FromDays(30);

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
        var (importsBefore, brokenBefore) = (now - ImportStore.KeptFor, now - ImportStore.ReceivedWithin);
        var imports = await All($"""
            DELETE FROM cms.imports WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM cms.imports WHERE created_at < {importsBefore} OR (status = 'receiving' AND created_at < {brokenBefore}) LIMIT 10))
            """, ct, portion: 10); // each with some thousand rows of its file and its report
        return keys + tokens + purges + soft + imports + await Delivery(now, ct) + await Readers(now, ct) + await Digests(now, ct);
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

    private async Task<int> Readers(DateTimeOffset now, CancellationToken ct)
    {
        var (signUpsBefore, mailsBefore) = (now - SignUp.KeptFor, now - AskedMail.KeptFor);
        // A pending subscriber whom nobody but an unconfirmed sign-up made goes with it: made behind it, and never one whom an editor knew before.
        var signUps = await All($"""
            WITH old AS (SELECT id, lower(email COLLATE "C") AS key, subscriber_id, confirmed_at, created_at FROM cms.sign_ups WHERE created_at < {signUpsBefore} ORDER BY created_at LIMIT {Portion}),
              pending AS (DELETE FROM cms.subscribers s USING old WHERE s.email_key = old.key AND old.confirmed_at IS NULL AND old.subscriber_id IS NULL
                AND s.status = 'Pending' AND s.consent IS NULL AND s.opt_in IS NULL AND s.created_at >= old.created_at)
            DELETE FROM cms.sign_ups u USING old WHERE u.id = old.id
            """, ct);
        var mails = await All($"""
            DELETE FROM cms.asked_mails WHERE ctid = ANY (ARRAY(SELECT ctid FROM cms.asked_mails WHERE at < {mailsBefore} ORDER BY at LIMIT {Portion}))
            """, ct);
        var challenges = await All($"""
            DELETE FROM cms.solved_challenges WHERE ctid = ANY (ARRAY(SELECT ctid FROM cms.solved_challenges WHERE expires_at < {now} ORDER BY expires_at LIMIT {Portion}))
            """, ct);
        await CutClientAddresses(now - ClientAddressesKeptFor, ct);
        return signUps + mails + challenges + await ForgetConsents(ct);
    }

    // The numbers of an edition stay, its rows go: first the ones, then the others.
    private async Task<int> Digests(DateTimeOffset now, CancellationToken ct)
    {
        var before = now - DigestCounts.RowsKeptFor;
        List<long> old;
        await using (var db = jobs.Open())
            old = await db.Database.SqlQuery<long>($"""
                SELECT e.number AS "Value" FROM cms.editions e JOIN cms.digest_progress p ON p.edition = e.number WHERE NOT p.is_emptied AND e.finished_at < {before}
                """).ToListAsync(ct);
        var gone = 0;
        foreach (var number in old)
        {
            await Once(async db =>
            {
                await DigestCounts.Keep(db, number, ct);
                return 0;
            }, ct);
            gone += await All($"DELETE FROM cms.digest_mails WHERE ctid = ANY (ARRAY(SELECT ctid FROM cms.digest_mails WHERE edition = {number} LIMIT {Portion}))", ct);
            gone += await All($"DELETE FROM cms.digest_sets WHERE ctid = ANY (ARRAY(SELECT ctid FROM cms.digest_sets WHERE edition = {number} LIMIT {Portion}))", ct);
            gone += await All($"DELETE FROM cms.digest_clicks WHERE edition = {number}", ct, portion: int.MaxValue); // some forty
            await Once(db => db.Database.ExecuteSqlAsync($"UPDATE cms.digest_progress SET is_emptied = true WHERE edition = {number} AND counts IS NOT NULL AND NOT EXISTS (SELECT FROM cms.digest_mails WHERE edition = {number})", ct), ct);
        }

        return gone;
    }

    // To the network, as 192.0.2.0/24 or 2001:db8:1::/48: the slash says that it is done.
    private async Task CutClientAddresses(DateTimeOffset before, CancellationToken ct)
    {
        await All($"""
            UPDATE cms.consents SET client_address = network(set_masklen(client_address::inet, CASE family(client_address::inet) WHEN 4 THEN 24 ELSE 48 END))::text
            WHERE id = ANY (ARRAY(SELECT id FROM cms.consents WHERE at < {before} AND client_address IS NOT NULL AND client_address NOT LIKE '%/%' ORDER BY at LIMIT {Portion}))
            """, ct);
        await All($"""
            UPDATE cms.subscribers SET opt_in = jsonb_set(opt_in::jsonb, ARRAY['clientAddress'],
                to_jsonb(network(set_masklen((opt_in->>'clientAddress')::inet, CASE family((opt_in->>'clientAddress')::inet) WHEN 4 THEN 24 ELSE 48 END))::text))::json
            WHERE id = ANY (ARRAY(SELECT id FROM cms.subscribers WHERE (opt_in->>'signedUpAt')::timestamptz < {before} AND opt_in->>'clientAddress' NOT LIKE '%/%' LIMIT {Portion}))
            """, ct);
    }

    // The database's own function: the service's role may not delete of the ledger.
    private async Task<int> ForgetConsents(CancellationToken ct)
    {
        var (gone, portion) = (0, 1);
        while (portion > 0) gone += portion = await Once(async db => (int)await db.Database.SqlQuery<long>($"SELECT cms.forget_consents({Portion}) AS \"Value\"").SingleAsync(ct), ct);
        return gone;
    }

    private async Task<int> All(FormattableString delete, CancellationToken ct, int portion = Portion)
    {
        var (gone, last) = (0, portion);
        while (last == portion) gone += last = await Once(delete, ct);
        return gone;
    }

    private Task<int> Once(FormattableString delete, CancellationToken ct) => Once(db => db.Database.ExecuteSqlAsync(delete, ct), ct);

    private async Task<int> Once(Func<CmsDbContext, Task<int>> delete, CancellationToken ct)
    {
        await using var db = jobs.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var mine = await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Retention}) AS \"Value\"").SingleAsync(ct);
        if (!mine) return 0;

        var gone = await delete(db);
        await transaction.CommitAsync(ct);
        return gone;
    }
}
