using System.Text.Json;
using Cms.Domain.Sections;
using Cms.Domain.Sites;

namespace Cms.Infrastructure.Delivery;

/// <summary>A feed as the head of a page names it.</summary>
internal sealed record FeedLink(string Type, string Title, string Href);

/// <summary>
/// Feeds that an article's page leads to: the site's and its section's. A head is made at publication, so it names them where the site says
/// that readers reach them, and not by the address of the node that happens to render.
/// </summary>
internal static class FeedLinks
{
    private static readonly (string Extension, string Type)[] Forms = [("rss", "application/rss+xml"), ("atom", "application/atom+xml"), ("json", "application/feed+json")];

    public static IReadOnlyList<FeedLink> Of(SiteSettings site, Section? section) => site.Syndication.BaseUrl is not { } address
        ? []
        : [.. Forms.Select(f => new FeedLink(f.Type, site.Name, $"{address}/feeds/articles.{f.Extension}")), .. OfSection(site, section, address)];

    private static IEnumerable<FeedLink> OfSection(SiteSettings site, Section? section, string address) => section is null
        ? []
        : Forms.Select(f => new FeedLink(f.Type, $"{site.Name}: {section.Name}", $"{address}/feeds/sections/{Uri.EscapeDataString(section.Slug.Value)}.{f.Extension}"));

    /// <summary>Where other sites get the card of a page (oembed.com, 4).</summary>
    public static string? Card(SiteSettings site, string url) =>
        site.Syndication.BaseUrl is { } address ? $"{address}/oembed?url={Uri.EscapeDataString(url)}" : null;

    public static void Write(Utf8JsonWriter w, IReadOnlyList<FeedLink> feeds)
    {
        w.WriteStartArray("feeds");
        foreach (var feed in feeds)
        {
            w.WriteStartObject();
            w.WriteString("type", feed.Type);
            w.WriteString("title", feed.Title);
            w.WriteString("href", feed.Href);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }
}
