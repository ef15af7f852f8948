using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>A mail that is ready to go.</summary>
/// <param name="Message">Headers and body; whoever sends it signs it.</param>
/// <param name="ReturnPath">Where its bounces go: the envelope's sender (RFC 5321, 4.4). Empty: bounces of it are not wanted.</param>
/// <param name="Recipient">The envelope's one recipient, its domain in A-labels.</param>
internal sealed record OutgoingMail(MimeMessage Message, string ReturnPath, string Recipient)
{
    /// <summary>Asked when a connection has it, and before each try; null: it may. A mail may wait long for its turn.</summary>
    public Func<CancellationToken, Task<bool>>? MayGo { get; init; }
}

/// <summary>What became of a mail.</summary>
internal enum MailResult
{
    /// <summary>The server took it upon itself.</summary>
    Accepted,

    /// <summary>Not now: the server is away, busy, or said 4xx. It was surely not taken.</summary>
    Deferred,

    /// <summary>Never: the server said 5xx of this mail or this recipient.</summary>
    Refused,

    /// <summary>It might not go any more when its turn came.</summary>
    Withdrawn,

    /// <summary>The connection ended between the final dot and its answer: it may have been taken. It may go again under the same Message-ID.</summary>
    InDoubt,
}

/// <summary>What became of a mail, and why.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Code">The server's reply code (RFC 5321, 4.2); 0 when it gave none.</param>
/// <param name="Status">Its enhanced status (RFC 3463), such as <c>5.1.1</c>; null when it gave none.</param>
/// <param name="IsOfRecipient">The refusal is of the recipient's mailbox, not of this mail or of us.</param>
internal sealed record MailOutcome(MailResult Result, int Code = 0, string? Status = null, bool IsOfRecipient = false)
{
    /// <summary>It was taken.</summary>
    public static MailOutcome Accepted { get; } = new(MailResult.Accepted, 250);
}

/// <summary>Takes mails away, one at a time on each of a few long-lived connections. There are two: a server's, and in Development a folder's.</summary>
internal interface IMailSender
{
    /// <summary>How many mails may go at one time.</summary>
    int Connections { get; }

    /// <summary>Where mails go, for people: a server's name or a folder. Never a credential.</summary>
    string Destination { get; }

    /// <summary>Sends one mail. It throws for nothing that a server or network does: that is its outcome. What <see cref="OutgoingMail.MayGo"/> throws it throws.</summary>
    Task<MailOutcome> Send(OutgoingMail mail, CancellationToken ct);
}
