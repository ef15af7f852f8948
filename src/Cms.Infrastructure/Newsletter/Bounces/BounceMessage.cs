using System.Text;
using System.Text.RegularExpressions;
using MimeKit;

namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>
/// Reads what comes back for a mail: delivery status notifications (RFC 3464), feedback reports (RFC 5965), and as well as it can the notices of servers
/// that know neither: qmail's, Exchange's for people, Exim's of old. What it reads is hostile until proven otherwise, so nothing in it makes it throw.
/// </summary>
internal static partial class BounceMessage
{
    /// <summary>Levels of MIME that are read; reports have three.</summary>
    /// <summary>How long a pattern may look at what anybody can send.</summary>
    internal const int MatchMilliseconds = 100;

    private const int MaxDepth = 16;

    /// <summary>Characters of a notice that are looked at, and of a value that is handed on (a line of RFC 5322, 2.1.1).</summary>
    private const int NoticeMaxLength = 8_192, ValueMaxLength = 998;

    /// <summary>Where mail servers write whom a mail was for, the surest first.</summary>
    private static readonly string[] EnvelopeHeaders =
        ["X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Forwarded-To", "Apparently-To", "Resent-To", "To"];

    /// <summary>RFC 5965, 7.3, and what its drafts had. Not <c>not-spam</c> (RFC 6430), and not <c>auth-failure</c> (RFC 6591), which no reader sends.</summary>
    private static readonly string[] Complaints = ["abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized"];

    /// <summary>What old servers write above the mail that they return as plain text.</summary>
    private static readonly string[] CopyMarks =
        ["--- Below this line is a copy of the message.", "------ This is a copy of the message", "--- The header of the original message"];

    /// <summary>Reads a mail as it came. The caller bounds its size.</summary>
    public static async Task<BounceReport> Read(Stream raw, CancellationToken ct)
    {
        try
        {
            using var message = await MimeMessage.LoadAsync(new ParserOptions { MaxMimeDepth = MaxDepth }, raw, ct);
            return Read(message);
        }
        catch (Exception e) when (e is FormatException or RegexMatchTimeoutException)
        {
            return BounceReport.Unreadable; // how MimeKit says that it is no mail; or one that was written to take long
        }
    }

    /// <summary>Reads a mail.</summary>
    public static BounceReport Read(MimeMessage message)
    {
        // Whatever else it says: only a mail of ours told anybody of such a mailbox.
        var mailbox = EnvelopeHeaders.SelectMany(name => Values(message.Headers, name)).Select(text => UnsubscribeMailbox().Match(text)).FirstOrDefault(m => m.Success);
        if (mailbox is not null) return new(BounceKind.Unsubscribe, Mailbox: mailbox.Value.TrimEnd('.'));

        MimeEntity[] parts = message.Body is { } body ? [.. PartsOf(body)] : [];
        var (notice, copy) = TextOf(parts);
        var returned = parts.OfType<MessagePart>().FirstOrDefault()?.Message?.Headers ?? copy ?? [];
        var feedback = parts.OfType<MessageFeedbackReport>().FirstOrDefault()?.Fields;
        HeaderList[] groups = feedback is null && parts.OfType<MessageDeliveryStatus>().FirstOrDefault() is { } status ? [.. status.StatusGroups] : [];

        var report = feedback is not null ? OfFeedback(feedback, returned)
            : groups.Length > 0 ? OfDelivery(groups)
            : Value(returned, "X-HmXmrOriginalRecipient") is { } reader ? new(BounceKind.Complaint, Recipient: reader) // Outlook's junk mail reports of old
            : OfNotice(message.Headers, notice);

        var told = EnvelopeHeaders.SelectMany(name => Values(message.Headers, name))
            .Concat(groups.Append(feedback ?? []).Append(returned).SelectMany(fields => fields.Select(f => f.Value)));
        return report with
        {
            ReturnPath = told.Append(notice).Select(text => ReturnPath().Match(text)).FirstOrDefault(m => m.Success)?.Value.TrimEnd('.'),
            MessageId = Value(returned, "Message-ID"),
            FeedbackId = Value(returned, "Feedback-ID"),
            ListUnsubscribe = Value(returned, "List-Unsubscribe"),
        };
    }

    private static BounceReport OfFeedback(HeaderList fields, HeaderList returned) => new(
        Complaints.Contains(Value(fields, "Feedback-Type")?.Trim(), StringComparer.OrdinalIgnoreCase) ? BounceKind.Complaint : BounceKind.None,
        Recipient: Value(fields, "Original-Rcpt-To") ?? Value(returned, "X-HmXmrOriginalRecipient"));

