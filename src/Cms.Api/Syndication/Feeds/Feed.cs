using Cms.Domain.Sharing;

namespace Cms.Api.Syndication.Feeds;

/// <summary>A form of feed.</summary>
/// <param name="Name">As in the address.</param>
/// <param name="MediaType">What it is sent as, and linked to as.</param>
/// <param name="Write">Makes it.</param>
internal sealed record FeedFormat(string Name, string MediaType, Func<Feed, byte[]> Write)
{
    public static readonly IReadOnlyList<FeedFormat> All =
    [
        new("rss", "application/rss+xml", RssFeed.Write), new("atom", "application/atom+xml", AtomFeed.Write), new("json", "application/feed+json", JsonFeed.Write),
    ];

    /// <summary>The routing constraint of <c>{format}</c>.</summary>
    public const string Route = "{format:regex(^(rss|atom|json)$)}";

    public static FeedFormat Named(string name) => All.First(f => f.Name == name);
}

/// <summary>One page of a feed (RFC 5005, 3), whatever its form.</summary>
/// <param name="Site">Whose it is.</param>
/// <param name="Title">Such as "Le Courrier: International".</param>
/// <param name="Description">What it is about.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Link">The page for people.</param>
/// <param name="First">The feed's own address: its first page, and its id.</param>
/// <param name="Self">This page's address.</param>
/// <param name="Next">The next page's; none on the last.</param>
/// <param name="Entries">Newest first.</param>
/// <param name="Reuse">What others may do with what stands in it.</param>
internal sealed record Feed(
    SyndicatedSite Site, string Title, string? Description, string Language, string Link, string First, string Self, string? Next, IReadOnlyList<FeedEntry> Entries,
    ReuseTerms Reuse)
{
    /// <summary>Minutes that a reader may wait before it asks again.</summary>
    public const int MinutesToLive = 10;

    public string Publisher => Site.Document.Publisher.Name;

    public string Rights => $"© {Publisher}";

    /// <summary>The latest change of anything in it.</summary>
    public DateTimeOffset UpdatedAt => Entries.Count == 0 ? Site.ChangedAt : Entries.Max(e => e.UpdatedAt);
}

/// <summary>A section as an article names it.</summary>
internal sealed record FeedSection(Guid Id, string Slug, string Name);

/// <summary>A person as an article names them.</summary>
internal sealed record FeedCredit(string Role, string Name, string? Slug, string? Path);

/// <summary>A subject as an article names it.</summary>
internal sealed record FeedTag(string Slug, string Name);

/// <summary>The picture that stands for an article.</summary>
internal sealed record FeedImage(string Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height);

/// <summary>An article of a feed: what of its stored JSON a feed shows.</summary>
internal sealed record FeedEntry(
    Guid Id, string Url, string Language, FeedSection? Section, IReadOnlyList<FeedSection> OtherSections, string Title, string? Standfirst,
    IReadOnlyList<FeedCredit> Credits, IReadOnlyList<FeedTag> Tags, DateTimeOffset FirstPublishedAt, DateTimeOffset UpdatedAt, FeedImage? LeadImage, string? Html, ReuseTerms? Reuse)
{
    /// <summary>Stays for ever, wherever the article moves (RFC 9562).</summary>
    public string Urn => $"urn:uuid:{Id}";

    public IEnumerable<FeedCredit> Authors => Credits.Where(c => c.Role == "author");

    /// <summary>Names of sections and tags.</summary>
    public IEnumerable<string> Categories => (Section is null ? OtherSections : OtherSections.Prepend(Section)).Select(s => s.Name).Concat(Tags.Select(t => t.Name)).Distinct(StringComparer.Ordinal);
}
