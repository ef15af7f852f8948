using System.Globalization;
using System.Xml;

namespace Cms.Api.Syndication.Feeds;

/// <summary>
/// RSS 2.0 as the RSS Advisory Board's profile has it, with the modules that readers know: Atom for its own address and pages, Dublin Core for
/// people, Media RSS for the picture, Content for the whole text.
/// </summary>
internal static class RssFeed
{
    private const string Atom = "http://www.w3.org/2005/Atom", DublinCore = "http://purl.org/dc/elements/1.1/", Media = "http://search.yahoo.com/mrss/",
        Content = "http://purl.org/rss/1.0/modules/content/";

    public static byte[] Write(Feed feed) => XmlOutput.Write(xml =>
    {
        xml.WriteStartElement("rss");
        xml.WriteAttributeString("version", "2.0");
        foreach (var (prefix, ns) in new[] { ("atom", Atom), ("dc", DublinCore), ("media", Media), ("content", Content) }) xml.WriteAttributeString("xmlns", prefix, null, ns);
        xml.WriteStartElement("channel");
        xml.Text("title", feed.Title);
        xml.Text("link", feed.Link);
        xml.Text("description", Html(feed.Description ?? feed.Title));
        xml.Text("language", feed.Language);
        xml.Text("copyright", feed.Rights);
        xml.Text("lastBuildDate", Date(feed.UpdatedAt));
        xml.Text("generator", "Cms");
        xml.Text("docs", "https://www.rssboard.org/rss-specification");
        xml.Text("ttl", Feed.MinutesToLive.ToString(CultureInfo.InvariantCulture));
        Link(xml, "self", feed.Self, "application/rss+xml");
        Link(xml, "first", feed.First, "application/rss+xml");
        if (feed.Next is { } next) Link(xml, "next", next, "application/rss+xml");
        if (feed.Reuse.LicenseUrl is { } license) Link(xml, "license", license, null);
        foreach (var entry in feed.Entries) Item(xml, entry, feed);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void Item(XmlWriter xml, FeedEntry entry, Feed feed)
    {
        xml.WriteStartElement("item");
        xml.Text("title", entry.Title);
        xml.Text("link", entry.Url);
        xml.Text("guid", entry.Urn, null, ("isPermaLink", "false"));
        xml.Text("pubDate", Date(entry.FirstPublishedAt));
        xml.Text("updated", XmlOutput.Time(entry.UpdatedAt), Atom);
        foreach (var author in entry.Authors) xml.Text("creator", author.Name, DublinCore);
        if (entry.Language != feed.Language) xml.Text("language", entry.Language, DublinCore);
        foreach (var category in entry.Categories) xml.Text("category", category);
        xml.Text("description", entry.Standfirst is { } standfirst ? Html(standfirst) : null);
        xml.Text("encoded", entry.Html, Content);
        Picture(xml, entry.LeadImage, Media);
        if (entry.Reuse?.LicenseUrl is { } license) Link(xml, "license", license, null);
        xml.WriteEndElement();
    }

    /// <summary>The picture by Media RSS, which Atom readers know too.</summary>
    public static void Picture(XmlWriter xml, FeedImage? image, string ns)
    {
        if (image is null) return;
        xml.WriteStartElement("content", ns);
        xml.Attributes(("url", image.Url), ("medium", "image"), ("width", Pixels(image.Width)), ("height", Pixels(image.Height)));
        xml.Text("description", image.Alt ?? image.Caption, ns, ("type", "plain"));
        xml.Text("credit", image.Credit, ns);
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, string address, string? type) => xml.Empty("link", Atom, ("rel", relation), ("href", address), ("type", type));

    // RSS descriptions are HTML: plain text is escaped once for HTML, and once more for XML.
    private static string Html(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string? Pixels(int? pixels) => pixels?.ToString(CultureInfo.InvariantCulture);

    // RFC 822 with four digits of the year, as RSS has it; "GMT", not "Z".
    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
}
