using System.Text.Json;
using System.Text.Json.Serialization;
using Cms.Api.OpenApi;
using Cms.Domain.Articles;
using Cms.Domain.Sharing;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

// These types say in OpenAPI what the renderer writes; a test holds the one against the other. They are never instantiated to answer.

/// <summary>An article as others name it.</summary>
internal sealed record DeliveryShown(string Slug, string? Kicker, string Headline, string Path, string Url);

/// <summary>A section as an article names it.</summary>
internal sealed record DeliverySectionName(Guid Id, string Slug, string Name, string Path);

/// <summary>The same text in another language.</summary>
internal sealed record DeliveryTranslation(string Language, string Slug, string Url);

/// <summary>Who did what; slug and path are there when the person has a page.</summary>
internal sealed record DeliveryCredit(CreditRole Role, string Name, string? Slug, string? Path);

/// <summary>A tag as an article names it.</summary>
internal sealed record DeliveryTagName(string Slug, string Name);

/// <summary>The picture that stands for an article.</summary>
internal sealed record DeliveryImage(string Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height);

/// <summary>A block of the body: <c>type</c> says which.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(DeliveryParagraph), "paragraph")]
[JsonDerivedType(typeof(DeliveryHeading), "heading")]
[JsonDerivedType(typeof(DeliveryPicture), "image")]
[JsonDerivedType(typeof(DeliveryQuote), "quote")]
[JsonDerivedType(typeof(DeliveryList), "list")]
[JsonDerivedType(typeof(DeliveryEmbed), "embed")]
[JsonDerivedType(typeof(DeliveryRelated), "related")]
[JsonDerivedType(typeof(DeliveryDivider), "divider")]
[JsonDerivedType(typeof(DeliveryHtml), "html")]
internal abstract record DeliveryBlock;

/// <summary>Running text: safe inline HTML.</summary>
internal sealed record DeliveryParagraph(string Text) : DeliveryBlock;

/// <summary>A subheading of level 2 to 4, with an anchor to link to.</summary>
internal sealed record DeliveryHeading(int Level, string Text, string Anchor) : DeliveryBlock;

/// <summary>A picture within the body.</summary>
internal sealed record DeliveryPicture(string Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height) : DeliveryBlock;

/// <summary>Words of somebody else: safe inline HTML.</summary>
internal sealed record DeliveryQuote(string Text, string? Cite, string? Url) : DeliveryBlock;

/// <summary>A list of safe inline HTML.</summary>
internal sealed record DeliveryList(bool Ordered, IReadOnlyList<string> Items) : DeliveryBlock;

/// <summary>Something shown from another service.</summary>
internal sealed record DeliveryEmbed(string Url) : DeliveryBlock;

/// <summary>A "read also" link: to an article of ours, as it is called today, or to an address with its title.</summary>
internal sealed record DeliveryRelated(string? Label, DeliveryShown? Article, string? Url, string? Title) : DeliveryBlock;

/// <summary>A break between two parts.</summary>
internal sealed record DeliveryDivider : DeliveryBlock;

/// <summary>Safe HTML.</summary>
internal sealed record DeliveryHtml(string Html) : DeliveryBlock;

/// <summary>What networks get, and ready links to share.</summary>
/// <param name="Title">The title networks show.</param>
/// <param name="Description">The lines under it.</param>
/// <param name="Image">The picture.</param>
/// <param name="Card">How large networks show the picture.</param>
/// <param name="CanonicalUrl">The one address that counts.</param>
/// <param name="Label">Such as "Partagez ce contenu", in the article's language.</param>
/// <param name="Links">One for each network, in order.</param>
internal sealed record DeliveryShare(
    string Title, string? Description, ShareImage? Image, ShareCardType Card, string CanonicalUrl, string Label, IReadOnlyList<ShareLink> Links);

/// <summary>An article within a list.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here, unique over all languages.</param>
/// <param name="Path">On the newsroom's own site, percent-encoded.</param>
/// <param name="Url">The same with the site's base URL: what links lead to.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Translations">The same text in other languages.</param>
/// <param name="Section">The main one.</param>
/// <param name="OtherSections">Further ones.</param>
/// <param name="Kicker">The line over the headline.</param>
/// <param name="Headline">Plain text.</param>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="Standfirst">The lines under the headline; plain text.</param>
/// <param name="Credits">People, in the byline's order.</param>
/// <param name="Tags">In the editor's order.</param>
/// <param name="FirstPublishedAt">When readers first saw it, UTC; orders lists.</param>
/// <param name="PublishedAt">The latest publication, UTC.</param>
/// <param name="UpdatedAt">What readers are shown as the time of the last change, UTC.</param>
/// <param name="LeadImage">The picture that stands for the article.</param>
/// <param name="WordCount">Words of the body.</param>
/// <param name="ReadingMinutes">Whole minutes, rounded up.</param>
/// <param name="Extra">Small values of the newsroom's own.</param>
/// <param name="Reuse">What others may do with it: its own terms, else the section's, else the site's.</param>
internal sealed record DeliverySummary(
    Guid Id, string Slug, string Path, string Url, string Language, IReadOnlyList<DeliveryTranslation> Translations, DeliverySectionName? Section,
    IReadOnlyList<DeliverySectionName> OtherSections, string? Kicker, string Headline, string Title, string? Standfirst,
    IReadOnlyList<DeliveryCredit> Credits, IReadOnlyList<DeliveryTagName> Tags, DateTimeOffset FirstPublishedAt, DateTimeOffset PublishedAt,
    DateTimeOffset UpdatedAt, DeliveryImage? LeadImage, int WordCount, int ReadingMinutes, IReadOnlyDictionary<string, JsonElement> Extra,
    ReuseTerms Reuse);

