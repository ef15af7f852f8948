using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Bounces;
using Microsoft.Extensions.Options;

namespace Cms.Infrastructure.Newsletter;

/// <summary>Where the bounces of our mails go.</summary>
internal sealed class Envelopes(ReturnPaths paths, IOptions<MailOptions> options)
{
    /// <summary>The envelope's sender: signed where bounces are received, else who the mail is from.</summary>
    public string ReturnPath(long edition, Guid subscriberId, string from) => options.Value.ReturnPathDomain is { Length: > 0 } domain ? paths.Of(edition, subscriberId, domain) : from;

    /// <summary>A mailbox whose mail unsubscribes; null where no mail is received.</summary>
    public string? UnsubscribeMailbox(Guid subscriberId) => options.Value.ReturnPathDomain is null || subscriberId == Guid.Empty ? null : null;
}
