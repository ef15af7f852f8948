using System.Globalization;
using System.Text;

namespace Cms.Domain.Text;

/// <summary>
/// Folds Latin letters to plain ASCII (é→e, œ→oe, ß→ss), and leaves every other script whole: a Devanagari vowel sign,
/// a Thai tone mark or the breve of й is part of the letter, not an ornament of it.
/// </summary>
/// <remarks>The same under every culture: nothing here reads the thread's culture.</remarks>
public static class Folding
{
    /// <summary>
    /// Lower-case, NFC, with Latin letters folded to a–z and invisible characters dropped. Latin letters without an
    /// ASCII form (clicks, some phonetic ones) stay; <see cref="IsLatin"/> tells them. Broken Unicode becomes a space.
    /// </summary>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var folded = new StringBuilder(text.Length);
        var afterLatin = false;
        // Decomposed first: "İ" has no invariant lower case, "I" with a dot above has one.
        foreach (var rune in Decompose(text).EnumerateRunes())
        {
            if (IsInvisible(rune)) continue;
            if (IsMark(rune))
            {
                if (!afterLatin) folded.Append(rune);
                continue;
            }

            var lower = Rune.ToLowerInvariant(rune);
            var ascii = LatinLetters.ToAscii(lower);
            afterLatin = ascii is not null || IsLatin(lower);
            if (ascii is not null) folded.Append(ascii);
            else folded.Append(lower);
        }

        return folded.ToString().Normalize(NormalizationForm.FormC);
    }

    /// <summary>
    /// What two spellings of one name have in common: blind to case, to accents on Latin letters, to runs of spaces and to
    /// joiners and direction marks. Compared ordinally; never shown.
    /// </summary>
    public static string Key(string name)
    {
        var key = new StringBuilder();
        var pendingSpace = false;
        foreach (var rune in Fold(name).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value == ZeroWidthSpace)
            {
                pendingSpace = key.Length > 0;
                continue;
            }

            if (pendingSpace) key.Append(' ');
            pendingSpace = false;
            key.Append(rune);
        }

        // A mark that followed a dropped space may now compose with another letter.
        return key.ToString().Normalize(NormalizationForm.FormC);
    }

    /// <summary>A letter or letter-like numeral of the Latin script, ASCII ones included.</summary>
    public static bool IsLatin(Rune rune) => LatinLetters.Contains(rune);

    /// <summary>A combining sign of any script.</summary>
    internal static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>
    /// Characters without a glyph of their own that part no words: joiners, direction marks, soft hyphens, variation
    /// selectors, Hangul fillers. U+200B is not among them, for it stands where a word ends.
    /// </summary>
    internal static bool IsInvisible(Rune rune) => rune.Value switch
    {
        ZeroWidthSpace => false,
        0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 => true,
        (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF) => true,
        _ => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format,
    };

    private const int ZeroWidthSpace = 0x200B;

    private static string Decompose(string text)
    {
        // Normalisation throws on lone surrogates and, on some platforms, on noncharacters.
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(TextRules.IsNoncharacter(rune) || rune == Rune.ReplacementChar ? new Rune(' ') : rune);
        return whole.ToString().Normalize(NormalizationForm.FormD);
    }
}
