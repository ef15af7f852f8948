using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Delivery;

/// <summary>The documents of delivery that are not articles: the tree of sections, each section, the site. They are few, and made anew together.</summary>
internal sealed partial class SiteDocuments(CmsDbContext db, DeliveryWriter delivery)
{
    public const string SectionsKey = DeliveryKey.Sections, SiteKey = DeliveryKey.Site, ReuseKey = "tdmrep", SectionPrefix = "section:";

    /// <summary>The key of what a document shows.</summary>
    public static string Surrogate(string key) => SectionOf(key) is { } slug ? DeliveryKey.Address("section", slug)
        : key == ReuseKey ? DeliveryKey.Reuse : key;

    /// <summary>The slug of the section that a document is of; null where it is of something else.</summary>
    public static string? SectionOf(string key) => key.StartsWith(SectionPrefix, StringComparison.Ordinal) ? key[SectionPrefix.Length..] : null;

    // The same encoder as an article's bytes.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = ArticleRenderer.Json.Encoder };

    /// <summary>A section's answer, but for what a request includes.</summary>
    public sealed record SectionDocument(
        Guid Id, string Slug, string Path, string Url, string Name, string? Description, string Language, SectionName? Parent,
        IReadOnlyList<SectionBranchDocument> Children, DocumentShare Share, ReuseTerms Reuse);

    /// <summary>A section within the tree, with those below it.</summary>
    public sealed record SectionBranchDocument(
        Guid Id, string Slug, string Path, string Url, string Name, string? Description, string Language, IReadOnlyList<SectionBranchDocument> Children);

    /// <summary>A section as others name it.</summary>
    public sealed record SectionName(Guid Id, string Slug, string Name, string Path);

    /// <summary>What networks get of a page.</summary>
    public sealed record DocumentShare(string? Title, string? Description, ShareImage? Image, ShareCardType? Card, string? CanonicalUrl);

    /// <summary>The tree.</summary>
    public sealed record SectionsDocument(IReadOnlyList<SectionBranchDocument> Items);

    /// <summary>The site's answer.</summary>
    public sealed record SiteDocument(
        string Name, string BaseUrl, string Language, string TimeZone, Publisher Publisher, string KickerSeparator, SitePaths Paths, DocumentShare Share,
        SyndicationSettings Syndication, ReuseTerms Reuse);

    public async Task Render(CancellationToken ct)
    {
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var tree = new SectionTree(await db.Sections.AsNoTracking().OrderBy(s => s.Id).Take(Section.MaxCount).ToListAsync(ct));
        var addresses = new SiteAddresses(site);
        var sections = tree.Roots.SelectMany(r => Under(r, tree)).ToList();

        var documents = sections.ToDictionary(s => SectionPrefix + s.Slug.Value, s => Bytes(Whole(s, tree, addresses, site)), StringComparer.Ordinal);
        documents[SectionsKey] = Bytes(new SectionsDocument([.. tree.Roots.Select(s => Branch(s, tree, addresses))]));
        documents[SiteKey] = Bytes(Of(site));
        documents[ReuseKey] = Bytes(TdmRules(site, sections));
        db.DeliveryChanges.Touch(DeliveryKey.Reuse);
        await delivery.Documents(documents, [.. sections.Select(s => (s.Slug.Value, s.Id))], ct);
    }

    /// <summary>A rule of TDMRep's file: what holds below a path.</summary>
    public sealed record TdmRule(
        [property: JsonPropertyName("location")] string Location, [property: JsonPropertyName("tdm-reservation")] int Reservation,
        [property: JsonPropertyName("tdm-policy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Policy);

    // A section's articles have a path of their own where the template begins with the section; elsewhere their pages say it (headers, meta).
    private static List<TdmRule> TdmRules(SiteSettings site, List<Section> sections)
    {
        var rules = new List<TdmRule>();
        if (site.Paths.Article.Contains("{section}", StringComparison.Ordinal))
            rules.AddRange(sections.Where(s => s.Reuse.TdmReservation is not null || s.Reuse.TdmPolicyUrl is not null)
                .SelectMany(s => Rule(Placeholder().Replace(site.Paths.Article.Replace("{section}", Uri.EscapeDataString(s.Slug.Value), StringComparison.Ordinal), "*"), ReuseTerms.Of(s.Reuse, site.Reuse))));
        rules.AddRange(Rule("/", ReuseTerms.Of(site.Reuse)));
        return rules;
    }

    private static IEnumerable<TdmRule> Rule(string location, ReuseTerms terms) =>
        terms.TdmReservation is { } reserved ? [new(location, reserved ? 1 : 0, terms.TdmPolicyUrl)] : [];

    [GeneratedRegex(@"\{[a-z]+\}", RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();

    private static byte[] Bytes<T>(T document) => JsonSerializer.SerializeToUtf8Bytes(document, Json);

    private static IEnumerable<Section> Under(Section section, SectionTree tree) =>
        tree.ChildrenOf(section.Id).SelectMany(c => Under(c, tree)).Prepend(section);

    private static SectionBranchDocument Branch(Section section, SectionTree tree, SiteAddresses addresses)
    {
        var path = addresses.Section(section.Language, section.Slug, section.Id);
        return new(section.Id, section.Slug.Value, path, addresses.Absolute(path), section.Name, section.Description, section.Language,
            [.. tree.ChildrenOf(section.Id).Select(c => Branch(c, tree, addresses))]);
    }

    private static SectionDocument Whole(Section section, SectionTree tree, SiteAddresses addresses, SiteSettings site)
    {
        var branch = Branch(section, tree, addresses);
        var parent = tree.Find(section.ParentId);
        return new(
            branch.Id, branch.Slug, branch.Path, branch.Url, branch.Name, branch.Description, branch.Language,
            parent is null ? null : new(parent.Id, parent.Slug.Value, parent.Name, addresses.Section(parent.Language, parent.Slug, parent.Id)),
            branch.Children, Of(EffectiveShare.Of(section, site)), ReuseTerms.Of(section.Reuse, site.Reuse));
    }

    private static SiteDocument Of(SiteSettings site) => new(
        site.Name, site.BaseUrl, site.Language, site.TimeZone, site.Publisher, site.KickerSeparator, site.Paths, Of(EffectiveShare.Of(site)),
        site.Syndication, ReuseTerms.Of(site.Reuse));

    private static DocumentShare Of(EffectiveShare share) =>
        new(share.Title.Value, share.Description.Value, share.Image.Value, share.Card.Value, share.CanonicalUrl.Value);
}
