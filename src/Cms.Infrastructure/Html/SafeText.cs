using System.Text;

namespace Cms.Infrastructure.Html;

/// <summary>Text and addresses on their way into our output.</summary>
internal static class SafeText
{
    private const int UrlMaxLength = 2048;
    private const char Solidus = '\u0338'; // combining long solidus overlay

    /// <summary>LF for line breaks, no other control but TAB, no lone surrogate, NFC: what a second reading would leave as it is.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.Replace("\r\n", "\n", StringComparison.Ordinal).EnumerateRunes())
            if (rune.Value == '\r') clean.Append('\n');
            else if (!Rune.IsControl(rune) || rune.Value is '\n' or '\t') clean.Append(rune);
        // string.Normalize throws at U+FFFE, which composes with nothing.
        return string.Join('\uFFFE', clean.ToString().Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC)));
    }

    /// <summary>Writes clean text.</summary>
    public static void WriteText(StringBuilder output, string text)
    {
        for (var i = 0; i < text.Length; i++)
            _ = text[i] switch
            {
                '&' => output.Append("&amp;"),
                '<' => output.Append("&lt;"),
                '>' => output.Append("&gt;"),
                // After a tag, NFC would make one sign of its ">" and this one, and the tag would be open.
                Solidus when i == 0 => output.Append("&#x338;"),
                var c => output.Append(c),
            };
    }

    /// <summary>Writes an attribute, quoted.</summary>
    public static void WriteAttribute(StringBuilder output, string name, string? value)
    {
        if (value is null) return;
        output.Append(' ').Append(name).Append("=\"");
        foreach (var c in value)
            _ = c switch
            {
                '&' => output.Append("&amp;"),
                '"' => output.Append("&quot;"),
                '<' => output.Append("&lt;"),
                '>' => output.Append("&gt;"),
                _ => output.Append(c),
            };
        output.Append('"');
    }

    /// <summary>
    /// An address we let through: http, https, mailto (links only), or a path with exactly one leading slash; else null.
    /// The parser has decoded entities; what a browser would skip is gone before we decide, and stays gone.
    /// </summary>
    public static string? Url(string? value, bool link)
    {
        if (value is null) return null;
        var clean = Clean(value).Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal).Trim()
            .Replace(" ", "%20", StringComparison.Ordinal).Normalize(NormalizationForm.FormC);
        var bare = string.Concat(value.Where(c => !char.IsControl(c) && !char.IsWhiteSpace(c)));
        return clean.Length <= UrlMaxLength && MayStand(clean, link) && MayStand(bare, link) ? clean : null;
    }

    private static bool MayStand(string url, bool link) =>
        (url.StartsWith('/') && (url.Length == 1 || url[1] is not ('/' or '\\')))
        || HasHost(url, "https://") || HasHost(url, "http://")
        || (link && url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase));

    private static bool HasHost(string url, string scheme) =>
        url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && url.Length > scheme.Length && url[scheme.Length] is not ('/' or '\\' or '?' or '#' or ':');
}
