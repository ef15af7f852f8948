using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Cms.Domain.Text;

/// <summary>
/// The part of an address that names an article, section, author or tag: lower-case NFC letters, digits and combining
/// signs of any script, Latin ones as a–z only, parted by single hyphens.
/// </summary>
public sealed record Slug
{
    /// <summary>The longest slug, in Unicode scalars.</summary>
    public const int MaxLength = 120;

    private Slug(string value) => Value = value;

    /// <summary>The slug itself, as it stands in an address before percent-encoding.</summary>
    public string Value { get; }

    /// <summary>Takes a well-formed slug, and changes nothing on it: a wrong one is refused, never repaired.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Slug? slug)
    {
        // What derivation leaves as it is, is well-formed: so there is one rule, and not two that may part.
        slug = text is { Length: > 0 and <= MaxLength * 2 } && TextRules.Length(text) <= MaxLength && Hyphenate(text) == text
            ? new(text) : null;
        return slug is not null;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">It is not well-formed.</exception>
    public static Slug Parse(string text) => TryParse(text, out var slug) ? slug : throw new FormatException("Not a slug.");

    /// <summary>Makes a slug of texts, such as kicker and headline; null when no letter or digit is left.</summary>
    public static Slug? Derive(params ReadOnlySpan<string?> parts)
    {
        var text = SlugCut.AtWord(Hyphenate(string.Join(' ', parts)), MaxLength);
        return text.Length == 0 ? null : new(text);
    }

    /// <summary>As <see cref="Derive(ReadOnlySpan{string?})"/>; when nothing is left, 12 characters of the id's random end.</summary>
    public static Slug Derive(Guid id, params ReadOnlySpan<string?> parts) => Derive(parts) ?? new(Short(id));

    /// <summary>The slug followed by <c>-n</c>, cut between characters where the two would pass <see cref="MaxLength"/>.</summary>
    public Slug Numbered(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{n}");
        return new(SlugCut.AtCharacter(Value, MaxLength - suffix.Length) + suffix);
    }

    /// <summary>The slug itself.</summary>
    public override string ToString() => Value;

    private static string Hyphenate(string text)
    {
        var slug = new StringBuilder(text.Length);
        var pendingHyphen = false;
        var marksBelong = false;
        foreach (var rune in Folding.Fold(text).EnumerateRunes())
        {
            if (Folding.IsMark(rune))
            {
                // A sign on a space or on an ASCII digit (the emoji keycap) is no part of a word.
                if (marksBelong) slug.Append(rune);
                continue;
            }

            var kept = IsKept(rune);
            marksBelong = kept && !rune.IsAscii;
            if (!kept)
            {
                pendingHyphen = slug.Length > 0;
                continue;
            }

            if (pendingHyphen) slug.Append('-');
            pendingHyphen = false;
            slug.Append(rune);
        }

        return slug.ToString().Normalize(NormalizationForm.FormC);
    }

    private static bool IsKept(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.DecimalDigitNumber => true,
        UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter => rune.IsAscii || !Folding.IsLatin(rune),
        // U+02B9–02FF are apostrophes, tone letters and the like; other modifier letters (ー, ๆ, 々) are parts of words.
        UnicodeCategory.ModifierLetter => rune.Value is < 0x2B9 or > 0x2FF && !Folding.IsLatin(rune),
        _ => false,
    };

    // UUIDv7 ends in 62 random bits (RFC 9562, 5.7); its front is a time, alike for all that was made together.
    private static string Short(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return string.Create(12, bits, static (chars, rest) =>
        {
            for (var i = chars.Length - 1; i >= 0; i--, rest >>= 5) chars[i] = "0123456789abcdefghjkmnpqrstvwxyz"[(int)(rest & 31)];
        });
    }
}
