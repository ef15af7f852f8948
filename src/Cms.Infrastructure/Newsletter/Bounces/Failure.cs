using System.Text.RegularExpressions;

namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>
/// Why a mail was not delivered. Hard is only what says that the mailbox or its domain is not there, or is disabled; a doubt is soft: the next edition tries again.
/// </summary>
internal static partial class Failure
{
    /// <summary>What a failed delivery means.</summary>
    /// <param name="status">The enhanced status that was reported, if any.</param>
    /// <param name="said">What the refusing server said, or the notice for people; where the status says little, it decides.</param>
    /// <returns>Hard or soft, and the status that says most.</returns>
    public static (BounceKind Kind, string? Status) Of(string? status, string said)
    {
        // Exim always reports 5.0.0, Sendmail 5.3.0: the server's own words hold the real one.
        if (status is null or "5.0.0" or "5.3.0" && StatusIn(said) is { } told) status = told;
        return (KindOf(status, said), status);
    }

    /// <summary>The first enhanced status in a text. Four numbers with dots are an IP address.</summary>
    public static string? StatusIn(string said) => EnhancedStatus().Match(said) is { Success: true } found ? found.Value : null;

    /// <summary>The text holds a refusal of SMTP (RFC 5321, 4.2): <c>550 …</c></summary>
    public static bool HasRefusal(string said) => Refusal().IsMatch(said);

    /// <summary>The text says that the server has not given up yet.</summary>
    public static bool IsDelay(string said) => Delay().IsMatch(said);

    // RFC 3463, 3.2 to 3.5; 5.1.10 is RFC 7505's null MX, and Exchange's RecipientNotFound; 5.4.310 is Exchange's "DNS domain does not exist".
    private static BounceKind KindOf(string? status, string said) => status switch
    {
        "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10" or "5.2.1" or "5.4.4" or "5.4.310" => BounceKind.Hard,
        "5.1.0" => Blame().IsMatch(said) ? BounceKind.Soft : BounceKind.Hard,
        // Exchange Online refuses unknown recipients so at its edge; elsewhere 5.4.1 is a host that does not answer.
        "5.4.1" when said.Contains("Recipient address rejected", StringComparison.OrdinalIgnoreCase) => BounceKind.Hard,
        null or "5.0.0" or "5.3.0" => Gone().IsMatch(said) && !Blame().IsMatch(said) ? BounceKind.Hard : BounceKind.Soft,
        _ => BounceKind.Soft,
    };

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)", RegexOptions.CultureInvariant, BounceMessage.MatchMilliseconds)]
    private static partial Regex EnhancedStatus();

    [GeneratedRegex(@"(?<![\d.])5[0-5]\d[ -](?!\d)", RegexOptions.CultureInvariant, BounceMessage.MatchMilliseconds)]
    private static partial Regex Refusal();

    [GeneratedRegex("not yet been delivered|has been delayed|warning message only|will be retried|still being retried|will continue to|keep trying",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, BounceMessage.MatchMilliseconds)]
    private static partial Regex Delay();

    [GeneratedRegex("""
        user\ unknown|unknown\ (?:user|recipient|mailbox)|unrouteable\ address|recipientnotfound|(?:host|domain|name)\ not\ found|couldn't\ find\ any\ host
        |no\ such\ (?:user|mailbox|recipient|address|domain|person|account)|no\ (?:mailbox|user)\ here|invalid\ (?:recipient|mailbox|user)
        |(?:user|recipient|address|account|mailbox|domain)\b[^\r\n]{0,40}
         (?:\bnot\ exist|n't\ exist|\bnot\ found|\bunknown|\bdisabled|\binactive|\bno\ longer\ (?:valid|in\ use|active))
        """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace, BounceMessage.MatchMilliseconds)]
    private static partial Regex Gone();

    [GeneratedRegex("""
        spam|black\ ?list|block(?:ed|\ ?list)|polic(?:y|ies)|reputation|\b(?:spf|dkim|dmarc)\b|rate\ limit|gr[ae]ylist|quota|mailbox\ (?:is\ )?full|too\ large
        |sender\ (?:address\ )?(?:rejected|denied|unknown|verif)
        """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace, BounceMessage.MatchMilliseconds)]
    private static partial Regex Blame();
}