/// <summary>An address of the same text in another language.</summary>
/// <param name="Hreflang">BCP 47.</param>
/// <param name="Href">Absolute.</param>
internal sealed record DeliveryAlternate(string Hreflang, string Href);

/// <summary>A feed that holds the article.</summary>
/// <param name="Type">Its media type.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Href">Absolute.</param>
internal sealed record DeliveryFeed(string Type, string Title, string Href);

/// <summary>A tag of Open Graph.</summary>
/// <param name="Property">Such as <c>og:title</c>.</param>
/// <param name="Content">Plain text.</param>
internal sealed record DeliveryProperty(string Property, string Content);

/// <summary>A tag of X's card.</summary>
/// <param name="Name">Such as <c>twitter:card</c>.</param>
/// <param name="Content">Plain text.</param>
internal sealed record DeliveryMeta(string Name, string Content);

/// <summary>Everything for <c>&lt;head&gt;</c>, as data and as a ready fragment.</summary>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="Description">What networks and search engines show under it.</param>
/// <param name="Canonical">The one address that counts.</param>
/// <param name="Robots">What search engines may do.</param>
/// <param name="Alternates">The text's languages, this one included; empty when there is one.</param>
/// <param name="Feeds">Of the site and the main section; empty unless the site says where readers reach them.</param>
/// <param name="OEmbed">Where other sites get its card; null unless the site says where readers reach it.</param>
/// <param name="OpenGraph">ogp.me, in order.</param>
/// <param name="Card">X's card.</param>
/// <param name="JsonLd">schema.org: a NewsArticle and a BreadcrumbList.</param>
/// <param name="Html">All of it as HTML, escaped: put it into <c>&lt;head&gt;</c> as it is.</param>
internal sealed record DeliveryHead(
    string Title, string? Description, string Canonical, string Robots, IReadOnlyList<DeliveryAlternate> Alternates, IReadOnlyList<DeliveryFeed> Feeds, string? OEmbed,
    IReadOnlyList<DeliveryProperty> OpenGraph, IReadOnlyList<DeliveryMeta> Card, IReadOnlyList<JsonElement> JsonLd, string Html);

/// <summary>A published article, whole.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here, unique over all languages.</param>
/// <param name="Path">On the newsroom's own site, percent-encoded.</param>
/// <param name="Url">The same with the site's base URL: what links lead to.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Translations">The same text in other languages.</param>
/// <param name="Section">The main one.</param>
/// <param name="OtherSections">Further ones.</param>
/// <param name="Kicker">The line over the headline.</param>
/// <param name="Headline">Plain text.</param>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="Standfirst">The lines under the headline; plain text.</param>
/// <param name="Credits">People, in the byline's order.</param>
/// <param name="Sources">Houses quoted.</param>
/// <param name="Tags">In the editor's order.</param>
/// <param name="FirstPublishedAt">When readers first saw it, UTC; orders lists.</param>
/// <param name="PublishedAt">The latest publication, UTC.</param>
/// <param name="UpdatedAt">What readers are shown as the time of the last change, UTC.</param>
/// <param name="LeadImage">The picture that stands for the article.</param>
/// <param name="Body">Blocks, in order; `type` says which.</param>
/// <param name="WordCount">Words of the body.</param>
/// <param name="ReadingMinutes">Whole minutes, rounded up.</param>
/// <param name="Related">Articles the editor put beside it, as they are called today; those that are not published are left out.</param>
/// <param name="Corrections">As the editor orders them.</param>
/// <param name="Extra">Small values of the newsroom's own.</param>
/// <param name="Reuse">What others may do with it: its own terms, else the section's, else the site's.</param>
/// <param name="Share">What networks get, and ready links.</param>
internal sealed record DeliveryArticle(
    Guid Id, string Slug, string Path, string Url, string Language, IReadOnlyList<DeliveryTranslation> Translations, DeliverySectionName? Section,
    IReadOnlyList<DeliverySectionName> OtherSections, string? Kicker, string Headline, string Title, string? Standfirst,
    IReadOnlyList<DeliveryCredit> Credits, IReadOnlyList<Source> Sources, IReadOnlyList<DeliveryTagName> Tags, DateTimeOffset FirstPublishedAt,
    DateTimeOffset PublishedAt, DateTimeOffset UpdatedAt, DeliveryImage? LeadImage, IReadOnlyList<DeliveryBlock> Body, int WordCount,
    int ReadingMinutes, IReadOnlyList<DeliveryShown> Related, IReadOnlyList<Correction> Corrections, IReadOnlyDictionary<string, JsonElement> Extra,
    ReuseTerms Reuse, DeliveryShare Share)
{
    /// <summary>The body as safe HTML; there with <c>render=html</c>.</summary>
    [OnRequest]
    public string? Html { get; init; }

    /// <summary>The body as plain text: a blank line between blocks; there with <c>render=text</c>.</summary>
    [OnRequest]
    public string? Text { get; init; }

    /// <summary>There with <c>include=head</c>.</summary>
    [OnRequest]
    public DeliveryHead? Head { get; init; }

    /// <summary>There with <c>include=related</c>: as of <c>/articles/{slug}/related</c>. `related` is the editor's choice alone, by name.</summary>
    [OnRequest]
    public IReadOnlyList<DeliverySummary>? RelatedArticles { get; init; }
}

