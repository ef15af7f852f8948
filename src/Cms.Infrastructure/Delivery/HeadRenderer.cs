using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Cms.Domain.Articles;
using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Cms.Infrastructure.Html;

namespace Cms.Infrastructure.Delivery;

/// <summary>A page as search engines list it in a trail.</summary>
internal sealed record Crumb(string Name, string Url);

/// <summary>Who wrote a text.</summary>
internal sealed record Writer(string Name, string? Url);

/// <summary>What the head of an article's page says.</summary>
/// <param name="Article">As published.</param>
/// <param name="Title">Kicker and headline as the site joins them.</param>
/// <param name="Url">The page's own address.</param>
/// <param name="Share">What networks get.</param>
/// <param name="Alternates">The text's other languages: tag and address.</param>
/// <param name="Writers">In the byline's order.</param>
/// <param name="Section">The main section.</param>
/// <param name="Trail">From the front page to this one.</param>
/// <param name="Tags">Names.</param>
/// <param name="Reuse">What others may do with it.</param>
internal sealed record HeadSubject(
    Publication Article, string Title, string Url, EffectiveShare Share, IReadOnlyList<(string Language, string Url)> Alternates,
    IReadOnlyList<Writer> Writers, Section? Section, IReadOnlyList<Crumb> Trail, IReadOnlyList<string> Tags, ReuseTerms Reuse);

/// <summary>
/// Everything for <c>&lt;head&gt;</c>, as data and as a ready fragment: title, description, canonical, languages, robots, Open Graph
/// (ogp.me), X's card, JSON-LD (schema.org, as Google's "Article" and "Breadcrumb" pages ask for it). One list of tags makes both, so that
/// they cannot part; every value is escaped for where it stands, so that nothing an editor typed ends a tag or a script.
/// </summary>
internal sealed class HeadRenderer(SiteSettings site)
{
    // Large pictures and whole snippets are what a newsroom wants of search engines; without the word they show small ones.
    private const string Robots = "index, follow, max-image-preview:large, max-snippet:-1, max-video-preview:-1";

    // Open Graph wants a territory with the language (ogp.me, og:locale); where the tag has none, the one most readers have.
    private static readonly Dictionary<string, string> Territories = new(StringComparer.Ordinal)
    {
        ["ar"] = "AR",
        ["de"] = "DE",
        ["en"] = "US",
        ["es"] = "ES",
        ["fr"] = "FR",
        ["it"] = "IT",
        ["nl"] = "NL",
        ["pt"] = "PT",
    };

    /// <summary>The head as delivery answers it, UTF-8.</summary>
    public byte[] Render(HeadSubject subject)
    {
        var canonical = subject.Share.CanonicalUrl.Value ?? subject.Url;
        // hreflang ties together addresses that stand for themselves: a text that names another as the true one is none of them.
        var alternates = canonical == subject.Url && subject.Alternates.Count > 0
            ? subject.Alternates.Prepend((subject.Article.Content.Language, subject.Url)).ToList()
            : [];
        var (article, breadcrumbs) = (Write(w => NewsArticle(w, subject, canonical)), Write(w => Breadcrumbs(w, subject.Trail)));
        var feeds = FeedLinks.Of(site, subject.Section);
        var (openGraph, card) = (OpenGraph(subject, canonical).ToList(), Card(subject.Share, subject.Title).ToList());

        return Write(w =>
        {
            w.WriteStartObject();
            w.WriteString("title", subject.Title);
            w.WriteString("description", subject.Share.Description.Value);
            w.WriteString("canonical", canonical);
            w.WriteString("robots", Robots);
            w.WriteStartArray("alternates");
            foreach (var (language, url) in alternates)
            {
                w.WriteStartObject();
                w.WriteString("hreflang", language);
                w.WriteString("href", url);
                w.WriteEndObject();
            }

            w.WriteEndArray();
            FeedLinks.Write(w, feeds);
            w.WriteString("oEmbed", FeedLinks.Card(site, subject.Url));
            Tags(w, "openGraph", "property", openGraph);
            Tags(w, "card", "name", card);
            w.WriteStartArray("jsonLd");
            w.WriteRawValue(article, skipInputValidation: true);
            w.WriteRawValue(breadcrumbs, skipInputValidation: true);
            w.WriteEndArray();
            w.WriteString("html", Fragment(subject, canonical, alternates, feeds, openGraph, card, [article, breadcrumbs]));
            w.WriteEndObject();
        });
    }

