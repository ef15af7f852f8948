using System.Globalization;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Newsletter.Digests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>
/// Acts on mails that came back. Anybody can write such a mail, so whose it is stands in what we signed alone: the return path, the
/// unsubscribe mailbox or, of a complaint, the unsubscribe link of the mail complained about. The same mail again changes nothing.
/// </summary>
internal sealed class BounceIntake(
    CmsDbContext db, Envelopes envelopes, NewsletterLinks links, SuppressionList suppressions, TimeProvider time, ILogger<BounceIntake> log)
{
    private const string Mailto = "mailto:";

    /// <summary>Does what a report asks for, in the caller's transaction.</summary>
    /// <returns>Whether it is of a reader whom we know, and of the address that they have.</returns>
    public async Task<bool> Take(BounceReport report, CancellationToken ct)
    {
        var matched = MailOf(report) is { } mail && await Locked(mail.SubscriberId, ct) is { } subscriber && await Act(report, mail.Edition, subscriber, ct);
        log.LogInformation("A mail came back: {Kind} {Status}, of a known reader: {Matched}.", report.Kind, report.Status, matched);
        return matched;
    }

    private async Task<bool> Act(BounceReport report, long edition, Subscriber subscriber, CancellationToken ct)
    {
        if (edition != Envelopes.NoEdition) await Note(report.Kind, edition, subscriber.Id, ct);
        if (await IsOfOldAddress(report, subscriber, ct)) return false;
        if (report.Kind == BounceKind.Complaint) suppressions.Complain(subscriber);
        else if (report.Kind == BounceKind.Unsubscribe) await suppressions.Leave(subscriber, ct);
        else if (report.Kind == BounceKind.Hard || await SoftBounces.Count(db, subscriber.Id, DateOnly.FromDateTime(time.Now().UtcDateTime), ct)) await suppressions.Bounce(subscriber, ct);
        await db.SaveChangesAsync(ct);
        if (report.Kind == BounceKind.Unsubscribe) await DigestMarks.Left(db, subscriber.Id, time.Now(), ct);
        return true;
    }

    // For what editors are told of an edition.
    private Task Note(BounceKind kind, long edition, Guid subscriberId, CancellationToken ct) => kind == BounceKind.Complaint
        ? DigestMarks.Complained(db, edition, subscriberId, time.Now(), ct)
        : DigestMarks.Bounced(db, edition, subscriberId, time.Now(), ct);

    private (long Edition, Guid SubscriberId)? MailOf(BounceReport report) => report.Kind switch
    {
        BounceKind.None => null,
        BounceKind.Unsubscribe => envelopes.ReaderOfUnsubscribeMailbox(report.Mailbox) is { } reader ? (Envelopes.NoEdition, reader) : null,
        BounceKind.Complaint => envelopes.MailOfReturnPath(report.ReturnPath) ?? (ReaderOfLinks(report.ListUnsubscribe ?? "") is { } reader ? (EditionOf(report.FeedbackId), reader) : null),
        _ => envelopes.MailOfReturnPath(report.ReturnPath),
    };

    // Feedback-ID is "edition:frequency:…". Nobody signed it, so it is believed for the reader's own mails alone.
    private static long EditionOf(string? feedbackId) =>
        long.TryParse(feedbackId?.Split(':')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var edition) ? edition : Envelopes.NoEdition;

    // Feedback loops take the return path out of what they return, and leave List-Unsubscribe: <https://…/token>, <mailto:…>
    private Guid? ReaderOfLinks(string listUnsubscribe)
    {
        foreach (var link in listUnsubscribe.Split(['<', '>', ',', ' ', '?'], StringSplitOptions.RemoveEmptyEntries))
        {
            var reader = link.StartsWith(Mailto, StringComparison.OrdinalIgnoreCase)
                ? envelopes.ReaderOfUnsubscribeMailbox(link[Mailto.Length..])
                : links.Read(LinkPurpose.Unsubscribe, link[(link.LastIndexOf('/') + 1)..], time.Now())?.SubscriberId;
            if (reader is not null) return reader;
        }

        return null;
    }

    // Locked, so that no other change of the same reader makes this one fail: a pipe does not know what to do with a 412.
    private Task<Subscriber?> Locked(Guid id, CancellationToken ct) =>
        db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(ct);

    // A bounce may come days later. Whoever has given another address since is not to lose it for the old one.
    private async Task<bool> IsOfOldAddress(BounceReport report, Subscriber subscriber, CancellationToken ct)
    {
        if (report.Kind is not (BounceKind.Hard or BounceKind.Soft) || !EmailAddress.TryParse(report.Recipient, out var address, out _) || address.Key == subscriber.EmailKey) return false;
        var hash = suppressions.Hash(address.Key);
        return await db.Consents.AnyAsync(c => c.AddressHash == hash && c.Kind == ConsentEvent.Moved, ct);
    }
}
