using System.Security.Cryptography;
using System.Text;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter;

/// <summary>The key under which erased addresses that may never be mailed are remembered. Never rotated: old hashes must be found.</summary>
internal sealed record SuppressionKey(byte[] Value)
{
    /// <summary>Never the key: a record's own text would be logged one day.</summary>
    public override string ToString() => nameof(SuppressionKey);

    /// <summary>HMAC-SHA-256 of an address without case.</summary>
    public byte[] Hash(string emailKey) => HMACSHA256.HashData(Value, Encoding.UTF8.GetBytes(emailKey));
}

/// <summary>Addresses that may not be mailed, known by a keyed hash alone: nobody reads an address out of it.</summary>
internal sealed class SuppressionList(CmsDbContext db, SuppressionKey key, TimeProvider time)
{
    /// <summary>Whether nobody but its own reader may bring the address back: an editor or an import may not.</summary>
    public Task<bool> Holds(EmailAddress address, CancellationToken ct)
    {
        var hash = Hash(address.Key);
        return db.Suppressions.AnyAsync(s => s.Hash == hash, ct);
    }

    /// <summary>Whether no mail at all may go there: a mailbox that refused, a reader who complained, or one whom an editor barred. Who was erased may sign up anew.</summary>
    public Task<bool> Forbids(EmailAddress address, CancellationToken ct)
    {
        var hash = Hash(address.Key);
        return db.Suppressions.AnyAsync(s => s.Hash == hash && s.Reason != Suppression.Erased, ct);
    }

    /// <summary>Remembers a subscriber who is erased. Saved with it.</summary>
    public async Task Remember(Subscriber subscriber, CancellationToken ct)
    {
        var hash = Hash(subscriber.EmailKey);
        if (await db.Suppressions.AnyAsync(s => s.Hash == hash, ct)) return;
        db.Suppressions.Add(new(hash, ReasonOf(subscriber.Status), time.Now()));
    }

    /// <summary>A reader who was erased comes back of their own will.</summary>
    public async Task Welcome(EmailAddress address, CancellationToken ct)
    {
        var hash = Hash(address.Key);
        await db.Suppressions.Where(s => s.Hash == hash && s.Reason == Suppression.Erased).ExecuteDeleteAsync(ct);
    }

    /// <summary>HMAC-SHA-256 of an address without case.</summary>
    public byte[] Hash(string emailKey) => key.Hash(emailKey);

    private static string ReasonOf(SubscriberStatus status) => status switch
    {
        SubscriberStatus.Bounced => Suppression.Bounced,
        SubscriberStatus.Complained => Suppression.Complained,
        _ => Suppression.Erased,
    };
}