    private string Fragment(
        HeadSubject subject, string canonical, List<(string Language, string Url)> alternates, IReadOnlyList<FeedLink> feeds,
        List<(string Name, string Content)> openGraph, List<(string Name, string Content)> card, byte[][] jsonLd)
    {
        var html = new StringBuilder(4 * 1024);
        SafeText.WriteText(html.Append("<title>"), subject.Title);
        html.Append("</title>\n");
        if (subject.Share.Description.Value is { } description) Tag(html, "meta", ("name", "description"), ("content", description));
        Tag(html, "link", ("rel", "canonical"), ("href", canonical));
        Tag(html, "meta", ("name", "robots"), ("content", Robots));
        if (subject.Reuse.TdmReservation is { } reserved) Tag(html, "meta", ("name", "tdm-reservation"), ("content", reserved ? "1" : "0"));
        if (subject.Reuse.TdmPolicyUrl is { } policy) Tag(html, "meta", ("name", "tdm-policy"), ("content", policy));
        if (subject.Reuse.LicenseUrl is { } license) Tag(html, "link", ("rel", "license"), ("href", license));
        foreach (var (language, url) in alternates) Tag(html, "link", ("rel", "alternate"), ("hreflang", language), ("href", url));
        foreach (var feed in feeds) Tag(html, "link", ("rel", "alternate"), ("type", feed.Type), ("title", feed.Title), ("href", feed.Href));
        if (FeedLinks.Card(site, subject.Url) is { } address) Tag(html, "link", ("rel", "alternate"), ("type", "application/json+oembed"), ("href", address));
        foreach (var (name, content) in openGraph) Tag(html, "meta", ("property", name), ("content", content));
        foreach (var (name, content) in card) Tag(html, "meta", ("name", name), ("content", content));
        // The writer's encoder leaves no "<" in JSON, so nothing in it can end the script.
        foreach (var json in jsonLd) html.Append("<script type=\"application/ld+json\">").Append(Encoding.UTF8.GetString(json)).Append("</script>\n");
        return html.ToString();
    }

    private static void Tag(StringBuilder html, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        html.Append('<').Append(name);
        foreach (var (attribute, value) in attributes) SafeText.WriteAttribute(html, attribute, value);
        html.Append(">\n");
    }

