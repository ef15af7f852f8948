using Cms.Domain;
using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter;

/// <summary>Erases a reader everywhere at once (GDPR, article 17): what is left is a keyed hash on the suppression list and in the consent ledger.</summary>
internal sealed class ReaderEraser(CmsDbContext db, SuppressionList suppressions, TimeProvider time)
{
    /// <summary>In one transaction, the caller's where there is one.</summary>
    public async Task Erase(Subscriber subscriber, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        await suppressions.Remember(subscriber, ct);
        db.Consents.Add(ConsentEvent.Of(suppressions.Hash(subscriber.EmailKey), ConsentEvent.Erased, time.Now()));
        db.Remove(subscriber);
        await db.SaveChangesAsync(ct); // its WHERE names the version that was read, so a racing writer gets the 412
        var (resource, known, id) = (subscriber.Id.ToString(), subscriber.EmailKey, subscriber.Id);
        await db.IdempotencyRecords.Where(r => r.ResourceId == resource).ExecuteDeleteAsync(ct);
        await db.Database.ExecuteSqlAsync($"""
            WITH gone AS (DELETE FROM cms.sign_ups WHERE lower(email COLLATE "C") = {known} OR subscriber_id = {id} RETURNING id::text)
            DELETE FROM cms.outbox WHERE kind = {Outbox.OutboxEvent.AskedMail} AND (payload->>'SubscriberId' = {resource} OR payload->>'Id' IN (SELECT id FROM gone))
            """, ct);
        // An edition's numbers stay, and nobody is behind this one any more.
        await db.Database.ExecuteSqlAsync($"""
            UPDATE cms.digest_mails SET subscriber_id = gen_random_uuid() WHERE subscriber_id = {id} AND edition IN (SELECT e.number FROM cms.editions e WHERE e.frozen_at > now() - interval '91 days')
            """, ct);
        if (transaction is not null) await transaction.CommitAsync(ct);
    }
}