/// <summary>A list as others name it.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here.</param>
/// <param name="Name">Such as "La une".</param>
internal sealed record DeliveryListName(Guid Id, string Slug, string Name);

/// <summary>A list with its articles: the pinned ones first, then its tail, none twice.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here.</param>
/// <param name="Name">Such as "La une".</param>
/// <param name="Items">In order.</param>
internal sealed record DeliveryArticleList(Guid Id, string Slug, string Name, IReadOnlyList<DeliverySummary> Items);

/// <summary>A section.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here.</param>
/// <param name="Path">On the newsroom's own site, percent-encoded.</param>
/// <param name="Url">The same with the site's base URL: what links lead to.</param>
/// <param name="Name">Such as "International".</param>
/// <param name="Description">What it is about; plain text.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Parent">The section above it.</param>
/// <param name="Children">Those below it, in order.</param>
/// <param name="Share">What networks get of its page.</param>
/// <param name="Reuse">What others may do with its texts.</param>
internal sealed record DeliverySection(
    Guid Id, string Slug, string Path, string Url, string Name, string? Description, string Language, SiteDocuments.SectionName? Parent,
    IReadOnlyList<SiteDocuments.SectionBranchDocument> Children, SiteDocuments.DocumentShare Share, ReuseTerms Reuse)
{
    /// <summary>The newest twenty of it and the sections below, there with <c>include=articles</c>; `next` goes on in the list of articles.</summary>
    [OnRequest]
    public DeliveryPage? Articles { get; init; }

    /// <summary>The list that is its front, there with <c>include=list</c>; null when it has none.</summary>
    [OnRequest(OrNull = true)]
    public DeliveryArticleList? List { get; init; }
}

/// <summary>A page of published articles.</summary>
internal sealed record DeliveryPage(IReadOnlyList<DeliverySummary> Items, string? Next);

/// <summary>Where a hit fits, as HTML: the text escaped, words that fit within <c>mark</c>.</summary>
/// <param name="Headline">The headline.</param>
/// <param name="Standfirst">The standfirst.</param>
internal sealed record DeliveryHighlights(string Headline, string? Standfirst);

/// <summary>An article that was found: its summary, and where it fits.</summary>
internal sealed record DeliveryHit(
    Guid Id, string Slug, string Path, string Url, string Language, IReadOnlyList<DeliveryTranslation> Translations, DeliverySectionName? Section,
    IReadOnlyList<DeliverySectionName> OtherSections, string? Kicker, string Headline, string Title, string? Standfirst,
    IReadOnlyList<DeliveryCredit> Credits, IReadOnlyList<DeliveryTagName> Tags, DateTimeOffset FirstPublishedAt, DateTimeOffset PublishedAt,
    DateTimeOffset UpdatedAt, DeliveryImage? LeadImage, int WordCount, int ReadingMinutes, IReadOnlyDictionary<string, JsonElement> Extra,
    ReuseTerms Reuse, DeliveryHighlights Highlights);

/// <summary>A page of what was found.</summary>
/// <param name="Items">At most `limit`; fewer on a page of a phrase of common words, which may have a next one nonetheless.</param>
/// <param name="Total">How many were found, 1,000 at most.</param>
/// <param name="TotalIsMore">There are more than `total`: show it as "1000+".</param>
/// <param name="CorrectedQuery">What was searched instead of `q`, which found nothing; else null.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
internal sealed record DeliverySearchPage(IReadOnlyList<DeliveryHit> Items, int Total, bool TotalIsMore, string? CorrectedQuery, string? Next);

/// <summary>Articles beside another, nearest first.</summary>
/// <param name="Items">At most `limit`.</param>
internal sealed record DeliveryRelatedArticles(IReadOnlyList<DeliverySummary> Items);
