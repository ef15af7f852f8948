using System.Security.Cryptography;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Text;
using Cms.Infrastructure.Html;

namespace Cms.Api.Management.Articles;

/// <summary>Makes of what an editor sent the blocks that are stored: sanitised, each with an id, headings with anchors. Only the result is kept.</summary>
internal sealed class BodyWriter
{
    private const string IdAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdLength = 10;

    private readonly HashSet<string> known;
    private readonly HashSet<string> anchors = new(StringComparer.Ordinal);

    private BodyWriter(IEnumerable<Block> present) => known = present.Select(b => b.Id).ToHashSet(StringComparer.Ordinal);

    /// <param name="blocks">What passed the validator.</param>
    /// <param name="present">The article's blocks so far: their ids may come back.</param>
    public static IReadOnlyList<Block> Write(IReadOnlyList<BlockInput> blocks, IEnumerable<Block> present)
    {
        var writer = new BodyWriter(present);
        return [.. blocks.Select(writer.Block)];
    }

    /// <summary>The words of a body, as a reader counts them.</summary>
    public static int WordCount(IEnumerable<Block> blocks) => blocks.SelectMany(Prose.Texts).Sum(html => Prose.WordCount(Prose.Plain(html)));

    private Block Block(BlockInput input)
    {
        var id = input.Id is { } given && known.Contains(given) ? given : RandomNumberGenerator.GetString(IdAlphabet, IdLength);
        return input switch
        {
            ParagraphInput b => new ParagraphBlock(id, Inline(b.Text)),
            HeadingInput b => Heading(id, b),
            ImageInput b => new ImageBlock(id, b.Url ?? "", b.Alt, b.Caption, b.Credit, b.Width, b.Height),
            QuoteInput b => new QuoteBlock(id, Inline(b.Text), b.Cite, b.Url),
            ListInput b => new ListBlock(id, b.Ordered ?? false, [.. (b.Items ?? []).Select(Inline)]),
            EmbedInput b => new EmbedBlock(id, b.Url ?? ""),
            RelatedInput b => new RelatedBlock(id, b.Label, b.ArticleId, b.Url, b.Title),
            DividerInput => new DividerBlock(id),
            HtmlInput b => new HtmlBlock(id, Sanitizer.Block(b.Html ?? "")),
            _ => throw new InvalidOperationException($"There is no block of {input.GetType().Name}."),
        };
    }

    private HeadingBlock Heading(string id, HeadingInput input)
    {
        var text = Inline(input.Text);
        var anchor = Slug.Derive(Prose.Plain(text)) ?? Slug.Parse(id);
        var unique = anchor;
        for (var n = 2; !anchors.Add(unique.Value); n++) unique = anchor.Numbered(n);
        return new HeadingBlock(id, input.Level ?? HeadingBlock.MinLevel, text, unique.Value);
    }

    private static string Inline(string? html) => Sanitizer.Inline(html ?? "");
}
