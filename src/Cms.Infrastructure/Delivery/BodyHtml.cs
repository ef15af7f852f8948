using System.Globalization;
using System.Text;
using Cms.Domain.Articles.Blocks;
using Cms.Infrastructure.Html;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// A body as one fragment of safe HTML, for frontends that show it as it is. Texts of blocks were sanitised when they were written; everything
/// else goes through <see cref="SafeText"/>, so whatever an editor typed stays text.
/// </summary>
internal static class BodyHtml
{
    /// <param name="blocks">Those that readers get.</param>
    /// <param name="link">Where a "read also" block leads, and what it says.</param>
    public static string Of(IEnumerable<Block> blocks, Func<RelatedBlock, (string Url, string Title)> link)
    {
        var html = new StringBuilder(4 * 1024);
        foreach (var block in blocks) Write(html, block, link);
        return html.ToString();
    }

    private static void Write(StringBuilder html, Block block, Func<RelatedBlock, (string Url, string Title)> link)
    {
        _ = block switch
        {
            ParagraphBlock b => html.Append("<p>").Append(b.Text).Append("</p>\n"),
            HeadingBlock b => Heading(html, b),
            ImageBlock b => Image(html, b),
            QuoteBlock b => Quote(html, b),
            ListBlock b => List(html, b),
            EmbedBlock b => Embed(html, b),
            RelatedBlock b => Related(html, b, link(b)),
            DividerBlock => html.Append("<hr>\n"),
            HtmlBlock b => html.Append(b.Html).Append('\n'),
            _ => throw new InvalidOperationException($"There is no HTML of {block.GetType().Name}."),
        };
    }

    private static StringBuilder Heading(StringBuilder html, HeadingBlock block)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h{block.Level}");
        SafeText.WriteAttribute(html, "id", block.Anchor);
        return html.Append('>').Append(block.Text).Append(CultureInfo.InvariantCulture, $"</h{block.Level}>\n");
    }

    private static StringBuilder Image(StringBuilder html, ImageBlock block)
    {
        html.Append("<figure><img");
        SafeText.WriteAttribute(html, "src", block.Url);
        SafeText.WriteAttribute(html, "alt", block.Alt ?? "");
        SafeText.WriteAttribute(html, "width", block.Width?.ToString(CultureInfo.InvariantCulture));
        SafeText.WriteAttribute(html, "height", block.Height?.ToString(CultureInfo.InvariantCulture));
        html.Append(" loading=\"lazy\" decoding=\"async\">");
        if (block.Caption is not null || block.Credit is not null)
        {
            html.Append("<figcaption>");
            Text(html, block.Caption);
            if (block.Caption is not null && block.Credit is not null) html.Append(' ');
            if (block.Credit is not null) Text(html.Append("<small>"), block.Credit).Append("</small>");
            html.Append("</figcaption>");
        }

        return html.Append("</figure>\n");
    }

    private static StringBuilder Quote(StringBuilder html, QuoteBlock block)
    {
        html.Append("<blockquote");
        SafeText.WriteAttribute(html, "cite", block.Url);
        html.Append("><p>").Append(block.Text).Append("</p>");
        if (block.Cite is not null) Text(html.Append("<footer><cite>"), block.Cite).Append("</cite></footer>");
        return html.Append("</blockquote>\n");
    }

    private static StringBuilder List(StringBuilder html, ListBlock block)
    {
        var tag = block.Ordered ? "ol" : "ul";
        html.Append('<').Append(tag).Append('>');
        foreach (var item in block.Items) html.Append("<li>").Append(item).Append("</li>");
        return html.Append("</").Append(tag).Append(">\n");
    }

    // A link and no player: whether a page loads another service's code is the frontend's decision, and its reader's.
    private static StringBuilder Embed(StringBuilder html, EmbedBlock block)
    {
        html.Append("<figure data-embed><a");
        SafeText.WriteAttribute(html, "href", block.Url);
        html.Append('>');
        return Text(html, block.Url).Append("</a></figure>\n");
    }

    private static StringBuilder Related(StringBuilder html, RelatedBlock block, (string Url, string Title) link)
    {
        html.Append("<aside><p>");
        if (block.Label is not null) Text(html, block.Label).Append(' ');
        html.Append("<a");
        SafeText.WriteAttribute(html, "href", link.Url);
        html.Append('>');
        return Text(html, link.Title).Append("</a></p></aside>\n");
    }

    private static StringBuilder Text(StringBuilder html, string? text)
    {
        SafeText.WriteText(html, text ?? "");
        return html;
    }
}
