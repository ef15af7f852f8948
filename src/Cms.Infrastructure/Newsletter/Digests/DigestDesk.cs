using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>What one reader would get of an edition.</summary>
/// <param name="Subject">Of the mail.</param>
/// <param name="Html">The whole document.</param>
/// <param name="Text">The whole plain text.</param>
internal sealed record DigestPreview(string Subject, string Html, string Text);

/// <summary>Readers who get no edition, by why.</summary>
/// <param name="Active">Who follow what they get; those in whose sections there is nothing are among them.</param>
/// <param name="Pending">Who have not confirmed.</param>
/// <param name="Paused">Who paused.</param>
/// <param name="Unsubscribed">Who left.</param>
/// <param name="Bounced">Whose mailbox refuses mail.</param>
/// <param name="Complained">Who complained.</param>
internal sealed record ReaderCounts(int Active, int Pending, int Paused, int Unsubscribed, int Bounced, int Complained);

/// <summary>The edition that comes next, before it is frozen: as editors see it, and as a test mails it to one of them.</summary>
internal sealed class DigestDesk(Lazy<NewsletterTemplates> templates, ReaderMails mails, Envelopes envelopes, ReaderLinks links, SuppressionKey key, TimeProvider time)
{
    /// <summary>The row, or what it would be.</summary>
    public async Task<(Edition Edition, EditionContent Content, SiteSettings Site)> Next(CmsDbContext db, Frequency frequency, CancellationToken ct)
    {
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var edition = await EditionMaker.Next(db, frequency, site, time.Now(), ct);
        return (edition, await new EditionSource(db).Make(edition, site, ct), site);
    }

    /// <summary>What a reader of this language and these sections would get; null when there is nothing for them.</summary>
    public DigestPreview? Preview(Edition edition, EditionContent content, SiteSettings site, string? language, IReadOnlyList<Guid> follows) =>
        Preview(edition, content, site, language, follows, $"{site.BaseUrl}/#unsubscribe"); // a preview's links open nobody's subscription

    /// <summary>A mail of it to an editor, with all that receivers look at. Its link to leave is of nobody: it shows the page that readers see, and ends nothing.</summary>
    public async Task<OutgoingMail?> Test(CmsDbContext db, TestWish wish, Guid id, CancellationToken ct)
    {
        var (edition, content, site) = await Next(db, wish.Frequency, ct);
        if (!EmailAddress.TryParse(wish.Email, out var address, out _) || await new SuppressionList(db, key, time).Forbids(address, ct)) return null;
        var unsubscribe = links.Unsubscribe(id);
        if (Preview(edition, content, site, wish.Language, wish.SectionIds, unsubscribe) is not { } preview) return null;
        var mail = mails.Of($"[test] {preview.Subject}", preview.Text, preview.Html, site, address, id);
        Composer(edition, content, site).Lists(mail.Message.Headers, id, unsubscribe);
        return mail;
    }

    private DigestPreview? Preview(Edition edition, EditionContent content, SiteSettings site, string? language, IReadOnlyList<Guid> follows, string unsubscribe)
    {
        if (SetOf(content, site, language, follows) is not { } set) return null;
        var (subject, html, text) = Composer(edition, content, site).Preview(set, unsubscribe, $"{site.BaseUrl}/#preferences");
        return new(subject, html, text);
    }

    /// <summary>How many readers of a frequency there are, by where they stand.</summary>
    public static async Task<ReaderCounts> Readers(CmsDbContext db, Frequency frequency, CancellationToken ct)
    {
        var counts = await db.Subscribers.Where(s => s.Frequency == frequency).GroupBy(s => s.Status).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        int Of(SubscriberStatus status) => counts.GetValueOrDefault(status);
        return new(Of(SubscriberStatus.Active), Of(SubscriberStatus.Pending), Of(SubscriberStatus.Paused), Of(SubscriberStatus.Unsubscribed), Of(SubscriberStatus.Bounced), Of(SubscriberStatus.Complained));
    }

    private DigestSet? SetOf(EditionContent content, SiteSettings site, string? language, IReadOnlyList<Guid> follows)
    {
        var wanted = language ?? site.Language;
        return DigestSet.Of(content, templates.Value.LanguageFor(wanted, site.Language), wanted, [.. follows], [.. content.Corrections.Select(c => c.Id)]);
    }

    // What an editor opens is no reader's click, and an edition that is still to come has no number.
    private DigestComposer Composer(Edition edition, EditionContent content, SiteSettings site) => new(edition, content with { CountsClicks = false }, templates.Value, mails.From(site), envelopes, links, time);
}
