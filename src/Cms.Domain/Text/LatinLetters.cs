using System.Collections.Frozen;
using System.Text;

namespace Cms.Domain.Text;

/// <summary>The Latin script, and the ASCII form of those of its letters that no decomposition gives.</summary>
internal static class LatinLetters
{
    // Script=Latin of Unicode, by block; .NET has no script property.
    private static readonly (int First, int Last)[] Ranges =
    [
        ('A', 'Z'), ('a', 'z'), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2B8), (0x2E0, 0x2E4),
        (0x1D00, 0x1D25), (0x1D2C, 0x1D5C), (0x1D62, 0x1D65), (0x1D6B, 0x1D77), (0x1D79, 0x1DBE), (0x1E00, 0x1EFF),
        (0x2071, 0x2071), (0x207F, 0x207F), (0x2090, 0x209C), (0x2132, 0x2132), (0x214E, 0x214E), (0x2160, 0x2188),
        (0x2C60, 0x2C7F), (0xA722, 0xA787), (0xA78B, 0xA7FF), (0xAB30, 0xAB5A), (0xAB5C, 0xAB69), (0xFB00, 0xFB06),
        (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x10780, 0x107BF), (0x1DF00, 0x1DFFF),
    ];

    private const string Pairs =
        "ß=ss æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ı=i ȷ=j ħ=h ŋ=n ĸ=k ŧ=t ŉ=n ſ=s ƀ=b ɓ=b ƃ=b ƈ=c " +
        "ȼ=c ɖ=d ɗ=d ƌ=d ǝ=e ə=e ɛ=e ɇ=e ƒ=f ɠ=g ǥ=g ɣ=g ƕ=hv ɨ=i ɩ=i ɉ=j ƙ=k ƚ=l ⱡ=l ɬ=l " +
        "ɲ=n ƞ=n ɔ=o ɵ=o ƥ=p ɍ=r ɽ=r ʃ=s ȿ=s ƭ=t ʈ=t ⱦ=t ʉ=u ʊ=u ʋ=v ⱱ=v ɏ=y ƴ=y ƶ=z ʒ=z " +
        "ȥ=z ⱥ=a ꜳ=aa ꝏ=oo";

    private static readonly FrozenDictionary<int, string> Ascii =
        Pairs.Split(' ').ToFrozenDictionary(pair => (int)pair[0], pair => pair[2..]);

    public static bool Contains(Rune rune)
    {
        var value = rune.Value;
        if (value < 0x80) return Rune.IsLetter(rune);
        foreach (var (first, last) in Ranges)
            if (value >= first && value <= last) return true;
        return false;
    }

    /// <returns>a–z for a lower-case Latin letter, ligature or compatibility form of one (ﬁ, ａ, 𝐚); else null.</returns>
    public static string? ToAscii(Rune lower)
    {
        if (lower.IsAscii) return Rune.IsLetter(lower) ? lower.ToString() : null;
        if (Ascii.TryGetValue(lower.Value, out var ascii)) return ascii;
        // Full-width and mathematical letters are Latin in looks and sense, whatever their block. Only letters are
        // unfolded this way, never text: "never NFKC" keeps < and " from appearing out of look-alikes.
        if (!Rune.IsLetter(lower) && !Contains(lower)) return null;
        var letters = new StringBuilder();
        foreach (var part in lower.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            var small = Rune.ToLowerInvariant(part);
            if (small.Value is >= 'a' and <= 'z') letters.Append(small);
            else if (small != lower && Ascii.TryGetValue(small.Value, out var known)) letters.Append(known);
            else if (Rune.IsLetter(small)) return null;
        }

        return letters.Length > 0 ? letters.ToString() : null;
    }
}
