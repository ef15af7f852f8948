using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Bounces;
using Microsoft.Extensions.Options;

namespace Cms.Infrastructure.Newsletter;

/// <summary>
/// Mailboxes of ours that know one reader: the return path of each mail to them, and the one of <c>List-Unsubscribe</c>. There are such where
/// <c>Cms__Mail__ReturnPathDomain</c> is set; what comes back to them goes to <c>POST /management/v1/bounces</c>.
/// </summary>
internal sealed class Envelopes(NewsletterKeys keys, IOptions<MailOptions> options)
{
    /// <summary>The edition of a mail that is of none, such as a confirmation.</summary>
    public const long NoEdition = 0;

    private readonly ReturnPaths returnPaths = new(keys.All("return-path")), unsubscribe = new(keys.All("unsubscribe-mailbox"), 'u');

    private string? Domain => string.IsNullOrEmpty(options.Value.ReturnPathDomain) ? null : options.Value.ReturnPathDomain;

    /// <summary>The envelope's sender of one mail.</summary>
    /// <param name="edition">The edition's number, or <see cref="NoEdition"/>.</param>
    /// <param name="subscriberId">Whom it goes to.</param>
    /// <param name="from">What it is where bounces are not received.</param>
    public string ReturnPath(long edition, Guid subscriberId, string from) => Domain is { } domain ? returnPaths.Of(edition, subscriberId, domain) : from;

    /// <summary>Where a reader may write to leave; null where nobody would read it. A message to it unsubscribes, whatever it says.</summary>
    public string? UnsubscribeMailbox(Guid subscriberId) => Domain is { } domain ? unsubscribe.Of(NoEdition, subscriberId, domain) : null;

    /// <summary>Which mail an address is the return path of; null when it is none of ours.</summary>
    public (long Edition, Guid SubscriberId)? MailOfReturnPath(string? address) => returnPaths.TryRead(address, out var mail) ? mail : null;

    /// <summary>Whose unsubscribe mailbox an address is; null when it is none of ours.</summary>
    public Guid? ReaderOfUnsubscribeMailbox(string? address) => unsubscribe.TryRead(address, out var mail) ? mail.Subscriber : null;
}
