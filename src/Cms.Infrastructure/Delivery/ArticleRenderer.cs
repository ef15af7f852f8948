using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Authors;
using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
using Cms.Infrastructure.Search;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Makes of a publication the bytes that readers get. Pure: the same publication and sources give the same bytes, on every node and at
/// every re-render, so an ETag changes only when a reader would see something else.
/// </summary>
internal sealed class ArticleRenderer(RenderSources sources)
{
    // "<", ">" and "&" are escaped, so the JSON may stand inside HTML; é stays é, which is 15 % of French.
    internal static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = true };

    private readonly SiteAddresses addresses = new(sources.Site);

    public RenderedArticle Render(Publication article)
    {
        var content = article.Content;
        var sectionIds = content.OtherSectionIds.Prepend(content.SectionId.GetValueOrDefault()).Where(sources.Sections.Contains).Distinct().ToList();
        var tags = content.TagIds.Where(sources.Tags.ContainsKey).Select(id => sources.Tags[id]).ToList();
        var authors = content.Credits.Select(c => c.AuthorId).OfType<Guid>().Where(sources.Authors.ContainsKey).Distinct()
            .Select(id => sources.Authors[id]).ToList();
        // An article's address holds its section's slug, so whoever shows the article shows the section too.
        var shown = content.ShownArticleIds().ToList();
        var theirSections = shown.Where(sources.Articles.ContainsKey).Select(id => sources.Articles[id])
            .Concat(sources.Translations[article.TranslationGroup]).Select(a => a.SectionId).OfType<Guid>();
        var lines = sectionIds.SelectMany(id => sources.Sections.Ancestry(id)).Select(s => s.Id).Distinct().ToList();
        var head = Head(article, tags, authors);
        return new(
            article.ArticleId, article.Slug.Value, content.Language, Write(w => Article(w, article, Form.Whole)), Write(w => Article(w, article, Form.Summary)), Write(w => Article(w, article, Form.Page, head)), head,
            Write(w => w.WriteStringValue(Prose.Of(Visible(content.Body)))),
            article.FirstPublishedAt, article.PublishedAt,
            [.. lines, .. tags.Select(t => t.Id), .. authors.Select(a => a.Id)],
            [.. lines.Concat(content.TagIds).Concat(authors.Select(a => a.Id)).Concat(shown).Concat(theirSections).Append(article.TranslationGroup).Distinct()],
            [.. tags.Select(t => ("tag", t.Slug.Value, t.Id)), .. authors.Select(a => ("author", a.Slug.Value, a.Id))],
            TdmHeaders.Of(ReuseOf(content, sources.Sections.Find(content.SectionId)))?.Text,
            SearchDocument.Of(article, sources.Sections.Find(content.SectionId)?.Id, tags, authors));
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(8 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Json)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private enum Form { Summary, Whole, Page }

    private void Article(Utf8JsonWriter w, Publication article, Form form, byte[]? head = null)
    {
        var whole = form != Form.Summary;
        var content = article.Content;
        var section = sources.Sections.Find(content.SectionId);
        var path = addresses.Article(content.Language, section?.Slug, article.Slug, article.ArticleId, article.FirstPublishedAt);
        var title = Title(content.Kicker, content.Headline);

        w.WriteStartObject();
        w.WriteString("id", article.ArticleId);
        w.WriteString("slug", article.Slug.Value);
        w.WriteString("path", path);
        w.WriteString("url", addresses.Absolute(path));
        w.WriteString("language", content.Language);
        Translations(w, article);
        w.WritePropertyName("section");
        if (section is null) w.WriteNullValue();
        else Section(w, section);
        w.WriteStartArray("otherSections");
        foreach (var other in content.OtherSectionIds.Select(id => sources.Sections.Find(id)).OfType<Section>()) Section(w, other);
        w.WriteEndArray();
        w.WriteString("kicker", content.Kicker);
        w.WriteString("headline", content.Headline);
        w.WriteString("title", title);
        w.WriteString("standfirst", content.Standfirst);
        Credits(w, content.Credits);
        if (whole) Sources(w, content.Sources);
        Tags(w, content.TagIds);
        w.WriteString("firstPublishedAt", article.FirstPublishedAt.UtcDateTime);
        w.WriteString("publishedAt", article.PublishedAt.UtcDateTime);
        w.WriteString("updatedAt", article.PublishedAt.UtcDateTime);
        BodyJson.LeadImage(w, content.LeadImage);
        if (whole) BodyJson.Body(w, Visible(content.Body), (writer, id) => Shown(writer, sources.Articles[id]));
        w.WriteNumber("wordCount", article.WordCount);
        w.WriteNumber("readingMinutes", Prose.ReadingMinutes(article.WordCount));
        if (whole)
        {
            Related(w, article);
            Corrections(w, content.Corrections);
        }

        Extra(w, content.Extra);
        Reuse(w, ReuseOf(content, section));
        if (whole) Share(w, content, section, title, addresses.Absolute(path));
        if (form == Form.Page)
        {
            w.WriteString("html", BodyHtml.Of(Visible(content.Body), Link));
            w.WritePropertyName("head");
            w.WriteRawValue(head, skipInputValidation: true);
        }

        w.WriteEndObject();
    }

    // A "read also" of an article that readers cannot see is left out, not shown dead.
    private IEnumerable<Block> Visible(IReadOnlyList<Block> blocks) =>
        blocks.Where(b => b is not RelatedBlock { ArticleId: { } id } || sources.Articles.ContainsKey(id));

    private (string Url, string Title) Link(RelatedBlock block) => block.ArticleId is { } id && sources.Articles[id] is var article
        ? (addresses.Absolute(PathOf(article)), Title(article.Kicker, article.Headline))
        : (block.Url ?? "", block.Title ?? "");

    private byte[] Head(Publication article, IReadOnlyList<Tag> tags, IReadOnlyList<Author> authors)
    {
        var content = article.Content;
        var section = sources.Sections.Find(content.SectionId);
        var url = addresses.Absolute(addresses.Article(content.Language, section?.Slug, article.Slug, article.ArticleId, article.FirstPublishedAt));
        var title = Title(content.Kicker, content.Headline);
        var trail = (section is null ? [] : sources.Sections.Ancestry(section.Id).Reverse())
            .Select(s => new Crumb(s.Name, addresses.Absolute(addresses.Section(s.Language, s.Slug, s.Id))));
        return new HeadRenderer(sources.Site).Render(new(
            article, title, url, Effective(content, section, title, url),
            [.. OtherLanguages(article).Select(o => (o.Language, addresses.Absolute(PathOf(o))))],
            [.. content.Credits.Where(c => c.Role == CreditRole.Author).Select(c => authors.FirstOrDefault(a => a.Id == c.AuthorId) is { } author
                ? new Writer(author.Name, addresses.Absolute(addresses.Author(author.Slug, author.Id)))
                : new Writer(c.Name ?? "", null))],
            section, [new(sources.Site.Name, sources.Site.BaseUrl), .. trail, new(title, url)], [.. tags.Select(t => t.Name)], ReuseOf(content, section)));
    }

    private IEnumerable<ShownArticle> OtherLanguages(Publication article) =>
        sources.Translations[article.TranslationGroup].Where(o => o.Id != article.ArticleId).OrderBy(o => o.Language, StringComparer.Ordinal);

    private string Title(string? kicker, string headline) =>
        string.IsNullOrEmpty(kicker) ? headline : kicker + sources.Site.KickerSeparator + headline;

    private void Translations(Utf8JsonWriter w, Publication article)
    {
        w.WriteStartArray("translations");
        foreach (var other in OtherLanguages(article))
        {
            w.WriteStartObject();
            w.WriteString("language", other.Language);
            w.WriteString("slug", other.Slug.Value);
            w.WriteString("url", addresses.Absolute(PathOf(other)));
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private string PathOf(ShownArticle other) =>
        addresses.Article(other.Language, sources.Sections.Find(other.SectionId)?.Slug, other.Slug, other.Id, other.FirstPublishedAt);

    private void Section(Utf8JsonWriter w, Section section)
    {
        w.WriteStartObject();
        w.WriteString("id", section.Id);
        w.WriteString("slug", section.Slug.Value);
        w.WriteString("name", section.Name);
        w.WriteString("path", addresses.Section(section.Language, section.Slug, section.Id));
        w.WriteEndObject();
    }

    private void Credits(Utf8JsonWriter w, IReadOnlyList<Credit> credits)
    {
        w.WriteStartArray("credits");
        foreach (var credit in credits)
        {
            var author = credit.AuthorId is { } id ? sources.Authors.GetValueOrDefault(id) : null;
            w.WriteStartObject();
            w.WriteString("role", JsonNamingPolicy.CamelCase.ConvertName(credit.Role.ToString()));
            w.WriteString("name", author?.Name ?? credit.Name);
            w.WriteString("slug", author?.Slug.Value);
            w.WriteString("path", author is null ? null : addresses.Author(author.Slug, author.Id));
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private static void Sources(Utf8JsonWriter w, IReadOnlyList<Source> houses)
    {
        w.WriteStartArray("sources");
        foreach (var house in houses)
        {
            w.WriteStartObject();
            w.WriteString("name", house.Name);
            w.WriteString("url", house.Url);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private void Tags(Utf8JsonWriter w, IReadOnlyList<Guid> tagIds)
    {
        w.WriteStartArray("tags");
        foreach (var tag in tagIds.Where(sources.Tags.ContainsKey).Select(id => sources.Tags[id]))
        {
            w.WriteStartObject();
            w.WriteString("slug", tag.Slug.Value);
            w.WriteString("name", tag.Name);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private void Shown(Utf8JsonWriter w, ShownArticle article)
    {
        var path = PathOf(article);
        w.WriteStartObject();
        w.WriteString("slug", article.Slug.Value);
        w.WriteString("kicker", article.Kicker);
        w.WriteString("headline", article.Headline);
        w.WriteString("path", path);
        w.WriteString("url", addresses.Absolute(path));
        w.WriteEndObject();
    }

    private void Related(Utf8JsonWriter w, Publication article)
    {
        w.WriteStartArray("related");
        foreach (var id in article.Content.RelatedIds.Where(id => id != article.ArticleId))
            if (sources.Articles.TryGetValue(id, out var other)) Shown(w, other);
        w.WriteEndArray();
    }

    private static void Corrections(Utf8JsonWriter w, IReadOnlyList<Correction> corrections)
    {
        w.WriteStartArray("corrections");
        foreach (var correction in corrections)
        {
            w.WriteStartObject();
            w.WriteString("text", correction.Text);
            w.WriteString("at", correction.At.UtcDateTime);
            w.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(correction.Kind.ToString()));
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private ReuseTerms ReuseOf(ArticleContent content, Section? section) => ReuseTerms.Of(content.Reuse, section?.Reuse, sources.Site.Reuse);

    private static void Reuse(Utf8JsonWriter w, ReuseTerms terms)
    {
        w.WriteStartObject("reuse");
        if (terms.TdmReservation is { } reserved) w.WriteBoolean("tdmReservation", reserved);
        else w.WriteNull("tdmReservation");
        w.WriteString("tdmPolicyUrl", terms.TdmPolicyUrl);
        w.WriteString("licenseUrl", terms.LicenseUrl);
        w.WriteEndObject();
    }

    private static void Extra(Utf8JsonWriter w, IReadOnlyDictionary<string, JsonElement> extra)
    {
        w.WriteStartObject("extra");
        foreach (var (name, value) in extra)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }

        w.WriteEndObject();
    }

    private void Share(Utf8JsonWriter w, ArticleContent content, Section? section, string title, string url)
    {
        var share = Effective(content, section, title, url);
        var canonical = share.CanonicalUrl.Value ?? url;
        w.WriteStartObject("share");
        w.WriteString("title", share.Title.Value);
        w.WriteString("description", share.Description.Value);
        w.WritePropertyName("image");
        JsonSerializer.Serialize(w, share.Image.Value, JsonSerializerOptions.Web);
        w.WriteString("card", share.Card.Value == ShareCardType.Summary ? "summary" : "summary_large_image");
        w.WriteString("canonicalUrl", canonical);
        w.WriteString("label", ShareWords.In(content.Language).Invitation);
        w.WriteStartArray("links");
        foreach (var link in ShareNetwork.Links(canonical, share.Title.Value ?? title, content.Language))
        {
            w.WriteStartObject();
            w.WriteString("network", link.Network);
            w.WriteString("label", link.Label);
            w.WriteString("url", link.Url);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }

    /// <summary>What networks get of an article; the management face shows the same, with origins.</summary>
    public EffectiveShare Effective(Publication article)
    {
        var content = article.Content;
        var section = sources.Sections.Find(content.SectionId);
        var path = addresses.Article(content.Language, section?.Slug, article.Slug, article.ArticleId, article.FirstPublishedAt);
        return Effective(content, section, Title(content.Kicker, content.Headline), addresses.Absolute(path));
    }

    private EffectiveShare Effective(ArticleContent content, Section? section, string title, string url)
    {
        var image = content.LeadImage is { } lead ? new ShareImage(lead.Url, lead.Alt, lead.Width, lead.Height) : null;
        return EffectiveShare.Of(
            new ShareSubject(title, content.Standfirst, image, url), (content.Share, ShareOrigin.Article),
            (section?.Share ?? ShareCard.Empty, ShareOrigin.Section), (sources.Site.Share, ShareOrigin.Site));
    }
}