    /// <summary>A mail of ours has one recipient; of several groups the first that failed counts.</summary>
    private static BounceReport OfDelivery(HeaderList[] groups)
    {
        var recipients = groups.Where(g => g.Contains("Action") || g.Contains("Status")).ToArray();
        if (recipients.Length == 0) return BounceReport.Unreadable;
        var recipient = recipients.FirstOrDefault(HasFailed);
        var about = recipient ?? recipients[0];
        var status = Failure.StatusIn(Value(about, "Status") ?? "");
        var to = AfterType(Value(about, "Original-Recipient")) ?? AfterType(Value(about, "Final-Recipient"));
        if (recipient is null) return new(BounceKind.None, Status: status, Recipient: to);

        var (kind, telling) = Failure.Of(status, AfterType(Value(about, "Diagnostic-Code")) ?? "");
        return new(kind, Status: telling, Recipient: to);
    }

    private static bool HasFailed(HeaderList recipient) => Value(recipient, "Action") is { } action
        ? action.StartsWith("failed", StringComparison.OrdinalIgnoreCase)
        : Value(recipient, "Status")?.StartsWith('5') == true;

    /// <summary>For people, by a server: only who speaks as one is heard, else a reader's reply that quotes an error would end the subscription.</summary>
    private static BounceReport OfNotice(HeaderList headers, string notice)
    {
        var failed = Value(headers, "X-Failed-Recipients");
        var isQmail = notice.StartsWith("Hi. This is the qmail-send program", StringComparison.OrdinalIgnoreCase);
        if (failed is null && !isQmail && !Daemon().IsMatch(Value(headers, "From") ?? "")) return new(BounceKind.None);

        var told = Failure.StatusIn(notice);
        if (told?.StartsWith('2') == true || Failure.IsDelay(notice)) return new(BounceKind.None, Status: told);
        if (failed is null && !isQmail && told is null && !Failure.HasRefusal(notice)) return new(BounceKind.None);

        var (kind, status) = Failure.Of(told, notice);
        return new(kind, Status: status, Recipient: failed ?? (Recipient().Match(notice) is { Success: true } found ? found.Groups[1].Value : null));
    }

    /// <summary>Attached mails are parts, and not looked into: what a returned mail says of others is no report.</summary>
    private static IEnumerable<MimeEntity> PartsOf(MimeEntity entity) => entity is Multipart multipart ? multipart.SelectMany(PartsOf) : [entity];

    private static (string Notice, HeaderList? Copy) TextOf(MimeEntity[] parts)
    {
        var text = parts.OfType<TextPart>().FirstOrDefault(p => p.Content is not null)?.Text ?? "";
        var copy = CopyMarks.Select(mark => text.IndexOf(mark, StringComparison.Ordinal)).FirstOrDefault(at => at >= 0, -1);
        var notice = copy < 0 ? text : text[..copy];
        return (notice.Length > NoticeMaxLength ? notice[..NoticeMaxLength] : notice, copy < 0 ? null : HeadersIn(text.AsSpan(copy)));
    }

    private static HeaderList? HeadersIn(ReadOnlySpan<char> copy)
    {
        try
        {
            var mail = copy[(copy.IndexOf('\n') is var end and >= 0 ? end : copy.Length)..].TrimStart("\r\n \t");
            return mail.IsEmpty ? null : HeaderList.Load(new MemoryStream(Encoding.UTF8.GetBytes(mail.ToString())));
        }
        catch (FormatException)
        {
            return null; // how MimeKit says that these are no headers
        }
    }

    private static IEnumerable<string> Values(HeaderList headers, string name) =>
        headers.Where(h => h.Field.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value);

    /// <summary>The first of that name, without angle brackets around it; null when it is empty, too long, or holds what no header may.</summary>
    private static string? Value(HeaderList headers, string name)
    {
        var value = Values(headers, name).FirstOrDefault()?.Replace('\t', ' ').Trim(); // a folded line may go on with a tab (RFC 5322, 2.2.3)
        if (value is ['<', .. var inner, '>'] && !inner.AsSpan().ContainsAny('<', '>')) value = inner;
        return value is { Length: > 0 and <= ValueMaxLength } && !value.Any(char.IsControl) ? value : null;
    }

    /// <summary>What follows <c>rfc822;</c> or <c>smtp;</c> (RFC 3464, 2.1.2).</summary>
    private static string? AfterType(string? field)
    {
        var value = field?[(field.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();
        if (value is ['<', .. var inner, '>']) value = inner;
        return string.IsNullOrEmpty(value) ? null : value;
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9._+=-])b-[A-Z2-7]{60}@[A-Z0-9.-]{1,253}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex ReturnPath();

    [GeneratedRegex(@"(?<![A-Za-z0-9._+=-])u-[A-Z2-7]{60}@[A-Z0-9.-]{1,253}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex UnsubscribeMailbox();

    [GeneratedRegex(@"\b(?:mailer-daemon|postmaster|mail ?delivery|microsoftexchange)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex Daemon();

    [GeneratedRegex(@"^[ \t]*<([^<>\s@]{1,64}@[^<>\s@]{1,253})>", RegexOptions.Multiline | RegexOptions.CultureInvariant, MatchMilliseconds)]
    private static partial Regex Recipient();
}
