using System.Globalization;
using System.Text;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Templates;
using MimeKit;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>Whom a mail of an edition goes to.</summary>
/// <param name="SubscriberId">Who.</param>
/// <param name="Email">Where.</param>
/// <param name="Set">What they get.</param>
internal sealed record DigestRecipient(Guid SubscriberId, string Email, Guid Set);

/// <summary>The text of a mail in which a reader's own links are still to be filled in.</summary>
/// <param name="Subject">Of all its mails.</param>
/// <param name="Html">Encoded; between its pieces stand, in turn, the links that <paramref name="HtmlLinks"/> says.</param>
/// <param name="Text">Likewise.</param>
/// <param name="HtmlLinks">True where it is the unsubscribe link, false where it is that of the preferences.</param>
/// <param name="TextLinks">Likewise.</param>
internal sealed record DigestBody(string Subject, IReadOnlyList<byte[]> Html, IReadOnlyList<byte[]> Text, IReadOnlyList<bool> HtmlLinks, IReadOnlyList<bool> TextLinks)
{
    /// <summary>Bytes of its encoded forms.</summary>
    public int Size => Html.Sum(p => p.Length) + Text.Sum(p => p.Length);
}

/// <summary>
/// Writes the mails of one edition. Each section's part is rendered once for each language and choice of its articles, each set of parts is joined and encoded once,
/// and a mail is that with a reader's two links.
/// </summary>
internal sealed class DigestComposer(Edition edition, EditionContent content, NewsletterTemplates templates, MailboxAddress from, Envelopes envelopes, ReaderLinks links, TimeProvider time)
{
    // Neither is a name that anybody may own (RFC 2606), so no text of a newsroom holds them.
    private const string Unsubscribe = "https://unsubscribe.invalid/", Preferences = "https://preferences.invalid/";
    private const int MaxBytes = 32 * 1024 * 1024, Width = 600, MaxParts = 2_000;

    private readonly Dictionary<Guid, EditionArticle> articles = content.Articles.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
    private readonly Dictionary<Guid, EditionArticle> corrections = content.Corrections.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
    private readonly Dictionary<Guid, EditionSection> sections = content.Sections.ToDictionary(s => s.Id);
    private readonly Dictionary<string, string> parts = new(StringComparer.Ordinal);
    private readonly SiteModel site = new(content.SiteName, content.SiteUrl);
    private readonly string frequency = content.Frequency == Frequency.Weekly ? "weekly" : "daily";

    /// <summary>The mail of one reader.</summary>
    public OutgoingMail Mail(DigestRecipient to, DigestBody body)
    {
        var (unsubscribe, preferences) = (links.Unsubscribe(to.SubscriberId), links.Preferences(to.SubscriberId));
        var (left, right) = (QuotedPrintable.Piece(unsubscribe), QuotedPrintable.Piece(preferences));
        var message = new MimeMessage
        {
            Subject = body.Subject,
            Date = time.Now(),
            MessageId = MessageId(to.SubscriberId),
            Body = new MultipartAlternative(Part("plain", body.Text, body.TextLinks, left, right), Part("html", body.Html, body.HtmlLinks, left, right)),
        };
        message.From.Add(from);
        message.To.Add(new MailboxAddress("", to.Email));
        Lists(message.Headers, to.SubscriberId, unsubscribe);
        return new(message, envelopes.ReturnPath(edition.Number, to.SubscriberId, from.Address), to.Email);
    }

    /// <summary>What the readers of a set get, as text and HTML with a reader's links.</summary>
    public (string Subject, string Html, string Text) Preview(DigestSet set, string unsubscribe, string preferences)
    {
        var (subject, html, text) = Render(set);
        return (subject, Fill(html), Fill(text));
        string Fill(string written) => written.Replace(Unsubscribe, unsubscribe, StringComparison.Ordinal).Replace(Preferences, preferences, StringComparison.Ordinal);
    }

    /// <summary>What the readers of a set get, joined and encoded.</summary>
    public DigestBody Body(DigestSet set)
    {
        var (subject, html, text) = Render(set);
        var (htmlPieces, htmlLinks) = Cut(html);
        var (textPieces, textLinks) = Cut(text);
        return new(subject, htmlPieces, textPieces, htmlLinks, textLinks);
    }

    /// <summary>Bytes of bodies that are worth keeping.</summary>
    public static int CacheBytes => MaxBytes;

    private (string Subject, string Html, string Text) Render(DigestSet set)
    {
        var first = set.Parts.Where(p => !p.IsCorrection).Concat(set.Parts).First();
        var headline = ArticleOf(first.IsCorrection, first.Articles[0]).Headline;
        var subject = content.Subject ?? templates.Render("digest.subject", set.Language, new DigestSubject(site, headline, content.Date, frequency));
        var head = new DigestHead(site, subject, content.Intro, content.Date, frequency);
        var foot = new DigestFoot(site, Unsubscribe, Preferences, content.AddressLine);
        return (subject, Whole("html", set, head, foot), Whole("txt", set, head, foot));
    }

