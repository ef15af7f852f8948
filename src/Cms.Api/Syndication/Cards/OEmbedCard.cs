using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Api.Syndication.Feeds;

namespace Cms.Api.Syndication.Cards;

/// <summary>A card (oembed.com, 2.3.4).</summary>
/// <param name="Version">Of oEmbed.</param>
/// <param name="Type">Always <c>rich</c>.</param>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="AuthorName">The first author.</param>
/// <param name="AuthorUrl">That author's page.</param>
/// <param name="ProviderName">The site.</param>
/// <param name="ProviderUrl">The site's front page.</param>
/// <param name="CacheAge">Seconds.</param>
/// <param name="ThumbnailUrl">The lead image, where it fits and its size is known.</param>
/// <param name="ThumbnailWidth">Pixels.</param>
/// <param name="ThumbnailHeight">Pixels.</param>
/// <param name="Html">A quotation with a link: no script, no style, no picture of ours on their page.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record OEmbedView(
    [property: JsonPropertyName("version")] string Version, [property: JsonPropertyName("type")] string Type, [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("author_name")] string? AuthorName, [property: JsonPropertyName("author_url")] string? AuthorUrl,
    [property: JsonPropertyName("provider_name")] string ProviderName, [property: JsonPropertyName("provider_url")] string ProviderUrl,
    [property: JsonPropertyName("cache_age")] int CacheAge, [property: JsonPropertyName("thumbnail_url")] string? ThumbnailUrl,
    [property: JsonPropertyName("thumbnail_width")] int? ThumbnailWidth, [property: JsonPropertyName("thumbnail_height")] int? ThumbnailHeight,
    [property: JsonPropertyName("html")] string Html, [property: JsonPropertyName("width")] int Width, [property: JsonPropertyName("height")] int Height);

/// <summary>Makes a card of an article as it is stored.</summary>
internal static class OEmbedCard
{
    /// <summary>Pixels that a card takes where nobody asks for less.</summary>
    public const int Width = 600, Height = 240;

    private const int CacheAge = 3_600;

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static OEmbedView Of(byte[] json, SyndicatedSite site, Query query)
    {
        var article = JsonSerializer.Deserialize<FeedEntry>(json, JsonSerializerOptions.Web) ?? throw new InvalidDataException("A stored article holds null.");
        var (width, height) = OEmbedEndpoints.Room(query);
        var author = article.Authors.FirstOrDefault();
        // All three or none (2.3.4), and never larger than the room that was given.
        var picture = article.LeadImage is { Width: { } w, Height: { } h } image && Fits(query, w, h) ? image : null;
        return new(
            "1.0", "rich", article.Title, author?.Name, author?.Path is { } path ? site.Document.BaseUrl + path : null, site.Document.Name, site.Document.BaseUrl + "/",
            CacheAge, picture?.Url, picture?.Width, picture?.Height, Html(article, site.Document.Name), width, height);
    }

    public static byte[] Xml(OEmbedView card) => XmlOutput.Write(xml =>
    {
        xml.WriteStartDocument(standalone: true);
        xml.WriteStartElement("oembed");
        foreach (var (name, value) in JsonSerializer.SerializeToElement(card, Options).EnumerateObject().Select(m => (m.Name, m.Value)))
            xml.Text(name, value.ValueKind == JsonValueKind.Number ? value.GetInt32().ToString(CultureInfo.InvariantCulture) : value.GetString());
        xml.WriteEndElement();
    });

    private static bool Fits(Query query, int width, int height)
    {
        var (maxWidth, maxHeight) = (query.Text(OEmbedEndpoints.MaxWidth), query.Text(OEmbedEndpoints.MaxHeight));
        return (maxWidth is null || width <= int.Parse(maxWidth, CultureInfo.InvariantCulture)) && (maxHeight is null || height <= int.Parse(maxHeight, CultureInfo.InvariantCulture));
    }

    private static string Html(FeedEntry article, string site)
    {
        var standfirst = article.Standfirst is { } text ? $"<p>{WebUtility.HtmlEncode(text)}</p>" : "";
        return $"<blockquote cite=\"{WebUtility.HtmlEncode(article.Url)}\" lang=\"{WebUtility.HtmlEncode(article.Language)}\"><p><a href=\"{WebUtility.HtmlEncode(article.Url)}\">"
            + $"{WebUtility.HtmlEncode(article.Title)}</a></p>{standfirst}<footer>{WebUtility.HtmlEncode(site)}</footer></blockquote>";
    }
}
