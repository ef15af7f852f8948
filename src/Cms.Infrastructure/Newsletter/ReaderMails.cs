using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Cms.Infrastructure.Newsletter;

/// <summary>Addresses of readers' own pages at this service.</summary>
/// <param name="service">The service's own address, which may be known only once it listens.</param>
/// <param name="links">Signs them.</param>
/// <param name="time">The day of a link.</param>
internal sealed class ReaderLinks(Func<string> service, NewsletterLinks links, TimeProvider time)
{
    /// <summary>Confirms a sign-up.</summary>
    public string Confirmation(string secret) => $"{service()}/newsletter/v1/confirmations/{secret}";

    /// <summary>Shows and changes a subscription.</summary>
    public string Preferences(Guid subscriberId) => $"{service()}/newsletter/v1/preferences/{links.Make(LinkPurpose.Manage, subscriberId, time.Now())}";

    /// <summary>Leads to an article of an edition and is counted; the same for all readers.</summary>
    public string Click(long edition, Guid articleId) => string.Create(CultureInfo.InvariantCulture, $"{service()}/newsletter/v1/click/{edition}/{articleId}");

    /// <summary>Leaves.</summary>
    public string Unsubscribe(Guid subscriberId) => $"{service()}/newsletter/v1/unsubscribe/{links.Make(LinkPurpose.Unsubscribe, subscriberId, time.Now())}";
}

/// <summary>The mails that readers ask for: to confirm, to get at their subscription, to have their data. No text that anybody typed stands in them.</summary>
internal sealed class ReaderMails(Lazy<NewsletterTemplates> templates, ReaderLinks links, Envelopes envelopes, SuppressionKey key, IOptions<MailOptions> options, TimeProvider time)
{
    private static readonly JsonSerializerOptions Readable = new(JsonColumn.Options) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>The link that confirms a sign-up or a new address.</summary>
    public async Task<OutgoingMail> Confirmation(CmsDbContext db, SignUp signUp, EmailAddress address, string secret, CancellationToken ct) => await Mail(
        db, signUp.SubscriberId is null ? "confirmation" : "address-change", signUp.Choices.Language, address, signUp.Id, await BouncesOf(db, signUp, address, ct),
        site => new ConfirmMail(site, links.Confirmation(secret), (int)SignUp.LinkHolds.TotalHours), null, ct);

    /// <summary>A fresh link to a reader's preferences.</summary>
    public Task<OutgoingMail> Manage(CmsDbContext db, Subscriber subscriber, EmailAddress address, Guid id, CancellationToken ct) =>
        Mail(db, "manage", subscriber.Language, address, id, subscriber.Id, site => new ManageMail(site, links.Preferences(subscriber.Id), NewsletterLinks.ManageDays), null, ct);

    /// <summary>All that we hold of a reader (GDPR, articles 15 and 20).</summary>
    public async Task<OutgoingMail> Data(CmsDbContext db, Subscriber subscriber, EmailAddress address, Guid id, CancellationToken ct)
    {
        var file = new MimePart("application", "json")
        {
            Content = new MimeContent(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(await ReaderData.Of(db, subscriber, key, time, ct), Readable))),
            ContentDisposition = new(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
            FileName = "subscription.json",
        };
        return await Mail(db, "data", subscriber.Language, address, id, subscriber.Id, site => new DataMail(site), file, ct);
    }

    /// <summary>The domain of an address in A-labels: headers that are written as they are have no other letters.</summary>
    public static string Domain(MailboxAddress address)
    {
        var encoded = address.GetAddress(idnEncode: true);
        return encoded[(encoded.LastIndexOf('@') + 1)..];
    }

    /// <summary>Who sends, as readers see it.</summary>
    public MailboxAddress From(SiteSettings site) => MailboxAddress.TryParse(options.Value.From, out var sender)
        ? new MailboxAddress(Encoding.UTF8, sender.Name is { Length: > 0 } name ? name : site.Name, sender.Address)
        : new MailboxAddress(Encoding.UTF8, site.Name, "newsletter@localhost");

    // Whom a bounce is of: the pending reader of that address. A new address of somebody who reads another is not theirs yet: its bounce is of
    // the sign-up, and so of nobody.
    private static async Task<Guid> BouncesOf(CmsDbContext db, SignUp signUp, EmailAddress address, CancellationToken ct)
    {
        var known = address.Key;
        var subscriber = signUp.SubscriberId is null ? await db.Subscribers.Where(s => s.EmailKey == known).Select(s => (Guid?)s.Id).SingleOrDefaultAsync(ct) : null;
        return subscriber ?? signUp.Id;
    }

    private async Task<OutgoingMail> Mail(
        CmsDbContext db, string template, string? language, EmailAddress address, Guid id, Guid bouncesOf, Func<SiteModel, MailModel> modelOf, MimePart? attachment, CancellationToken ct)
    {
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var (model, spoken) = (modelOf(new(site.Name, site.BaseUrl)), templates.Value.LanguageFor(language, site.Language));
        var mail = Of(
            templates.Value.Render($"{template}.subject", spoken, model).Trim(), templates.Value.Render($"{template}.txt", spoken, model), templates.Value.Render($"{template}.html", spoken, model), site, address, id, bouncesOf);
        if (attachment is not null && mail.Message.Body is { } body) mail.Message.Body = new Multipart("mixed") { body, attachment };
        return mail;
    }

    /// <summary>A mail that a machine writes because somebody asked for it.</summary>
    /// <param name="subject">One line.</param>
    /// <param name="text">Plain.</param>
    /// <param name="html">The same as a document.</param>
    /// <param name="site">Whose.</param>
    /// <param name="address">Whose.</param>
    /// <param name="id">Names the mail: it is the same one when it goes again.</param>
    /// <param name="bouncesOf">The subscriber whose bounce it would be; null: nobody's.</param>
    public OutgoingMail Of(string subject, string text, string html, SiteSettings site, EmailAddress address, Guid id, Guid? bouncesOf = null)
    {
        var from = From(site);
        var message = new MimeMessage
        {
            Subject = subject,
            Date = time.Now(),
            MessageId = $"{id}@{Domain(from)}",
            Body = new MultipartAlternative(new TextPart("plain") { Text = text }, new TextPart("html") { Text = html }),
        };
        message.From.Add(from);
        message.To.Add(new MailboxAddress("", address.Value));
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834, 5: nobody's vacation answers it
        return new(message, envelopes.ReturnPath(Envelopes.NoEdition, bouncesOf ?? id, from.Address), address.Value);
    }
}
