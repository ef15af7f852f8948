using System.Text.Json;
using Cms.Domain;
using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Delivery;

/// <summary>The documents of delivery that are not articles: the tree of sections, each section, the site. They are few, and made anew together.</summary>
internal sealed class SiteDocuments(CmsDbContext db, DeliveryWriter delivery, TimeProvider time)
{
    public const string SectionsKey = "sections", SiteKey = "site", SectionPrefix = "section:";

    // The same encoder as an article's bytes.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = ArticleRenderer.Json.Encoder };

    /// <summary>A section's answer.</summary>
    public sealed record SectionDocument(
        Guid Id, string Slug, string Path, string Url, string Name, string? Description, string Language, SectionName? Parent,
        IReadOnlyList<SectionDocument>? Children, DocumentShare? Share);

    /// <summary>A section as others name it.</summary>
    public sealed record SectionName(Guid Id, string Slug, string Name, string Path);

    /// <summary>What networks get of a page.</summary>
    public sealed record DocumentShare(string? Title, string? Description, ShareImage? Image, ShareCardType? Card, string? CanonicalUrl);

    /// <summary>The tree.</summary>
    public sealed record SectionsDocument(IReadOnlyList<SectionDocument> Items);

    /// <summary>The site's answer.</summary>
    public sealed record SiteDocument(
        string Name, string BaseUrl, string Language, string TimeZone, Publisher Publisher, string KickerSeparator, SitePaths Paths, DocumentShare Share);

    public async Task Render(CancellationToken ct)
    {
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var tree = new SectionTree(await db.Sections.AsNoTracking().OrderBy(s => s.Id).Take(Section.MaxCount).ToListAsync(ct));
        var addresses = new SiteAddresses(site);
        var now = time.Now();

        await Write(SectionsKey, new SectionsDocument([.. tree.Roots.Select(s => Branch(s, tree, addresses))]), now, ct);
        await Write(SiteKey, Of(site), now, ct);
        var keys = new List<string>();
        foreach (var section in tree.Roots.SelectMany(r => Under(r, tree)))
        {
            var key = SectionPrefix + section.Slug.Value;
            keys.Add(key);
            await Write(key, Whole(section, tree, addresses, site), now, ct);
            await delivery.Address("section", section.Slug.Value, section.Id, publish: true, ct);
        }

        await delivery.KeepDocuments(SectionPrefix, [.. keys], ct);
    }

    private Task Write<T>(string key, T document, DateTimeOffset now, CancellationToken ct) =>
        delivery.Document(key, JsonSerializer.SerializeToUtf8Bytes(document, Json), now, ct);

    private static IEnumerable<Section> Under(Section section, SectionTree tree) =>
        tree.ChildrenOf(section.Id).SelectMany(c => Under(c, tree)).Prepend(section);

    private static SectionDocument Branch(Section section, SectionTree tree, SiteAddresses addresses)
    {
        var path = addresses.Section(section.Language, section.Slug, section.Id);
        return new(section.Id, section.Slug.Value, path, addresses.Absolute(path), section.Name, section.Description, section.Language, null,
            [.. tree.ChildrenOf(section.Id).Select(c => Branch(c, tree, addresses))], null);
    }

    private static SectionDocument Whole(Section section, SectionTree tree, SiteAddresses addresses, SiteSettings site)
    {
        var branch = Branch(section, tree, addresses);
        var parent = tree.Find(section.ParentId);
        return branch with
        {
            Parent = parent is null ? null : new(parent.Id, parent.Slug.Value, parent.Name, addresses.Section(parent.Language, parent.Slug, parent.Id)),
            Share = Of(EffectiveShare.Of(section, site)),
        };
    }

    private static SiteDocument Of(SiteSettings site) => new(
        site.Name, site.BaseUrl, site.Language, site.TimeZone, site.Publisher, site.KickerSeparator, site.Paths, Of(EffectiveShare.Of(site)));

    private static DocumentShare Of(EffectiveShare share) =>
        new(share.Title.Value, share.Description.Value, share.Image.Value, share.Card.Value, share.CanonicalUrl.Value);
}
