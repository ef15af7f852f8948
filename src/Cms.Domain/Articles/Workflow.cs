using System.Text.Json.Serialization;

namespace Cms.Domain.Articles;

/// <summary>Where an article stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ArticleStatus>))]
public enum ArticleStatus
{
    /// <summary>Never published.</summary>
    [JsonStringEnumMemberName("draft")] Draft,

    /// <summary>Readers see its latest publication.</summary>
    [JsonStringEnumMemberName("published")] Published,

    /// <summary>It was published, and readers are told that it is gone.</summary>
    [JsonStringEnumMemberName("withdrawn")] Withdrawn,
}

/// <summary>What an editor can do with an article as a whole.</summary>
public enum ArticleAction
{
    /// <summary>Show readers the draft as it is now.</summary>
    Publish,

    /// <summary>Take it from readers; its address answers 410.</summary>
    Withdraw,

    /// <summary>Return the draft to what readers see.</summary>
    DiscardDraft,
}

/// <summary>The one table of transitions. A workflow of more steps adds rows here, and nothing else decides.</summary>
public static class Workflow
{
    private static readonly Dictionary<(ArticleStatus From, ArticleAction Action), ArticleStatus> Table = new()
    {
        [(ArticleStatus.Draft, ArticleAction.Publish)] = ArticleStatus.Published,
        [(ArticleStatus.Published, ArticleAction.Publish)] = ArticleStatus.Published,
        [(ArticleStatus.Withdrawn, ArticleAction.Publish)] = ArticleStatus.Published,
        [(ArticleStatus.Published, ArticleAction.Withdraw)] = ArticleStatus.Withdrawn,
        [(ArticleStatus.Published, ArticleAction.DiscardDraft)] = ArticleStatus.Published,
    };

    /// <summary>What may be done with an article that stands at <paramref name="status"/>.</summary>
    public static IEnumerable<ArticleAction> ActionsFrom(ArticleStatus status) =>
        Table.Keys.Where(k => k.From == status).Select(k => k.Action);

    /// <summary>Where <paramref name="action"/> leads.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>: the action is not open from here.</exception>
    public static ArticleStatus Next(ArticleStatus status, ArticleAction action) => Table.TryGetValue((status, action), out var next)
        ? next
        : throw new RuleBrokenException("wrong-status", $"The article is {Name(status)}, and cannot be {Past(action)} from there.");

    private static string Name(ArticleStatus status) => status switch
    {
        ArticleStatus.Draft => "a draft",
        ArticleStatus.Published => "published",
        _ => "withdrawn",
    };

    private static string Past(ArticleAction action) => action switch
    {
        ArticleAction.Publish => "published",
        ArticleAction.Withdraw => "withdrawn",
        _ => "returned to what readers see",
    };
}
