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
}

/// <summary>Addresses that may never be mailed, known by a keyed hash alone: nobody reads an address out of it.</summary>
internal sealed class SuppressionList(CmsDbContext db, SuppressionKey key, TimeProvider time)
{
    /// <summary>Whether mail may never go there.</summary>
    public Task<bool> Holds(EmailAddress address, CancellationToken ct)
    {
        var hash = Hash(address.Key);
        return db.Suppressions.AnyAsync(s => s.Hash == hash, ct);
    }

    /// <summary>Remembers a subscriber who bounced or complained, for after their erasure. Saved with it.</summary>
    public async Task Remember(Subscriber subscriber, CancellationToken ct)
    {
        var hash = Hash(subscriber.EmailKey);
        if (!subscriber.IsSuppressed || await db.Suppressions.AnyAsync(s => s.Hash == hash, ct)) return;
        db.Suppressions.Add(new(hash, subscriber.Status == SubscriberStatus.Bounced ? "bounced" : "complained", time.Now()));
    }

    private byte[] Hash(string emailKey) => HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes(emailKey));
}
