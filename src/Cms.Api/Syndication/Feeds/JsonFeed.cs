using System.Text.Json;
using System.Text.Json.Serialization;
using Cms.Domain.Sharing;

namespace Cms.Api.Syndication.Feeds;

/// <summary>JSON Feed 1.1 (jsonfeed.org).</summary>
internal static class JsonFeed
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
    };

    public static byte[] Write(Feed feed) => JsonSerializer.SerializeToUtf8Bytes(new JsonFeedView(
        "https://jsonfeed.org/version/1.1", feed.Title, feed.Link, feed.Self, feed.Description, feed.Next, [new(feed.Publisher, feed.Site.Document.BaseUrl)], feed.Language,
        [.. feed.Entries.Select(e => Item(e, feed))]), Options);

    private static JsonFeedItem Item(FeedEntry entry, Feed feed) => new(
        entry.Urn, entry.Url, entry.Title, entry.Html, entry.Html is null ? entry.Standfirst ?? entry.Title : null, entry.Standfirst, entry.LeadImage?.Url,
        entry.FirstPublishedAt.ToUniversalTime(), entry.UpdatedAt.ToUniversalTime(),
        [.. entry.Authors.Select(a => new JsonFeedAuthor(a.Name, a.Path is { } path ? feed.Site.Document.BaseUrl + path : null))], [.. entry.Categories], entry.Language,
        entry.Reuse is null || entry.Reuse == ReuseTerms.Empty ? null : entry.Reuse);
}

/// <summary>A JSON Feed.</summary>
/// <param name="Version">Which version of the format.</param>
/// <param name="Title">Of the feed.</param>
/// <param name="HomePageUrl">The page for people.</param>
/// <param name="FeedUrl">This page of the feed.</param>
/// <param name="Description">What it is about.</param>
/// <param name="NextUrl">The next page; absent on the last.</param>
/// <param name="Authors">The publisher.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Items">Newest first.</param>
internal sealed record JsonFeedView(
    [property: JsonPropertyName("version")] string Version, [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("home_page_url")] string HomePageUrl, [property: JsonPropertyName("feed_url")] string FeedUrl,
    [property: JsonPropertyName("description")] string? Description, [property: JsonPropertyName("next_url")] string? NextUrl,
    [property: JsonPropertyName("authors")] IReadOnlyList<JsonFeedAuthor> Authors, [property: JsonPropertyName("language")] string Language,
    [property: JsonPropertyName("items")] IReadOnlyList<JsonFeedItem> Items);

/// <summary>Who wrote something.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Url">Their page.</param>
internal sealed record JsonFeedAuthor([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("url")] string? Url);

/// <summary>An article of a JSON Feed.</summary>
/// <param name="Id">A URN that stays for ever.</param>
/// <param name="Url">The article's page.</param>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="ContentHtml">The text, where feeds are full.</param>
/// <param name="ContentText">The standfirst, where they are not.</param>
/// <param name="Summary">The standfirst.</param>
/// <param name="Image">The picture that stands for it.</param>
/// <param name="DatePublished">First published, UTC.</param>
/// <param name="DateModified">Last changed for readers, UTC.</param>
/// <param name="Authors">Who wrote it.</param>
/// <param name="Tags">Names of sections and tags.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Reuse">What others may do with it; an extension of ours.</param>
internal sealed record JsonFeedItem(
    [property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("url")] string Url, [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("content_html")] string? ContentHtml, [property: JsonPropertyName("content_text")] string? ContentText,
    [property: JsonPropertyName("summary")] string? Summary, [property: JsonPropertyName("image")] string? Image,
    [property: JsonPropertyName("date_published")] DateTimeOffset DatePublished, [property: JsonPropertyName("date_modified")] DateTimeOffset DateModified,
    [property: JsonPropertyName("authors")] IReadOnlyList<JsonFeedAuthor> Authors, [property: JsonPropertyName("tags")] IReadOnlyList<string> Tags,
    [property: JsonPropertyName("language")] string Language, [property: JsonPropertyName("_reuse")] ReuseTerms? Reuse);
