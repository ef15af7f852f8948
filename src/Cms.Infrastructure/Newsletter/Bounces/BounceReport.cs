namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>What a mail that came back means.</summary>
internal enum BounceKind
{
    /// <summary>Nothing to act on: a delay, a success, an absence note, a mail that is no report.</summary>
    None,

    /// <summary>It was not delivered this time: full, refused by policy, given up on.</summary>
    Soft,

    /// <summary>The mailbox or its domain does not exist, or is disabled.</summary>
    Hard,

    /// <summary>The reader called it spam.</summary>
    Complaint,

    /// <summary>The reader wrote to the mailbox that <c>List-Unsubscribe</c> offers: they leave.</summary>
    Unsubscribe,
}

/// <summary>
/// What a mail that came back says. All of it is the word of a stranger: only a return path that <see cref="ReturnPaths"/> reads is to be believed.
/// </summary>
/// <param name="Kind">What it means.</param>
/// <param name="ReturnPath">An address of the shape of our return paths, without angle brackets, in the case it was found in.</param>
/// <param name="Status">The enhanced status (RFC 3463), such as <c>5.1.1</c>.</param>
/// <param name="MessageId">Of the mail that was returned, without angle brackets.</param>
/// <param name="FeedbackId">Its <c>Feedback-ID</c>.</param>
/// <param name="ListUnsubscribe">Its <c>List-Unsubscribe</c> (RFC 2369), as it stands.</param>
/// <param name="Recipient">Whom the report says it was for.</param>
/// <param name="Mailbox">The address of the shape of our unsubscribe mailboxes that the mail itself was sent to.</param>
internal sealed record BounceReport(
    BounceKind Kind, string? ReturnPath = null, string? Status = null, string? MessageId = null, string? FeedbackId = null, string? ListUnsubscribe = null,
    string? Recipient = null, string? Mailbox = null)
{
    /// <summary>No mail, or none that could be read.</summary>
    public static BounceReport Unreadable { get; } = new(BounceKind.None);

    /// <summary>Not the addresses and links: they are personal data, and a record's own text ends up in logs.</summary>
    public override string ToString() => $"{Kind} {Status}";
}
