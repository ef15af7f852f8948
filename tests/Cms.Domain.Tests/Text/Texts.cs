using System.Globalization;
using CsCheck;

namespace Cms.Domain.Tests.Text;

/// <summary>Texts that find faults: scripts with signs, letters whose case or form is odd, invisible and broken ones.</summary>
internal static class Texts
{
    private static readonly string[] Pieces =
    [
        "a", "Z", "é", "É", "e\u0301", "İ", "I", "ı", "ß", "ẞ", "Œ", "ﬁ", "Ａ", "𝐀", "ǅ", "ʼ", "ŀ", "Ⅳ", "ʕ", "Å", "ø", "ð", "þ",
        "Й", "и\u0306", "ї", "Σ", "ς", "ά", "ᾈ", "क्षि", "क़", "ที่", "ๆ", "שָׁ", "한", "\u1112\u1161", "日", "ー", "ٱ", "\u0627\u0653", "۴", "٣", "²",
        " ", " ", "-", "--", "_", "’", "'", ":", ".", "\n", "\u00A0", "\u200B", "\u200C", "\u200D", "\u200E", "\u00AD", "\uFE0F", "\u034F",
        "\u0301", "\u0338", "\u0345", "\u20E3", "1", "9", "😀", "🇫🇷", "\uFFFE", "\uFFFD", "\uD800", "\uDC00", "Ꭰ", "ꭰ", "Ა", "\u3164", "=", "<",
    ];

    private static readonly string[] Cultures = ["fr-FR", "tr-TR", "ar-SA"];

    public static readonly Gen<string> Any = Gen.OneOf(Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 40].Select(string.Concat), Gen.String[0, 300]);

    /// <summary>The answer under French, Turkish and Arabic settings, which must be one.</summary>
    public static T Everywhere<T>(Func<T> answer)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var answers = Cultures.Select(name =>
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
                return answer();
            }).ToArray();
            return Assert.Single(answers.Distinct());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
