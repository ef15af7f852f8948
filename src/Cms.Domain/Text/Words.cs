using System.Text;

namespace Cms.Domain.Text;

/// <summary>What of a text is searched: runs of letters, digits and their signs. An apostrophe or a hyphen parts two words, as in "l'été".</summary>
public static class Words
{
    /// <summary>The text's words with spaces for whatever stands between them, so that nothing looks like an address, a tag or a number with a sign.</summary>
    public static string Spaced(string text) => Spaced(text, out _);

    /// <inheritdoc cref="Spaced(string)" />
    /// <param name="text">Any text.</param>
    /// <param name="origins">Where each character stood.</param>
    public static string Spaced(string text, out IReadOnlyList<int> origins)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (spaced, from, at) = (new StringBuilder(text.Length), new List<int>(text.Length), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Folding.IsInvisible(rune))
            {
                if (Rune.IsLetterOrDigit(rune) || Folding.IsMark(rune)) spaced.Append(rune);
                else spaced.Append(' ', rune.Utf16SequenceLength);
                for (var i = 0; i < rune.Utf16SequenceLength; i++) from.Add(at + i);
            }

            at += rune.Utf16SequenceLength;
        }

        origins = from;
        return spaced.ToString();
    }

    /// <summary>The words, in order, as they are written.</summary>
    public static string[] Of(string text) => Spaced(text).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How many changes of a letter, or of two neighbours' order, make one word of the other (optimal string alignment).</summary>
    public static int Distance(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var cost = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= other.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= one.Length; i++)
            for (var j = 1; j <= other.Length; j++)
            {
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }

        return cost[one.Length, other.Length];
    }
}
