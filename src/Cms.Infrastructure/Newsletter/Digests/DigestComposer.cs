using System.Globalization;
using System.Text;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Templates;
using MimeKit;
using MimeKit.Utils;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>Whom a mail of an edition goes to.</summary>
/// <param name="SubscriberId">Who.</param>
/// <param name="Email">Where.</param>
/// <param name="Set">What they get.</param>
internal sealed record DigestRecipient(Guid SubscriberId, string Email, Guid Set);

/// <summary>A mail in which only what is a reader's own is still to be filled in.</summary>
/// <param name="Head">Its headers, but for the reader's.</param>
/// <param name="Pieces">Its body, encoded; between the pieces stand, in turn, the links that <paramref name="Links"/> says.</param>
/// <param name="Links">True where it is the unsubscribe link, false where it is that of the preferences.</param>
internal sealed record DigestBody(IReadOnlyList<WrittenHeader> Head, IReadOnlyList<byte[]> Pieces, IReadOnlyList<bool> Links)
{
    /// <summary>Bytes of it.</summary>
    public int Size => Head.Sum(h => h.Value.Length) + Pieces.Sum(p => p.Length);
}

/// <summary>
/// Writes the mails of one edition. Each section's part is rendered once for each language and choice of its articles, each set of parts is joined and encoded once,
/// and a mail is that with a reader's two links.
/// </summary>
internal sealed class DigestComposer(Edition edition, EditionContent content, NewsletterTemplates templates, MailboxAddress from, Envelopes envelopes, ReaderLinks links, TimeProvider time)
{
    // Neither is a name that anybody may own (RFC 2606), so no text of a newsroom holds them.
    private const string Unsubscribe = "https://unsubscribe.invalid/", Preferences = "https://preferences.invalid/";

    // No line of quoted-printable text begins so: what follows its "=" is hexadecimal, or the line's end.
    private const string Boundary = "=_digest";

    private const int MaxBytes = 32 * 1024 * 1024, Width = 600, MaxParts = 2_000;

    private readonly Dictionary<Guid, EditionArticle> articles = content.Articles.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
    private readonly Dictionary<Guid, EditionArticle> corrections = content.Corrections.DistinctBy(a => a.Id).ToDictionary(a => a.Id);
    private readonly Dictionary<Guid, EditionSection> sections = content.Sections.ToDictionary(s => s.Id);
    private readonly Dictionary<string, string> parts = new(StringComparer.Ordinal);
    private readonly SiteModel site = new(content.SiteName, content.SiteUrl);
    private readonly string domain = ReaderMails.Domain(from);
    private readonly string frequency = content.Frequency == Frequency.Weekly ? "weekly" : "daily";

    /// <summary>The mail of one reader.</summary>
    public OutgoingMail Mail(DigestRecipient to, DigestBody body)
    {
        var (unsubscribe, preferences) = (links.Unsubscribe(to.SubscriberId), links.Preferences(to.SubscriberId));
        var (left, right) = (QuotedPrintable.Piece(unsubscribe), QuotedPrintable.Piece(preferences));
        WrittenHeader[] own =
        [
            WrittenHeader.Of("To", to.Email), WrittenHeader.Of("Date", DateUtils.FormatDate(time.Now())), WrittenHeader.Of("Message-ID", $"<{MessageId(to.SubscriberId)}>"),
            WrittenHeader.Of("List-Unsubscribe", LeaveBy(to.SubscriberId, unsubscribe)),
        ];
        var content = new ReadOnlyMemory<byte>[body.Pieces.Count + body.Links.Count];
        for (var i = 0; i < body.Pieces.Count; i++)
        {
            content[2 * i] = body.Pieces[i];
            if (i < body.Links.Count) content[(2 * i) + 1] = body.Links[i] ? left : right;
        }

        return new(new WrittenMessage(body.Head.Concat(own), Boundary, content), envelopes.ReturnPath(edition.Number, to.SubscriberId, from.Address), to.Email);
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
        List<byte[]> pieces = [[]]; // one more than there are links
        var links = new List<bool>();
        Add("plain", text);
        Add("html", html);
        pieces[^1] = [.. pieces[^1], .. Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")];
        return new(Head(subject), pieces, links);

        void Add(string subtype, string whole)
        {
            var (more, which) = Cut(whole);
            var head = $"--{Boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
            pieces[^1] = [.. pieces[^1], .. Encoding.ASCII.GetBytes(head), .. more[0]];
            pieces.AddRange(more[1..]);
            pieces[^1] = [.. pieces[^1], .. "\r\n"u8];
            links.AddRange(which);
        }
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

    // No link holds a reader, so the mails of a set stay the same.
    private DigestArticle Model(EditionArticle a) =>
        new(a.Headline, a.Kicker, content.CountsClicks ? links.Click(edition.Number, a.Id) : a.Url, a.Standfirst, a.Image is { } image && image.Url.StartsWith("https:", StringComparison.Ordinal) ? Shown(image) : null, a.Byline, a.Minutes, a.Correction, a.Language);

    // A mail is 600 wide, and a picture that says it is wider breaks its frame.
    private static DigestImage Shown(EditionImage image) => image is { Width: > Width and var width, Height: { } height }
        ? new(image.Url, image.Alt, Width, (int)Math.Round(height * (double)Width / width))
        : new(image.Url, image.Alt, image.Width, image.Height);

    private static (List<byte[]> Pieces, List<bool> Links) Cut(string text)
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
        headers.Add(HeaderId.ListUnsubscribe, LeaveBy(subscriber, unsubscribe));
        Lists(headers);
    }

    // RFC 2369, 3.2. On two lines, since it is long.
    private string LeaveBy(Guid subscriber, string unsubscribe) => envelopes.UnsubscribeMailbox(subscriber) is { } mailbox ? $"<{unsubscribe}>,\r\n <mailto:{mailbox}>" : $"<{unsubscribe}>";

    private void Lists(HeaderList headers)
    {
        headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click"); // RFC 8058, 3.1
        headers.Add(HeaderId.ListId, Encoding.UTF8, $"<{frequency}.{domain}>"); // RFC 2919
        headers.Add("Feedback-ID", string.Create(CultureInfo.InvariantCulture, $"{edition.Number}:{frequency}:digest:{domain}")); // as Gmail reads it
    }

    // The headers that all readers of a set have.
    private WrittenHeader[] Head(string subject)
    {
        var message = new MimeMessage([new MailboxAddress(from.Name, from.Address)], [], subject, new TextPart());
        foreach (var own in (HeaderId[])[HeaderId.To, HeaderId.Date, HeaderId.MessageId]) message.Headers.Remove(own);
        Lists(message.Headers);
        return [.. message.Headers.Select(h => new WrittenHeader(h.Field, h.RawValue))];
    }

    // Of an edition and a subscriber alone: a mail that goes again is the same one.
    private string MessageId(Guid subscriber) => string.Create(CultureInfo.InvariantCulture, $"{edition.Number}.{subscriber:N}@{domain}");
}
