using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Cms.Domain.Text;

namespace Cms.Domain.Newsletter;

/// <summary>
/// Where a newsletter goes: a dot-atom of RFC 5322 (3.2.3) or its UTF-8 form (RFC 6531, 3.3), at a domain in A-labels
/// (RFC 5891). Quoted local parts and address literals are valid mail, and refused: they carry header injection, and no reader has one.
/// </summary>
public sealed record EmailAddress
{
    /// <summary>The longest address, in UTF-8 octets (RFC 5321, 4.5.3.1.3, without its angle brackets).</summary>
    public const int MaxLength = 254;

    /// <summary>The longest local part, in UTF-8 octets (RFC 5321, 4.5.3.1.1).</summary>
    public const int LocalPartMaxLength = 64;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    private EmailAddress(string value) => Value = value;

    /// <summary>The address mail is sent to: the local part as typed, in NFC; the domain as lower-case A-labels.</summary>
    public string Value { get; }

    /// <summary>Behind the @, in lower-case A-labels.</summary>
    public string Domain => Value[(Value.LastIndexOf('@') + 1)..];

    /// <summary>What makes it unique: ASCII letters lowered and nothing else, as PostgreSQL's <c>lower(email COLLATE "C")</c> does it.</summary>
    public string Key => string.Create(Value.Length, Value, static (key, value) =>
    {
        for (var i = 0; i < key.Length; i++) key[i] = char.IsAsciiLetterUpper(value[i]) ? (char)(value[i] | 0x20) : value[i];
    });

    /// <summary>Takes an address as a reader types it.</summary>
    /// <param name="text">The address alone, without a display name.</param>
    /// <param name="address">The address, when it is one.</param>
    /// <param name="reason">What to change, in English, without repeating the address; empty when it is one.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? address, out string reason)
    {
        address = null;
        reason = "";
        if (string.IsNullOrEmpty(text)) reason = "Give an address.";
        else if (text.Length > MaxLength) reason = $"Use at most {MaxLength} characters.";
        else if (TextRules.HasBrokenUnicode(text) || !text.EnumerateRunes().All(IsPlain)) reason = "Use no spaces, control or invisible characters.";
        else if (text.IndexOf('@', StringComparison.Ordinal) is var at && (at < 1 || at != text.LastIndexOf('@')))
            reason = "Write it as name@example.org, with one @.";
        else
        {
            var local = text[..at].Normalize(NormalizationForm.FormC);
            reason = DomainFault(text[(at + 1)..], out var domain);
            if (LocalFault(local) is { } fault) reason = fault;
            if (reason.Length == 0 && Encoding.UTF8.GetByteCount(local + domain) >= MaxLength) reason = $"Use at most {MaxLength} octets.";
            if (reason.Length == 0) address = new($"{local}@{domain}");
        }

        return address is not null;
    }

    /// <summary>Not the address: it is personal data, and a record's own text ends up in logs.</summary>
    public override string ToString() => "(e-mail address)";

    private static string? LocalFault(string local) =>
        Encoding.UTF8.GetByteCount(local) > LocalPartMaxLength ? $"Use at most {LocalPartMaxLength} octets before the @."
        : local.StartsWith('.') || local.EndsWith('.') || local.Contains("..", StringComparison.Ordinal) ? "Before the @, use dots only between other characters."
        : local.Any(c => char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-/=?^_`{|}~.".Contains(c, StringComparison.Ordinal))
            ? "Before the @, use letters, digits and dots; quoted forms are not taken."
        : null;

    private static string DomainFault(string text, out string domain)
    {
        domain = "";
        const string Fault = "After the @, give a domain name such as example.org.";
        try
        {
            var ascii = Idn.GetAscii(text).ToLowerInvariant(); // refuses A-labels that no name gives (UTS 46, 4.1)
            var labels = ascii.Split('.');
            if (labels.Length < 2 || ascii.Length > 253 || labels[^1].All(char.IsAsciiDigit)) return Fault;
            if (labels.Any(l => l.Length is 0 or > 63 || l[0] == '-' || l[^1] == '-' || !l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
                return Fault;
            domain = ascii;
            return "";
        }
        catch (ArgumentException)
        {
            return Fault; // how IdnMapping says that it is no domain name
        }
    }

    private static bool IsPlain(Rune rune) => !Rune.IsWhiteSpace(rune) && !Folding.IsInvisible(rune) && !TextRules.IsNoncharacter(rune)
        && rune.Value != 0x200B && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
