using System.Security.Cryptography;
using System.Text;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
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

    /// <summary>Mail to a subscriber came back for good. Saved by the caller, like all that follows of a subscriber.</summary>
    public async Task Bounce(Subscriber subscriber, CancellationToken ct)
    {
        if (subscriber.IsSuppressed) return;
        var (hash, now) = (Hash(subscriber.EmailKey), time.Now());
        if (subscriber.Status == SubscriberStatus.Unsubscribed)
        {
            if (await db.Suppressions.AnyAsync(s => s.Hash == hash, ct)) return;
            db.Suppressions.Add(new(hash, Suppression.Bounced, now)); // who left stays so, and nobody is to bring the address back
        }

        subscriber.Bounce(now);
        db.Consents.Add(ConsentEvent.Of(hash, ConsentEvent.Bounced, now));
    }

    /// <summary>A subscriber called our mail spam.</summary>
    public void Complain(Subscriber subscriber)
    {
        if (subscriber.Status == SubscriberStatus.Complained) return;
        subscriber.Complain(time.Now());
        db.Consents.Add(ConsentEvent.Of(Hash(subscriber.EmailKey), ConsentEvent.Complained, time.Now()));
    }

    /// <summary>A subscriber leaves. Of an address that bounced the list goes on knowing it.</summary>
    public async Task Leave(Subscriber subscriber, CancellationToken ct)
    {
        if (subscriber.Status is SubscriberStatus.Unsubscribed or SubscriberStatus.Complained) return;
        if (subscriber.Status == SubscriberStatus.Bounced) await Remember(subscriber, ct);
        subscriber.Leave(time.Now());
        db.Consents.Add(ConsentEvent.Of(Hash(subscriber.EmailKey), ConsentEvent.Left, time.Now()));
    }

    /// <summary>An editor bars an address, whoever has it; doing it again changes nothing.</summary>
    public async Task Bar(EmailAddress address, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO cms.suppressions (hash, reason, at) VALUES ({Hash(address.Key)}, {Suppression.Barred}, {time.Now()})
            ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason, at = excluded.at WHERE suppressions.reason <> excluded.reason
            """, ct);
        if (await Locked(address, ct) is { IsSuppressed: false } subscriber) subscriber.Unsubscribe(time.Now());
    }

    /// <summary>An editor lets mail go to an address again, whatever kept it from there.</summary>
    /// <returns>False when nothing did.</returns>
    public async Task<bool> Lift(EmailAddress address, CancellationToken ct)
    {
        var hash = Hash(address.Key);
        var listed = await db.Suppressions.Where(s => s.Hash == hash).ExecuteDeleteAsync(ct);
        var subscriber = await Locked(address, ct);
        if (listed == 0 && subscriber is not { IsSuppressed: true }) return false;

        subscriber?.Lift(time.Now());
        if (subscriber is not null) await SoftBounces.Forget(db, subscriber.Id, ct); // or the next one would bar it again
        return true;
    }

    /// <summary>Why no editor may add an address; null when they may.</summary>
    public async Task<string?> Reason(EmailAddress address, CancellationToken ct)
    {
        var (hash, known) = (Hash(address.Key), address.Key);
        if (await db.Suppressions.Where(s => s.Hash == hash).Select(s => s.Reason).SingleOrDefaultAsync(ct) is { } reason) return reason;
        return await db.Subscribers.AsNoTracking().SingleOrDefaultAsync(s => s.EmailKey == known, ct) is { IsSuppressed: true } subscriber ? ReasonOf(subscriber.Status) : null;
    }

    // Locked, so that no other change of the same reader makes this one fail.
    private Task<Subscriber?> Locked(EmailAddress address, CancellationToken ct) =>
        db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE email_key = {address.Key} FOR UPDATE").SingleOrDefaultAsync(ct);

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
