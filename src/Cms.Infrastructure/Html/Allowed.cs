using System.Collections.Frozen;

namespace Cms.Infrastructure.Html;

/// <summary>What an element may hold. Narrower than HTML's own content model, so that a parser finds nothing to mend in our output.</summary>
internal enum Holds
{
    /// <summary>Blocks and inline content.</summary>
    Flow,

    /// <summary>Inline content only.</summary>
    Phrasing,

    /// <summary><c>li</c> only.</summary>
    Items,

    /// <summary><c>thead</c> and <c>tbody</c> only.</summary>
    RowGroups,

    /// <summary><c>tr</c> only.</summary>
    Rows,

    /// <summary><c>td</c> and <c>th</c> only.</summary>
    Cells,
}

/// <summary>The allow-list. An element in none of these tables loses its tags and keeps its text.</summary>
internal static class Allowed
{
    /// <summary>Inline elements, by what they become.</summary>
    public static readonly FrozenDictionary<string, string> Inline = Pairs("a=a strong=strong b=strong em=em i=em code=code sub=sub sup=sup");

    /// <summary>Block elements, by what they become.</summary>
    public static readonly FrozenDictionary<string, string> Blocks = Pairs(
        "p=p h2=h2 h3=h3 h4=h4 pre=pre ul=ul ol=ol li=li blockquote=blockquote figure=figure figcaption=figcaption " +
        "table=table thead=thead tbody=tbody tfoot=tbody tr=tr td=td th=th");

    /// <summary>What an allowed block may hold.</summary>
    public static Holds Content(string block) => block switch
    {
        "p" or "h2" or "h3" or "h4" or "pre" => Holds.Phrasing,
        "ul" or "ol" => Holds.Items,
        "table" => Holds.RowGroups,
        "thead" or "tbody" => Holds.Rows,
        "tr" => Holds.Cells,
        _ => Holds.Flow,
    };

    /// <summary>What a block's parent must hold. A <c>figcaption</c>'s must also be a <c>figure</c>.</summary>
    public static Holds Parent(string block) => block switch
    {
        "li" => Holds.Items,
        "thead" or "tbody" => Holds.RowGroups,
        "tr" => Holds.Rows,
        "td" or "th" => Holds.Cells,
        _ => Holds.Flow,
    };

    /// <summary>Elements that end a line: their text must not run into the text beside them when the tags go.</summary>
    public static readonly FrozenSet<string> Lines = Words(
        "address article aside caption center dd details dialog dir div dl dt fieldset footer form h1 h5 h6 header hgroup hr legend " +
        "main menu nav option search section summary").Union(Blocks.Keys).ToFrozenSet();

    /// <summary>
    /// Elements dropped with all they hold: their content is code, another language, or text that a parser reads by other
    /// rules the second time (CVE-2020-26870). Whatever is not in the HTML namespace goes the same way.
    /// </summary>
    public static readonly FrozenSet<string> Dropped = Words(
        "applet embed frame frameset head iframe math noembed noframes noscript object plaintext script style svg template textarea " +
        "title xmp").ToFrozenSet();

    private static string[] Words(string text) => text.Split(' ');

    private static FrozenDictionary<string, string> Pairs(string text) =>
        Words(text).Select(pair => pair.Split('=')).ToFrozenDictionary(pair => pair[0], pair => pair[1]);
}
