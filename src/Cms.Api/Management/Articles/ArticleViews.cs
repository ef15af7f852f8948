using System.Text.Json.Serialization;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Domain.Access;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;

namespace Cms.Api.Management.Articles;

/// <summary>An article as the management face answers it: the draft, and where it stands.</summary>
internal sealed record ArticleView : IVersioned
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required ArticleStatus Status { get; init; }

    /// <summary>The last part of the address that the next publication will have.</summary>
    public required string Slug { get; init; }

    /// <summary>BCP 47.</summary>
    public required string Language { get; init; }

    /// <summary>The line over the headline.</summary>
    public string? Kicker { get; init; }

    /// <summary>The headline.</summary>
    public required string Headline { get; init; }

    /// <summary>The lines under the headline.</summary>
    public string? Standfirst { get; init; }

    /// <summary>The main section.</summary>
    public Guid? SectionId { get; init; }

    /// <summary>Further sections.</summary>
    public required IReadOnlyList<Guid> OtherSectionIds { get; init; }

    /// <summary>Names of tags.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The article that this one translates.</summary>
    public Guid? TranslationOf { get; init; }

    /// <summary>People, in the byline's order.</summary>
    public required IReadOnlyList<Credit> Credits { get; init; }

    /// <summary>Houses quoted.</summary>
    public required IReadOnlyList<Source> Sources { get; init; }

    /// <summary>The picture that stands for the article.</summary>
    public LeadImage? LeadImage { get; init; }

    /// <summary>Articles beside this one.</summary>
    public required IReadOnlyList<Guid> RelatedIds { get; init; }

    /// <summary>Corrections.</summary>
    public required IReadOnlyList<Correction> Corrections { get; init; }

    /// <summary>The newsroom's own id.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Small values of the newsroom's own.</summary>
    public required IReadOnlyDictionary<string, ExtraValue> Extra { get; init; }

    /// <summary>What others may do with it, where it differs from the section's and the site's terms.</summary>
    public required ReuseInput Reuse { get; init; }

    /// <summary>The body.</summary>
    public required IReadOnlyList<Block> Body { get; init; }

    /// <summary>Words of the body.</summary>
    public required int WordCount { get; init; }

    /// <summary>Minutes to read it.</summary>
    public required int ReadingMinutes { get; init; }

    /// <summary>The draft differs from what readers see.</summary>
    public required bool HasUnpublishedChanges { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The token that made it.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When readers first saw it, UTC.</summary>
    public DateTimeOffset? FirstPublishedAt { get; init; }

    /// <summary>When it was last published, UTC.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>What this caller may do next.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    [JsonIgnore]
    public uint Version { get; init; }

    public static ArticleView Of(Article article, IReadOnlyList<string> tags, Caller caller) => new()
    {
        Id = article.Id,
        Status = article.Status,
        Slug = article.Slug.Value,
        Language = article.Draft.Language,
        Kicker = article.Draft.Kicker,
        Headline = article.Draft.Headline,
        Standfirst = article.Draft.Standfirst,
        SectionId = article.Draft.SectionId,
        OtherSectionIds = article.Draft.OtherSectionIds,
        Tags = tags,
        TranslationOf = article.TranslationOf,
        Credits = article.Draft.Credits,
        Sources = article.Draft.Sources,
        LeadImage = article.Draft.LeadImage,
        RelatedIds = article.Draft.RelatedIds,
        Corrections = article.Draft.Corrections,
        ExternalId = article.ExternalId,
        Extra = article.Draft.Extra.ToDictionary(e => e.Key, e => new ExtraValue(e.Value)),
        Reuse = ReuseInput.Of(article.Draft.Reuse),
        Body = article.Draft.Body,
        WordCount = article.WordCount,
        ReadingMinutes = Prose.ReadingMinutes(article.WordCount),
        HasUnpublishedChanges = article.HasUnpublishedChanges,
        CreatedAt = article.CreatedAt,
        CreatedBy = article.CreatedBy,
        UpdatedAt = article.UpdatedAt,
        FirstPublishedAt = article.FirstPublishedAt,
        PublishedAt = article.PublishedAt,
        Actions = [.. ActionsOf(article, caller)],
        Version = article.Version,
    };

    private static IEnumerable<string> ActionsOf(Article article, Caller caller)
    {
        var changed = article.Status != ArticleStatus.Published || article.HasUnpublishedChanges;
        foreach (var action in Workflow.ActionsFrom(article.Status))
        {
            if (action == ArticleAction.Publish && changed && Readiness.Missing(article.Draft).Count == 0 && caller.May(Scope.ArticlesPublish)) yield return "publish";
            if (action == ArticleAction.Withdraw && caller.May(Scope.ArticlesWithdraw)) yield return "withdraw";
            if (action == ArticleAction.DiscardDraft && changed && caller.May(Scope.ArticlesWrite)) yield return "discard-draft";
        }
    }
}

/// <summary>An article within a list: all but its body and what hangs on it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Slug">The last part of its address.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Kicker">The line over the headline.</param>
/// <param name="Headline">The headline.</param>
/// <param name="Standfirst">The lines under the headline.</param>
/// <param name="SectionId">The main section.</param>
/// <param name="ExternalId">The newsroom's own id.</param>
/// <param name="WordCount">Words of the body.</param>
/// <param name="HasUnpublishedChanges">The draft differs from what readers see.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
/// <param name="FirstPublishedAt">When readers first saw it, UTC.</param>
/// <param name="PublishedAt">When it was last published, UTC.</param>
internal sealed record ArticleSummary(
    Guid Id, ArticleStatus Status, string Slug, string Language, string? Kicker, string Headline, string? Standfirst, Guid? SectionId, string? ExternalId,
    int WordCount, bool HasUnpublishedChanges, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FirstPublishedAt,
    DateTimeOffset? PublishedAt);
