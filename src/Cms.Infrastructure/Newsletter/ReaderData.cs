using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter;

/// <summary>What happened to a reader's consent, as they read it.</summary>
internal sealed record ConsentLine(string Event, DateTimeOffset At, string? Source, string? TextVersion, string? ClientAddress);

/// <summary>A sign-up that waits for its confirmation, or was confirmed of late.</summary>
internal sealed record SignUpLine(DateTimeOffset At, DateTimeOffset? ConfirmedAt, DigestWishes Choices, SignUpOrigin Origin);

/// <summary>A mail of the digest: the edition's date, when a server took it, and what came of it.</summary>
internal sealed record DigestLine(DateOnly Date, string Frequency, DateTimeOffset? At, DateTimeOffset? BouncedAt, DateTimeOffset? ComplainedAt, DateTimeOffset? LeftAt);

/// <summary>All that is held of one reader.</summary>
internal sealed record ReaderData(
    string Email, string? Name, string Language, Frequency Frequency, IReadOnlyList<Guid> SectionIds, SubscriberStatus Status, Consent? Consent, DoubleOptIn? OptIn,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<ConsentLine> Consents, IReadOnlyList<SignUpLine> SignUps, IReadOnlyList<DigestLine> Digests)
{
    private const int Most = 1_000;

    public static async Task<ReaderData> Of(CmsDbContext db, Subscriber s, SuppressionKey key, TimeProvider time, CancellationToken ct)
    {
        var (hash, known) = (new SuppressionList(db, key, time).Hash(s.EmailKey), s.EmailKey);
        var consents = await db.Consents.AsNoTracking().Where(c => c.AddressHash == hash).OrderBy(c => c.Id).Take(Most)
            .Select(c => new ConsentLine(c.Kind, c.At, c.Source, c.TextVersion, c.ClientAddress)).ToListAsync(ct);
        var signUps = await db.SignUps.FromSql($"SELECT * FROM cms.sign_ups WHERE lower(email COLLATE \"C\") = {known} OR subscriber_id = {s.Id}").AsNoTracking().OrderBy(u => u.Id).Take(Most)
            .Select(u => new SignUpLine(u.CreatedAt, u.ConfirmedAt, u.Choices, u.Origin)).ToListAsync(ct);
        var digests = await db.Database.SqlQuery<DigestLine>($"""
            SELECT e.date, e.frequency, CASE WHEN m.state = 1 THEN m.at END AS at, m.bounced_at, m.complained_at, m.left_at
            FROM cms.editions e JOIN cms.digest_mails m ON m.edition = e.number AND m.subscriber_id = {s.Id} WHERE e.frozen_at > now() - interval '91 days' ORDER BY e.number
            """).ToListAsync(ct);
        return new(s.Email, s.Name, s.Language, s.Frequency, s.SectionIds, s.Status, s.Consent, s.OptIn, s.CreatedAt, s.UpdatedAt, consents, signUps, digests);
    }
}
