using System.Text.Json;
using Cms.Api.Http;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication;

/// <summary>The site as readers know it, and where they reach this face.</summary>
/// <param name="Document">Name, addresses, settings.</param>
/// <param name="BaseUrl">What feeds and sitemaps stand behind: the site's own host when it hands them on, else the service's own.</param>
/// <param name="ChangedAt">When the site's settings last changed.</param>
internal sealed record SyndicatedSite(SiteDocuments.SiteDocument Document, string BaseUrl, DateTimeOffset ChangedAt)
{
    /// <summary>Paths of authors and tags.</summary>
    public SiteAddresses Addresses => new(new SiteSettings(
        Document.Name, Document.BaseUrl, Document.Language, Document.TimeZone, Document.Publisher, Document.KickerSeparator, ShareCard.Empty, 0, default, Document.Paths));
}

/// <summary>Reads the documents of delivery that this face's answers are made of.</summary>
internal sealed class SyndicationSource(DeliveryStore store, OwnAddress own)
{
    public async Task<SyndicatedSite> Site(CancellationToken ct)
    {
        var stored = await store.Document(SiteDocuments.SiteKey, Coding.Plain, ct) ?? throw new InvalidOperationException("The site has no document: migrate renders it.");
        var site = Read<SiteDocuments.SiteDocument>(stored);
        return new(site, site.Syndication.BaseUrl ?? own.Value, stored.ChangedAt ?? DateTimeOffset.UnixEpoch);
    }

    /// <summary>Null when there is no such section now.</summary>
    public async Task<SiteDocuments.SectionDocument?> Section(string slug, CancellationToken ct) =>
        await store.Document(SiteDocuments.SectionPrefix + slug, Coding.Plain, ct) is { } stored ? Read<SiteDocuments.SectionDocument>(stored) : null;

    /// <summary>All sections, each before those below it.</summary>
    public async Task<IReadOnlyList<SiteDocuments.SectionBranchDocument>> Sections(CancellationToken ct) =>
        await store.Document(SiteDocuments.SectionsKey, Coding.Plain, ct) is { } stored ? [.. Read<SiteDocuments.SectionsDocument>(stored).Items.SelectMany(Within)] : [];

    private static IEnumerable<SiteDocuments.SectionBranchDocument> Within(SiteDocuments.SectionBranchDocument section) => section.Children.SelectMany(Within).Prepend(section);

    private static T Read<T>(Stored stored) =>
        JsonSerializer.Deserialize<T>(stored.Body, JsonSerializerOptions.Web) ?? throw new InvalidDataException($"A document of {typeof(T).Name} holds null.");
}
