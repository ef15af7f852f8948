using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Cms.Domain.Text;

/// <summary>
/// A well-formed language tag of BCP 47 (RFC 5646, 2.1), such as <c>fr</c>, <c>fr-BE</c> or <c>zh-Hant-TW</c>, in the
/// recommended case. The registry is not asked: a new language needs no release of ours.
/// </summary>
public sealed partial record LanguageTag
{
    /// <summary>The longest tag, in characters (RFC 5646, 4.4.1, without extensions).</summary>
    public const int MaxLength = 35;

    // Regular grandfathered tags fit the grammar, and mean something other than their parts say.
    private static readonly FrozenSet<string> Grandfathered = FrozenSet.ToFrozenSet(
        ["art-lojban", "cel-gaulish", "no-bok", "no-nyn", "zh-guoyu", "zh-hakka", "zh-min", "zh-min-nan", "zh-xiang"],
        StringComparer.OrdinalIgnoreCase);

    private LanguageTag(string value) => Value = value;

    /// <summary>The tag: language in lower case, <c>Script</c> with a capital, <c>REGION</c> in capitals.</summary>
    public string Value { get; }

    /// <summary>Takes a tag in any case. Private tags (<c>x-…</c>), grandfathered ones and repeated subtags are refused.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LanguageTag? tag)
    {
        tag = text is { Length: >= 2 and <= MaxLength } && Grammar().IsMatch(text) && !Grandfathered.Contains(text) && !Repeats(text)
            ? new(Canonical(text)) : null;
        return tag is not null;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">It is not well-formed.</exception>
    public static LanguageTag Parse(string text) =>
        TryParse(text, out var tag) ? tag : throw new FormatException("Not a language tag.");

    /// <summary>The tag itself.</summary>
    public override string ToString() => Value;

    // RFC 5646, 2.2.5 and 2.2.6: a variant or an extension's singleton stands once.
    private static bool Repeats(string text)
    {
        var subtags = text.ToLowerInvariant().Split('-').TakeWhile(s => s != "x").ToArray();
        var first = Array.FindIndex(subtags, s => s.Length == 1);
        var variants = subtags.Take(first < 0 ? subtags.Length : first).Where(s => s.Length > 4 || (s.Length == 4 && char.IsAsciiDigit(s[0])));
        var once = variants.Concat(subtags.Where(s => s.Length == 1)).ToArray();
        return once.Distinct().Count() != once.Length;
    }

    // RFC 5646, 2.1.1
    private static string Canonical(string text)
    {
        var subtags = text.ToLowerInvariant().Split('-');
        for (var i = 1; i < subtags.Length && subtags[i].Length > 1; i++)
        {
            if (subtags[i].Length == 2) subtags[i] = subtags[i].ToUpperInvariant();
            if (subtags[i].Length == 4) subtags[i] = char.ToUpperInvariant(subtags[i][0]) + subtags[i][1..];
        }

        return string.Join('-', subtags);
    }

    // Languages of four to eight letters are reserved, and none is registered (RFC 5646, 2.2.1): "french" is a mistake for "fr".
    // Not IgnoreCase: it takes the Kelvin sign for a k.
    [GeneratedRegex(
        @"^([a-zA-Z]{2,3}(-[a-zA-Z]{3}){0,3})(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|[0-9]{3}))?" +
        @"(-([a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*(-[a-wyzA-WYZ0-9](-[a-zA-Z0-9]{2,8})+)*(-[xX](-[a-zA-Z0-9]{1,8})+)?\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();
}
