using System.Security.Cryptography;
using System.Text.Json;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Sharing;

namespace Cms.Domain.Articles;

/// <summary>Everything about an article that an editor writes and a reader may see. The draft is one, the published copy another.</summary>
public sealed record ArticleContent
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int KickerMaxLength = 80, HeadlineMaxLength = 250, StandfirstMaxLength = 1_000;

    /// <summary>Further sections, tags, related articles, at most.</summary>
    public const int MaxOtherSections = 5, MaxTags = 30, MaxRelated = 20;

    /// <summary>Members of <see cref="Extra"/>, at most, and the scalars of a name and of a value.</summary>
    public const int MaxExtra = 16, ExtraNameMaxLength = 64, ExtraValueMaxLength = 500;

    /// <summary>BCP 47, such as <c>fr</c>.</summary>
    public required string Language { get; init; }

    /// <summary>The line over the headline.</summary>
    public string? Kicker { get; init; }

    /// <summary>The headline.</summary>
    public required string Headline { get; init; }

    /// <summary>The lines under the headline; plain text.</summary>
    public string? Standfirst { get; init; }

    /// <summary>The main section; may wait until publication.</summary>
    public Guid? SectionId { get; init; }

    /// <summary>Further sections.</summary>
    public IReadOnlyList<Guid> OtherSectionIds { get; init; } = [];

    /// <summary>Tags, in the editor's order.</summary>
    public IReadOnlyList<Guid> TagIds { get; init; } = [];

    /// <summary>People, in the byline's order.</summary>
    public IReadOnlyList<Credit> Credits { get; init; } = [];

    /// <summary>Houses quoted.</summary>
    public IReadOnlyList<Source> Sources { get; init; } = [];

    /// <summary>The picture that stands for the article.</summary>
    public LeadImage? LeadImage { get; init; }

    /// <summary>Articles the editor puts beside this one.</summary>
    public IReadOnlyList<Guid> RelatedIds { get; init; } = [];

    /// <summary>Corrections, as the editor orders them.</summary>
    public IReadOnlyList<Correction> Corrections { get; init; } = [];

    /// <summary>Small values of the newsroom's own: strings, numbers, booleans. They reach delivery as they are.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The body.</summary>
    public IReadOnlyList<Block> Body { get; init; } = [];

    /// <summary>What networks show, where it differs from the article itself.</summary>
    public ShareCard Share { get; init; } = ShareCard.Empty;

    /// <summary>What others may do with it, where it differs from the section's and the site's terms.</summary>
    public ReuseTerms Reuse { get; init; } = ReuseTerms.Empty;

    /// <summary>Every article that this one shows by its headline: related ones and "read also" blocks.</summary>
    public IEnumerable<Guid> ShownArticleIds() =>
        RelatedIds.Concat(Body.OfType<RelatedBlock>().Where(b => b.ArticleId is not null).Select(b => b.ArticleId.GetValueOrDefault())).Distinct();

    /// <summary>Two contents with the same fingerprint show readers the same. SHA-256 over the JSON.</summary>
    internal byte[] Fingerprint(string slug, Guid translationGroup) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { slug, translationGroup, content = this }));
}
