using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Cms.Domain.Articles.Blocks;

/// <summary>What readers read of a body: its plain text, how many words, how many minutes.</summary>
public static partial class Prose
{
    /// <summary>Words an adult reads in a minute: Brysbaert (2019) found 238 for English non-fiction, silently.</summary>
    public const int WordsPerMinute = 230;

    /// <summary>
    /// The text of HTML: inline tags go, <c>br</c> and the tags of blocks are line feeds, entities are decoded. Only for what
    /// the sanitiser wrote: there every <c>&lt;</c> opens a tag, every <c>&gt;</c> ends one, and nothing else is markup.
    /// </summary>
    public static string Plain(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        if (html.AsSpan().IndexOfAny('<', '&') < 0) return html;
        return WebUtility.HtmlDecode(LineTag().Replace(InlineTag().Replace(html, ""), "\n"));
    }

    /// <summary>
    /// The text of a body: a blank line between blocks, a line for each item of a list and each row or paragraph of HTML. What it has words of
    /// is what is counted: captions, embeds and "read also" are beside it.
    /// </summary>
    public static string Of(IEnumerable<Block> blocks) => string.Join("\n\n", blocks
        .Select(b => string.Join('\n', Texts(b).SelectMany(html => Plain(html).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))))
        .Where(text => text.Length > 0));

    /// <summary>What a block has of the body's text, as HTML.</summary>
    public static IEnumerable<string> Texts(Block block) => block switch
    {
        ParagraphBlock b => [b.Text],
        HeadingBlock b => [b.Text],
        QuoteBlock b => [b.Text],
        ListBlock b => b.Items,
        HtmlBlock b => [b.Html],
        _ => [],
    };

    /// <summary>
    /// Runs of letters, digits and their signs; an apostrophe or hyphen parts two words, as in "l'été". Scripts written
    /// without spaces (Chinese, Japanese kana, Thai, Lao, Khmer, Burmese) count one word for every two letters, half a
    /// word made whole at the end of the run; Korean has spaces and counts by them.
    /// </summary>
    public static int WordCount(string plain)
    {
        ArgumentNullException.ThrowIfNull(plain);
        var words = 0;
        var (spaced, unspaced) = (false, 0);
        foreach (var rune in plain.EnumerateRunes())
        {
            if (IsSign(rune)) continue;
            if (IsUnspaced(rune))
            {
                if (unspaced++ % 2 == 0) words++;
                spaced = false;
                continue;
            }

            unspaced = 0;
            var inWord = Rune.IsLetterOrDigit(rune);
            if (inWord && !spaced) words++;
            spaced = inWord;
        }

        return words;
    }

    /// <summary>Whole minutes, rounded up; 0 only when there is no word.</summary>
    public static int ReadingMinutes(int words)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(words);
        return (int)(((long)words + WordsPerMinute - 1) / WordsPerMinute);
    }

    // Signs, joiners and soft hyphens stand inside words; U+200B stands between them.
    private static bool IsSign(Rune rune) => rune.Value != 0x200B && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format;

    // By block: Thai, Lao; Burmese; Khmer; kana; CJK ideographs, with their iteration marks and the supplementary planes.
    private static bool IsUnspaced(Rune rune) => Rune.IsLetter(rune) && rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F)
        or (>= 0x1780 and <= 0x17FF) or (>= 0x3005 and <= 0x3007) or (>= 0x3040 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF)
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    [GeneratedRegex("</?(a|strong|em|code|sub|sup|img)( [^>]*)?>", RegexOptions.NonBacktracking)]
    private static partial Regex InlineTag();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex LineTag();
}