    private static void Tags(Utf8JsonWriter w, string member, string key, List<(string Name, string Content)> tags)
    {
        w.WriteStartArray(member);
        foreach (var (name, content) in tags)
        {
            w.WriteStartObject();
            w.WriteString(key, name);
            w.WriteString("content", content);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private IEnumerable<(string Name, string Content)> OpenGraph(HeadSubject subject, string canonical)
    {
        var (article, share) = (subject.Article, subject.Share);
        yield return ("og:type", "article");
        yield return ("og:site_name", site.Name);
        yield return ("og:title", share.Title.Value ?? subject.Title);
        if (share.Description.Value is { } description) yield return ("og:description", description);
        yield return ("og:url", canonical);
        if (Locale(article.Content.Language) is { } locale) yield return ("og:locale", locale);
        foreach (var other in subject.Alternates.Select(a => Locale(a.Language)).OfType<string>()) yield return ("og:locale:alternate", other);
        if (share.Image.Value is { } image)
        {
            yield return ("og:image", image.Url);
            if (image.Width is { } width) yield return ("og:image:width", width.ToString(CultureInfo.InvariantCulture));
            if (image.Height is { } height) yield return ("og:image:height", height.ToString(CultureInfo.InvariantCulture));
            if (image.Alt is { } alt) yield return ("og:image:alt", alt);
        }

        yield return ("article:published_time", Time(article.FirstPublishedAt));
        yield return ("article:modified_time", Time(article.PublishedAt));
        if (subject.Section is { } section) yield return ("article:section", section.Name);
        foreach (var url in subject.Writers.Select(a => a.Url).OfType<string>()) yield return ("article:author", url);
        foreach (var tag in subject.Tags) yield return ("article:tag", tag);
    }

    private static IEnumerable<(string Name, string Content)> Card(EffectiveShare share, string title)
    {
        yield return ("twitter:card", share.Card.Value == ShareCardType.Summary ? "summary" : "summary_large_image");
        yield return ("twitter:title", share.Title.Value ?? title);
        if (share.Description.Value is { } description) yield return ("twitter:description", description);
        if (share.Image.Value is not { } image) yield break;
        yield return ("twitter:image", image.Url);
        if (image.Alt is { } alt) yield return ("twitter:image:alt", alt);
    }

    private void NewsArticle(Utf8JsonWriter w, HeadSubject subject, string canonical)
    {
        var (article, content) = (subject.Article, subject.Article.Content);
        w.WriteStartObject();
        w.WriteString("@context", "https://schema.org");
        w.WriteString("@type", "NewsArticle");
        w.WriteString("mainEntityOfPage", canonical);
        w.WriteString("url", subject.Url);
        w.WriteString("headline", subject.Title);
        if (subject.Share.Description.Value is { } description) w.WriteString("description", description);
        if (subject.Share.Image.Value is { } image) Image(w, image);
        w.WriteString("datePublished", Time(article.FirstPublishedAt));
        w.WriteString("dateModified", Time(article.PublishedAt));
        w.WriteString("inLanguage", content.Language);
        if (subject.Section is { } section) w.WriteString("articleSection", section.Name);
        if (subject.Tags.Count > 0) w.WriteString("keywords", string.Join(", ", subject.Tags));
        w.WriteNumber("wordCount", article.WordCount);
        w.WriteBoolean("isAccessibleForFree", true);
        if (subject.Reuse.LicenseUrl is { } license) w.WriteString("license", license);
        w.WriteStartArray("author");
        foreach (var writer in subject.Writers) Person(w, writer);
        if (subject.Writers.Count == 0) Publisher(w);
        w.WriteEndArray();
        w.WritePropertyName("publisher");
        Publisher(w);
        Corrections(w, content.Corrections);
        w.WriteEndObject();
    }

    private static void Image(Utf8JsonWriter w, ShareImage image)
    {
        w.WriteStartArray("image");
        w.WriteStartObject();
        w.WriteString("@type", "ImageObject");
        w.WriteString("url", image.Url);
        if (image.Width is { } width) w.WriteNumber("width", width);
        if (image.Height is { } height) w.WriteNumber("height", height);
        if (image.Alt is { } alt) w.WriteString("caption", alt);
        w.WriteEndObject();
        w.WriteEndArray();
    }

    private static void Person(Utf8JsonWriter w, Writer writer)
    {
        w.WriteStartObject();
        w.WriteString("@type", "Person");
        w.WriteString("name", writer.Name);
        if (writer.Url is not null) w.WriteString("url", writer.Url);
        w.WriteEndObject();
    }

    private void Publisher(Utf8JsonWriter w)
    {
        w.WriteStartObject();
        w.WriteString("@type", "NewsMediaOrganization");
        w.WriteString("name", site.Publisher.Name);
        w.WriteString("url", site.BaseUrl);
        if (site.Publisher.LogoUrl is { } logo)
        {
            w.WriteStartObject("logo");
            w.WriteString("@type", "ImageObject");
            w.WriteString("url", logo);
            w.WriteEndObject();
        }

        w.WriteEndObject();
    }

    private static void Corrections(Utf8JsonWriter w, IReadOnlyList<Correction> corrections)
    {
        if (corrections.Count == 0) return;
        w.WriteStartArray("correction");
        foreach (var correction in corrections)
        {
            w.WriteStartObject();
            w.WriteString("@type", "CorrectionComment");
            w.WriteString("text", correction.Text);
            w.WriteString("datePublished", Time(correction.At));
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private static void Breadcrumbs(Utf8JsonWriter w, IReadOnlyList<Crumb> trail)
    {
        w.WriteStartObject();
        w.WriteString("@context", "https://schema.org");
        w.WriteString("@type", "BreadcrumbList");
        w.WriteStartArray("itemListElement");
        foreach (var (index, crumb) in trail.Index())
        {
            w.WriteStartObject();
            w.WriteString("@type", "ListItem");
            w.WriteNumber("position", index + 1);
            w.WriteString("name", crumb.Name);
            w.WriteString("item", crumb.Url);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static string? Locale(string language) => language.Split('-') switch
    {
        [var tongue, .., { Length: 2 } territory] when char.IsAsciiLetterUpper(territory[0]) => $"{tongue}_{territory}", // fr-x-ab names none
        [var tongue, ..] when Territories.TryGetValue(tongue, out var territory) => $"{tongue}_{territory}",
        _ => null,
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
