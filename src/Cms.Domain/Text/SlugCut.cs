using System.Globalization;

namespace Cms.Domain.Text;

/// <summary>Where a slug that is too long ends.</summary>
internal static class SlugCut
{
    /// <summary>
    /// Cuts at the last word that fits. Scripts without spaces make one long word of a headline, so that a hyphen in the
    /// first half of what fits is passed over for a cut between two characters.
    /// </summary>
    public static string AtWord(string slug, int length)
    {
        var end = IndexOfScalar(slug, length);
        if (end == slug.Length) return slug;
        if (slug[end] == '-') return slug[..end];
        var hyphen = slug.LastIndexOf('-', end - 1);
        return hyphen >= IndexOfScalar(slug, length / 2) ? slug[..hyphen] : AtCharacter(slug, length);
    }

    /// <summary>Cuts between two characters as readers see them (UAX 29), and leaves no hyphen at the end.</summary>
    public static string AtCharacter(string slug, int length)
    {
        var end = IndexOfScalar(slug, length);
        if (end == slug.Length) return slug;
        var cut = 0;
        for (var next = 0; next <= end; next += StringInfo.GetNextTextElementLength(slug, next)) cut = next;
        // One "character" longer than a whole slug is no writing but an attack; it is cut between scalars.
        return slug[..(cut > 0 ? cut : end)].TrimEnd('-');
    }

    private static int IndexOfScalar(string text, int count)
    {
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count-- == 0) break;
            index += rune.Utf16SequenceLength;
        }

        return index;
    }
}
