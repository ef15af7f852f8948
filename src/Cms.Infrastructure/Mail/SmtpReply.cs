using System.Globalization;
using System.Text.RegularExpressions;

namespace Cms.Infrastructure.Mail;

/// <summary>What a server's words mean for a mail (RFC 5321, 4.2; RFC 3463).</summary>
internal static partial class SmtpReply
{
    /// <summary>Its connection ends: it said so (RFC 5321, 3.8).</summary>
    public const int Closing = 421;

    /// <param name="line">Such as <c>550 5.1.1 No such user</c>.</param>
    /// <returns>Code and text; code 0: it is no reply.</returns>
    public static (int Code, string Text) Parse(string line) =>
        line.Length >= 3 && int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (code, line.Length > 4 ? line[4..] : "") : (0, "");

    /// <summary>What became of the mail.</summary>
    /// <param name="code">The reply's code.</param>
    /// <param name="text">The reply's text, which may begin with an enhanced status.</param>
    /// <param name="isOfRecipient">It answers RCPT TO.</param>
    public static MailOutcome Outcome(int code, string text, bool isOfRecipient)
    {
        var status = Status().Match(text) is { Success: true } match ? match.Groups[1].Value : null;
        return code >= 500
            ? new(MailResult.Refused, code, status, isOfRecipient && IsOfMailbox(code, status))
            : new(MailResult.Deferred, code, status);
    }

    // 5.1.7 and 5.1.8 are of the sender's address, 5.2.2 is a full mailbox, 5.7 a policy: none of them says that there is nobody.
    private static bool IsOfMailbox(int code, string? status) => status switch
    {
        "5.1.7" or "5.1.8" => false,
        "5.2.1" => true,
        null => code is 550 or 551 or 553,
        _ when status.StartsWith("5.1.", StringComparison.Ordinal) => true,
        "5.4.4" => true, // the domain cannot be reached by mail; the rest of 5.4 is of networks and their limits
        _ when status.StartsWith("5.0.", StringComparison.Ordinal) => code is 550 or 551 or 553,
        _ => false,
    };

    [GeneratedRegex(@"^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Status();
}
