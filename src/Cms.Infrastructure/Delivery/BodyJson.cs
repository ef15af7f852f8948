using System.Text.Json;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;

namespace Cms.Infrastructure.Delivery;

/// <summary>A body as data: its blocks in JSON, each by its type.</summary>
internal static class BodyJson
{
    /// <summary>The lead image, or null.</summary>
    public static void LeadImage(Utf8JsonWriter w, LeadImage? image)
    {
        w.WritePropertyName("leadImage");
        if (image is null)
        {
            w.WriteNullValue();
            return;
        }

        w.WriteStartObject();
        Picture(w, image.Url, image.Alt, image.Caption, image.Credit, image.Width, image.Height);
        w.WriteEndObject();
    }

    private static void Picture(Utf8JsonWriter w, string url, string? alt, string? caption, string? credit, int? width, int? height)
    {
        w.WriteString("url", url);
        w.WriteString("alt", alt);
        w.WriteString("caption", caption);
        w.WriteString("credit", credit);
        Number(w, "width", width);
        Number(w, "height", height);
    }

    private static void Number(Utf8JsonWriter w, string name, int? value)
    {
        if (value is { } number) w.WriteNumber(name, number);
        else w.WriteNull(name);
    }

    /// <summary>The blocks.</summary>
    /// <param name="w">Where to.</param>
    /// <param name="blocks">Those that readers get.</param>
    /// <param name="shown">Writes an article that a "read also" block names.</param>
    public static void Body(Utf8JsonWriter w, IEnumerable<Block> blocks, Action<Utf8JsonWriter, Guid> shown)
    {
        w.WriteStartArray("body");
        foreach (var block in blocks) Block(w, block, shown);
        w.WriteEndArray();
    }

    private static void Block(Utf8JsonWriter w, Block block, Action<Utf8JsonWriter, Guid> shown)
    {
        w.WriteStartObject();
        switch (block)
        {
            case ParagraphBlock paragraph:
                Start(w, block, "paragraph");
                w.WriteString("text", paragraph.Text);
                break;
            case HeadingBlock heading:
                Start(w, block, "heading");
                w.WriteNumber("level", heading.Level);
                w.WriteString("text", heading.Text);
                w.WriteString("anchor", heading.Anchor);
                break;
            case ImageBlock image:
                Start(w, block, "image");
                Picture(w, image.Url, image.Alt, image.Caption, image.Credit, image.Width, image.Height);
                break;
            case QuoteBlock quote:
                Start(w, block, "quote");
                w.WriteString("text", quote.Text);
                w.WriteString("cite", quote.Cite);
                w.WriteString("url", quote.Url);
                break;
            case ListBlock list:
                Start(w, block, "list");
                w.WriteBoolean("ordered", list.Ordered);
                w.WriteStartArray("items");
                foreach (var item in list.Items) w.WriteStringValue(item);
                w.WriteEndArray();
                break;
            case EmbedBlock embed:
                Start(w, block, "embed");
                w.WriteString("url", embed.Url);
                break;
            case RelatedBlock related:
                Start(w, block, "related");
                w.WriteString("label", related.Label);
                w.WritePropertyName("article");
                if (related.ArticleId is { } id) shown(w, id);
                else w.WriteNullValue();
                w.WriteString("url", related.Url);
                w.WriteString("title", related.Title);
                break;
            case DividerBlock:
                Start(w, block, "divider");
                break;
            case HtmlBlock html:
                Start(w, block, "html");
                w.WriteString("html", html.Html);
                break;
            default:
                throw new InvalidOperationException($"The renderer does not know {block.GetType().Name}.");
        }

        w.WriteEndObject();
    }

    private static void Start(Utf8JsonWriter w, Block block, string type)
    {
        w.WriteString("type", type);
        w.WriteString("id", block.Id);
    }
}
