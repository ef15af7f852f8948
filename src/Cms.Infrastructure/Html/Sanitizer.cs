using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Cms.Infrastructure.Html;

/// <summary>
/// Makes foreign HTML safe: parsed as HTML5, rebuilt from the allow-list (<see cref="Allowed"/>), written by our own
/// serialiser (<see cref="SafeWriter"/>). Nothing of the input is passed on but text and checked attributes.
/// </summary>
/// <remarks>
/// What comes out goes through unchanged a second time, and parses to the tree that was written: no browser reads something
/// in it that we did not (mXSS). It is NFC. It may hold characters that <c>TextRules.Fault</c> refuses, once written as
/// entities: validators ask that of the output. For any input there is an answer, and never an exception.
/// </remarks>
internal static partial class Sanitizer
{
    /// <summary>
    /// In UTF-16 units: what is longer is cut off, and what would become longer (one unclosed link around thousands of
    /// paragraphs) keeps its text alone. The API's own bound is far below; validators ask it of input and output.
    /// </summary>
    public const int MaxLength = 500_000;

    /// <summary>Inline text: <c>a strong em code br sub sup</c>. Blocks lose their tags, and a <c>br</c> parts their lines.</summary>
    public static string Inline(string html) => Clean(html, Holds.Phrasing);

    /// <summary>An html block: also paragraphs, headings 2 to 4, lists, quotes, figures, images, tables, rules and pre.</summary>
    public static string Block(string html) => Clean(html, Holds.Flow);

    /// <summary>The long way for every text; <see cref="Inline"/> and <see cref="Block"/> go it only when they must.</summary>
    internal static string Rebuild(string html, Holds root)
    {
        if (Parse(html) is not { } body) return "";
        var writer = new SafeWriter(root);
        Walk(body, writer, blocks: root == Holds.Flow);
        return writer.Length <= MaxLength ? writer.Finish() : Plain(body.TextContent);
    }

    private static string Clean(string html, Holds root)
    {
        ArgumentNullException.ThrowIfNull(html);
        if (html.Length > MaxLength) html = html[..MaxLength];
        if (html.AsSpan().IndexOfAny('<', '&') >= 0) return Rebuild(html, root);
        return Plain(html);
    }

    private static string Plain(string text)
    {
        var output = new StringBuilder(text.Length);
        SafeText.WriteText(output, SafeText.Clean(text));
        return output.ToString();
    }

    // Unclosed formatting elements are opened anew in every paragraph: 51,000 characters of <b 1><b 2>… and <p> took 12 GB and a
    // minute. The parser keeps at most three that are alike; without attributes all of a name are, and of links it keeps one.
    private static INode? Parse(string html) => new HtmlParser(new HtmlParserOptions
    {
        ShouldEmitAttribute = (ref token, _) => token.Name.ToString() is "a" or "img",
    }).ParseDocument("<!doctype html><body>" + SelectTag().Replace(html, "<$1span$2")).Body;

    // HTML no longer has a parser's mode of its own inside select (the standard dropped it in 2025); AngleSharp's throws at <p><select><xmp></xmp><select>.
    // Neither element is let through, and what is rebuilt is what was parsed, so the one may stand for the other.
    [GeneratedRegex("<(/?)[sS][eE][lL][eE][cC][tT]([ \t\r\n\f/>])", RegexOptions.NonBacktracking)]
    private static partial Regex SelectTag();

    // A loop, for a tree of 50,000 characters can be deeper than a stack.
    private static void Walk(INode root, SafeWriter writer, bool blocks)
    {
        var opened = new Stack<Opened>();
        for (var node = root.FirstChild; node is not null && writer.Length <= MaxLength;)
        {
            var entered = Enter(node, writer, blocks);
            opened.Push(entered);
            if (entered != Opened.Nothing && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            Leave(opened.Pop(), writer);
            while (node.NextSibling is null && node.Parent is { } parent && parent != root)
            {
                node = parent;
                Leave(opened.Pop(), writer);
            }

            node = node.NextSibling;
        }
    }

    private enum Opened { Nothing, Through, Line, Mark, Block }

    private static Opened Enter(INode node, SafeWriter writer, bool blocks)
    {
        if (node is IText text) writer.Text(SafeText.Clean(text.Data));
        if (node is not IElement element || element.NamespaceUri != NamespaceNames.HtmlUri || Allowed.Dropped.Contains(element.LocalName))
            return Opened.Nothing;

        var name = element.LocalName;
        if (Allowed.Inline.TryGetValue(name, out var inline)) return writer.Add(MarkOf(element, inline)) ? Opened.Mark : Opened.Through;
        if (name == "br") writer.Break();
        else if (name == "img" && blocks) Image(element, writer);
        else if (name == "hr" && blocks) writer.Rule();
        else if (Allowed.Blocks.TryGetValue(name, out var block) && writer.Open(block)) return Opened.Block;
        else if (Allowed.Lines.Contains(name))
        {
            writer.EndLine();
            return Opened.Line;
        }

        return Opened.Through;
    }

    private static void Leave(Opened opened, SafeWriter writer)
    {
        if (opened == Opened.Block) writer.Close();
        if (opened == Opened.Mark) writer.Remove();
        if (opened == Opened.Line) writer.EndLine();
    }

    private static Mark MarkOf(IElement element, string name) => name != "a" ? new(name) : new(name)
    {
        Href = SafeText.Url(element.GetAttribute("href"), link: true),
        Title = element.GetAttribute("title") is { } title ? SafeText.Clean(title) : null,
        NewWindow = string.Equals(element.GetAttribute("target"), "_blank", StringComparison.OrdinalIgnoreCase),
    };

    private static void Image(IElement image, SafeWriter writer)
    {
        if (SafeText.Url(image.GetAttribute("src"), link: false) is not { } src) return;
        writer.Image(src, image.GetAttribute("alt") is { } alt ? SafeText.Clean(alt) : null, Pixels("width"), Pixels("height"));

        string? Pixels(string name) => image.GetAttribute(name) is { Length: > 0 and <= 5 } value && value.All(char.IsAsciiDigit) ? value : null;
    }
}
