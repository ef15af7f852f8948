using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Cms.Api.Tests.Html;

/// <summary>
/// Trees in one notation: as the sanitiser wrote it (read as XML, which mends nothing) and as an HTML parser reads it.
/// </summary>
internal static partial class HtmlTree
{
    public static string Written(string html)
    {
        var xml = Void().Replace(html, "<$1$2/>");
        using var reader = new XmlTextReader($"<body>{xml}</body>", XmlNodeType.Document, null) { Normalization = false, DtdProcessing = DtdProcessing.Prohibit };
        var tree = new StringBuilder();
        Describe(XDocument.Load(reader, LoadOptions.PreserveWhitespace).Root!, tree);
        return tree.ToString();
    }

    public static string Parsed(string html) => Describe(new HtmlParser().ParseDocument("<!doctype html><body>" + html).Body!);

    public static string ParsedAsFragment(string html)
    {
        var parser = new HtmlParser();
        var nodes = parser.ParseFragment(html, parser.ParseDocument("<!doctype html><div>").QuerySelector("div")!);
        return string.Concat(nodes.Select(Describe));
    }

    /// <summary>How many elements the deepest one stands in, itself included.</summary>
    public static int Depth(string html)
    {
        var (depth, deepest) = (0, 0);
        foreach (var step in Written(html).Where(c => c is '(' or ')')) deepest = Math.Max(deepest, depth += step == '(' ? 1 : -1);
        return deepest;
    }

    private static void Describe(XElement element, StringBuilder tree)
    {
        var first = true;
        foreach (var node in element.Nodes())
        {
            if (node is XText text) tree.Append(Text(first && element.Name == "pre" && text.Value.StartsWith('\n') ? text.Value[1..] : text.Value));
            if (node is XElement child)
            {
                tree.Append('(').Append(child.Name).Append(string.Concat(child.Attributes().Select(a => Attribute(a.Name.LocalName, a.Value))));
                Describe(child, tree);
                tree.Append(')');
            }

            first = false;
        }
    }

    private static string Describe(INode node) => node switch
    {
        IText text => Text(text.Data),
        IElement { LocalName: "body" } => string.Concat(node.ChildNodes.Select(Describe)),
        IElement element => $"({element.LocalName}{string.Concat(element.Attributes.Select(a => Attribute(a.Name, a.Value)))}{string.Concat(node.ChildNodes.Select(Describe))})",
        _ => $"!{node.NodeName}!",
    };

    private static string Text(string text) => text.Length == 0 ? "" : $"[{text}]";

    private static string Attribute(string name, string value) => $" {name}={{{value}}}";

    [GeneratedRegex("<(br|hr|img)( [^>]*)?>", RegexOptions.NonBacktracking)]
    private static partial Regex Void();
}
