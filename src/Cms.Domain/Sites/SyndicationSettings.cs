using System.Text.Json.Serialization;

namespace Cms.Domain.Sites;

/// <summary>How much of an article stands in a feed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FeedContent>))]
public enum FeedContent
{
    /// <summary>Headline and standfirst: readers come to the site for the rest.</summary>
    [JsonStringEnumMemberName("summary")] Summary,

    /// <summary>The whole text too.</summary>
    [JsonStringEnumMemberName("full")] Full,
}

/// <summary>What feed readers and search engines get.</summary>
/// <param name="BaseUrl">
/// Where readers reach feeds and sitemaps: the site's own host, when it hands those paths on to this service. None: the service's own address,
/// and heads of articles name no feeds.
/// </param>
/// <param name="Content">How much of an article stands in a feed.</param>
/// <param name="Size">Articles of a feed's page.</param>
/// <param name="SearchPath">The site's search page, with <c>{searchTerms}</c>; none: the search of this service.</param>
/// <param name="Robots">Further lines of <c>robots.txt</c>.</param>
public sealed record SyndicationSettings(string? BaseUrl, FeedContent Content, int Size, string? SearchPath, string? Robots)
{
    /// <summary>Articles of a feed's page, at most: each is read whole when feeds are full.</summary>
    public const int MaxSize = 50;

    /// <summary>Characters, at most.</summary>
    public const int SearchPathMaxLength = 500, RobotsMaxLength = 4_000;

    /// <summary>What stands in <see cref="SearchPath"/> where the words go (OpenSearch 1.1).</summary>
    public const string SearchTerms = "{searchTerms}";

    /// <summary>What a new site has.</summary>
    public static SyndicationSettings Default { get; } = new(null, FeedContent.Summary, 20, null, null);
}