    private string Whole(string form, DigestSet set, DigestHead head, DigestFoot foot)
    {
        var whole = new StringBuilder(templates.Render($"digest-head.{form}", set.Language, head));
        foreach (var part in set.Parts) whole.Append(Section(form, set.Language, part));
        return whole.Append(templates.Render($"digest-foot.{form}", set.Language, foot)).ToString();
    }

    private string Section(string form, string language, DigestSetPart part)
    {
        var key = $"{form} {language} {part.IsCorrection} {part.Section} {string.Join(',', part.Articles)}";
        lock (parts)
            if (parts.TryGetValue(key, out var known)) return known;

        var section = sections.GetValueOrDefault(part.Section);
        var rendered = templates.Render($"digest-section.{form}", language, new DigestSection(
            section is null ? new(content.SiteName, content.SiteUrl) : new(section.Name, section.Url), [.. part.Articles.Select(id => Model(ArticleOf(part.IsCorrection, id)))]));
        lock (parts)
        {
            if (parts.Count >= MaxParts) parts.Clear(); // memory does not grow with what readers choose
            return parts[key] = rendered;
        }
    }

    private EditionArticle ArticleOf(bool isCorrection, Guid id) => (isCorrection ? corrections : articles)[id];

    private static DigestArticle Model(EditionArticle a) =>
        new(a.Headline, a.Kicker, a.Url, a.Standfirst, a.Image is { } image && image.Url.StartsWith("https:", StringComparison.Ordinal) ? Shown(image) : null, a.Byline, a.Minutes, a.Correction, a.Language);

    // A mail is 600 wide, and a picture that says it is wider breaks its frame.
    private static DigestImage Shown(EditionImage image) => image is { Width: > Width and var width, Height: { } height }
        ? new(image.Url, image.Alt, Width, (int)Math.Round(height * (double)Width / width))
        : new(image.Url, image.Alt, image.Width, image.Height);

    private static (IReadOnlyList<byte[]> Pieces, IReadOnlyList<bool> Links) Cut(string text)
    {
        var (pieces, links, from) = (new List<byte[]>(), new List<bool>(), 0);
        while (true)
        {
            var (left, right) = (text.IndexOf(Unsubscribe, from, StringComparison.Ordinal), text.IndexOf(Preferences, from, StringComparison.Ordinal));
            var isUnsubscribe = left >= 0 && (right < 0 || left < right);
            var at = isUnsubscribe ? left : right;
            pieces.Add(QuotedPrintable.Piece(at < 0 ? text[from..] : text[from..at]));
            if (at < 0) return (pieces, links);
            links.Add(isUnsubscribe);
            from = at + (isUnsubscribe ? Unsubscribe.Length : Preferences.Length);
        }
    }

    /// <summary>What receivers ask of a mail that goes to many: how to leave, and of which list it is.</summary>
    public void Lists(HeaderList headers, Guid subscriber, string unsubscribe)
    {
        var mailbox = envelopes.UnsubscribeMailbox(subscriber);
        headers.Add(HeaderId.ListUnsubscribe, mailbox is null ? $"<{unsubscribe}>" : $"<{unsubscribe}>, <mailto:{mailbox}>"); // RFC 2369, 3.2
        headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click"); // RFC 8058, 3.1
        headers.Add(HeaderId.ListId, Encoding.UTF8, $"<{frequency}.{from.Domain}>"); // RFC 2919
        headers.Add("Feedback-ID", string.Create(CultureInfo.InvariantCulture, $"{edition.Number}:{frequency}:digest:{from.Domain}")); // as Gmail reads it
    }

    // Of an edition and a subscriber alone: a mail that goes again is the same one.
    private string MessageId(Guid subscriber) => string.Create(CultureInfo.InvariantCulture, $"{edition.Number}.{subscriber:N}@{from.Domain}");

    private static MimePart Part(string subtype, IReadOnlyList<byte[]> pieces, IReadOnlyList<bool> which, byte[] unsubscribe, byte[] preferences)
    {
        var length = pieces.Sum(p => p.Length) + which.Sum(w => (w ? unsubscribe : preferences).Length);
        var (bytes, at) = (new byte[length], 0);
        for (var i = 0; i < pieces.Count; i++)
        {
            Put(pieces[i]);
            if (i < which.Count) Put(which[i] ? unsubscribe : preferences);
        }

        var part = new MimePart("text", subtype) { Content = new MimeContent(new MemoryStream(bytes), ContentEncoding.QuotedPrintable), ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.ContentType.Charset = "utf-8";
        return part;

        void Put(byte[] piece)
        {
            piece.CopyTo(bytes, at);
            at += piece.Length;
        }
    }
}
