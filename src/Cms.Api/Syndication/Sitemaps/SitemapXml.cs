using System.Globalization;
using System.Text.Json;
using System.Xml;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Sitemaps;

/// <summary>The text's other languages, as a sitemap names them.</summary>
internal sealed record SitemapTranslation(string Language, string Url);

/// <summary>An article of a sitemap: what of its stored JSON a sitemap shows.</summary>
internal sealed record SitemapArticle(string Url, string Language, string Title, IReadOnlyList<SitemapTranslation> Translations, DateTimeOffset FirstPublishedAt, DateTimeOffset UpdatedAt)
{
    public static SitemapArticle Of(ListRow row) =>
        JsonSerializer.Deserialize<SitemapArticle>(row.Json, JsonSerializerOptions.Web) ?? throw new InvalidDataException("A stored article holds null.");
}

/// <summary>What sitemaps are written as.</summary>
internal static class SitemapXml
{
    /// <summary>
    /// Articles of a shard, at most. The protocol allows 50,000, and 50 MB: with so many and <see cref="MaxEntry"/> both hold, whatever the
    /// language (an Arabic address is six times its letters).
    /// </summary>
    public const int MaxArticles = 10_000;

    // Characters of an address, at most (sitemaps.org), and bytes of an entry: 10,000 of them are less than 50 MB.
    private const int MaxUrl = 2_048, MaxEntry = 4_900, EntryOverhead = 200, LinkOverhead = 80;

    public const string Namespace = "http://www.sitemaps.org/schemas/sitemap/0.9", Xhtml = "http://www.w3.org/1999/xhtml";
    private const string GoogleNews = "http://www.google.com/schemas/sitemap-news/0.9";

    public static int Parts(SitemapMonth month) => (month.Articles + MaxArticles - 1) / MaxArticles;

    public static byte[] Index(string baseUrl, IReadOnlyList<SitemapMonth> months) => XmlOutput.Write(xml =>
    {
        xml.WriteStartElement("sitemapindex", Namespace);
        Sitemap(xml, $"{baseUrl}/sitemaps/sections.xml", null);
        foreach (var month in months)
            for (var part = 1; part <= Parts(month); part++)
                // Which part of several changed, nobody has counted: none is better than a wrong one.
                Sitemap(xml, string.Create(CultureInfo.InvariantCulture, $"{baseUrl}/sitemaps/articles-{month.Month:yyyy-MM}-{part}.xml"), Parts(month) == 1 ? month.UpdatedAt : null);
        xml.WriteEndElement();
    });

    public static byte[] Sections(SyndicatedSite site, IReadOnlyList<SiteDocuments.SectionBranchDocument> sections, IReadOnlyDictionary<Guid, DateTimeOffset> changes) => XmlOutput.Write(xml =>
    {
        xml.WriteStartElement("urlset", Namespace);
        Page(xml, site.Document.BaseUrl + "/", changes.TryGetValue(Guid.Empty, out var latest) ? latest : null);
        foreach (var section in sections) Page(xml, section.Url, changes.TryGetValue(section.Id, out var at) ? at : null);
        xml.WriteEndElement();
    });

    public static byte[] News(SyndicatedSite site, IReadOnlyList<ListRow> rows) => XmlOutput.Write(xml =>
    {
        xml.WriteStartElement("urlset", Namespace);
        xml.WriteAttributeString("xmlns", "news", null, GoogleNews);
        foreach (var article in rows.Select(SitemapArticle.Of).Where(a => a.Url.Length < MaxUrl))
        {
            xml.WriteStartElement("url", Namespace);
            xml.Text("loc", article.Url, Namespace);
            xml.WriteStartElement("news", GoogleNews);
            xml.WriteStartElement("publication", GoogleNews);
            xml.Text("name", site.Document.Name, GoogleNews);
            xml.Text("language", NewsLanguage(article.Language), GoogleNews);
            xml.WriteEndElement();
            xml.Text("publication_date", XmlOutput.Time(article.FirstPublishedAt), GoogleNews);
            xml.Text("title", article.Title, GoogleNews);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    });

    public static void Begin(XmlWriter xml)
    {
        xml.WriteStartElement("urlset", Namespace);
        xml.WriteAttributeString("xmlns", "xhtml", null, Xhtml);
    }

    /// <summary>An article with the other languages of its text, itself among them.</summary>
    public static void Article(XmlWriter xml, SitemapArticle article)
    {
        if (article.Url.Length >= MaxUrl) return;
        xml.WriteStartElement("url", Namespace);
        xml.Text("loc", article.Url, Namespace);
        xml.Text("lastmod", XmlOutput.Time(article.UpdatedAt), Namespace);
        var left = MaxEntry - EntryOverhead - Size(article.Url);
        foreach (var (language, url) in article.Translations.Count == 0 ? [] : article.Translations.Prepend(new(article.Language, article.Url)))
        {
            left -= LinkOverhead + language.Length + Size(url);
            if (left < 0) break;
            xml.Empty("link", Xhtml, ("rel", "alternate"), ("hreflang", language), ("href", url));
        }

        xml.WriteEndElement();
    }

    // An ampersand is five bytes in XML.
    private static int Size(string url) => System.Text.Encoding.UTF8.GetByteCount(url) + (4 * url.Count(c => c == '&'));

    private static void Sitemap(XmlWriter xml, string address, DateTimeOffset? changed) => Entry(xml, "sitemap", address, changed);

    private static void Page(XmlWriter xml, string address, DateTimeOffset? changed) => Entry(xml, "url", address, changed);

    private static void Entry(XmlWriter xml, string name, string address, DateTimeOffset? changed)
    {
        xml.WriteStartElement(name, Namespace);
        xml.Text("loc", address, Namespace);
        xml.Text("lastmod", changed is { } at ? XmlOutput.Time(at) : null, Namespace);
        xml.WriteEndElement();
    }

    // ISO 639, and of Chinese which script.
    private static string NewsLanguage(string tag) => tag.Split('-') switch
    {
        ["zh", .. var rest] => rest.Contains("Hant") || rest.Contains("TW") || rest.Contains("HK") ? "zh-tw" : "zh-cn",
        [var tongue, ..] => tongue,
        _ => tag,
    };
}
