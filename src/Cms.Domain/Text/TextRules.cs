using System.Globalization;
using System.Text;

namespace Cms.Domain.Text;

/// <summary>What kind of text a field takes; see <see cref="TextRules.Fault"/>.</summary>
public enum TextKind
{
    /// <summary>Names, kickers, headlines: no line break, no tab, no direction isolate.</summary>
    SingleLine,

    /// <summary>Descriptions and the like: as <see cref="SingleLine"/>, with LF and TAB.</summary>
    MultiLine,

    /// <summary>One line of an article's body: balanced direction isolates are allowed.</summary>
    BodyInline,

    /// <summary>Lines of an article's body: LF, TAB and balanced direction isolates are allowed.</summary>
    BodyMultiLine,
}

/// <summary>
/// The rules of text that hold for every field, over text that <see cref="Normalize"/> has been through. HTML is checked
/// twice: as it came, and as the sanitiser left it, because <c>&amp;#x202E;</c> is a plain word before and an override after.
/// </summary>
public static class TextRules
{
    /// <summary>The most combining signs in a row; no writing needs more, and a tower of them stalls renderers (UAX 15, stream-safe).</summary>
    public const int MaxMarksInARow = 30;

    /// <summary>Length in Unicode scalars, as every bound of the API counts it and as PostgreSQL's <c>char_length</c> does.</summary>
    public static int Length(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i])) length--;
        return length;
    }

    /// <summary>
    /// What PostgreSQL or UTF-8 cannot hold: U+0000 and lone surrogates (RFC 3629). Asked at the edge, before anything
    /// else: it is a fault of the request's form.
    /// </summary>
    public static bool HasBrokenUnicode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsLowSurrogate(text[i])) return true;
            if (char.IsHighSurrogate(text[i]) && (++i == text.Length || !char.IsLowSurrogate(text[i]))) return true;
        }

        return false;
    }

    /// <summary>NFC, with CRLF and CR made LF and a leading byte order mark dropped: done once, at the edge.</summary>
    /// <exception cref="ArgumentException">The text <see cref="HasBrokenUnicode"/>.</exception>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (text.Contains('\r', StringComparison.Ordinal)) text = text.ReplaceLineEndingsWithLineFeed();
        // string.Normalize throws at U+FFFE, which is for Fault to name; it composes with nothing, so the parts are the whole.
        return string.Join('\uFFFE', text.Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC)));
    }

    /// <returns>What to change, in English, without repeating the text; null when nothing.</returns>
    public static string? Fault(string text, TextKind kind) =>
        LineFault(text, kind is TextKind.MultiLine or TextKind.BodyMultiLine)
        ?? CharacterFault(text)
        ?? IsolateFault(text, bodyText: kind is TextKind.BodyInline or TextKind.BodyMultiLine);

    /// <summary>U+FDD0–FDEF and the last two of each plane: for a program's own use, never for interchange.</summary>
    internal static bool IsNoncharacter(Rune rune) => rune.Value is (>= 0xFDD0 and <= 0xFDEF) || (rune.Value & 0xFFFE) == 0xFFFE;

    private static string? LineFault(string text, bool multiLine)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var c in text)
        {
            if (multiLine && (c is '\n' or '\t')) continue;
            if (c is '\n' or '\r' or '\u2028' or '\u2029' or '\u0085')
                return multiLine ? $"Use line feeds for line breaks, not {Name(c)}." : "Write it on one line.";
            if (char.IsControl(c)) return $"Remove the control character {Name(c)}.";
        }

        return null;
    }

    private static string? CharacterFault(string text)
    {
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0x202A and <= 0x202E) return $"Remove the direction override or embedding {Name(rune.Value)}.";
            if (rune.Value == 0xFEFF) return "Remove the byte order mark U+FEFF.";
            if (IsNoncharacter(rune)) return $"Remove the noncharacter {Name(rune.Value)}.";
            marks = Folding.IsMark(rune) ? marks + 1 : 0;
            if (marks > MaxMarksInARow) return $"Use at most {MaxMarksInARow} combining marks in a row.";
        }

        return null;
    }

    // An isolate left open turns what follows it on the page (CVE-2021-42574). It ends with its paragraph (UAX 9, 3.1.2),
    // hence the balance by line.
    private static string? IsolateFault(string text, bool bodyText)
    {
        var open = 0;
        foreach (var c in text)
        {
            if (c is >= '\u2066' and <= '\u2069' && !bodyText) return $"Remove the direction isolate {Name(c)}.";
            open += c switch { >= '\u2066' and <= '\u2068' => 1, '\u2069' => -1, _ => 0 };
            if (open < 0 || (c == '\n' && open > 0)) return Unbalanced;
        }

        return open == 0 ? null : Unbalanced;
    }

    private const string Unbalanced = "Close each direction isolate (U+2066 to U+2068) with U+2069 on its line.";

    private static string Name(int scalar) => string.Create(CultureInfo.InvariantCulture, $"U+{scalar:X4}");

    // Not string.ReplaceLineEndings: that also takes U+0085 and U+2028, which are refused, not changed.
    private static string ReplaceLineEndingsWithLineFeed(this string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
