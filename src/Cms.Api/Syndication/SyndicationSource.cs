using System.Text.Json;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication;

/// <summary>The site as readers know it, and where they reach this face.</summary>
/// <param name="Document">Name, addresses, settings.</param>
/// <param name="BaseUrl">What feeds and sitemaps stand behind: the site's own host when it hands them on, else the service's own.</param>
/// <param name="ChangedAt">When the site's settings last changed.</param>
internal sealed record SyndicatedSite(SiteDocuments.SiteDocument Document, string BaseUrl, DateTimeOffset ChangedAt);

/// <summary>What a feed says of an author or a tag.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">As readers know it.</param>
/// <param name="Url">Its page on the newsroom's own site.</param>
internal sealed record SyndicatedName(Guid Id, string Name, string Url);

/// <summary>Reads the documents of delivery that this face's answers are made of.</summary>
internal sealed class SyndicationSource(DeliveryStore store, NameStore names, OwnAddress own)
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

    /// <summary>An author or a tag as readers know it; null when no published article shows it.</summary>
    public async Task<SyndicatedName?> Name(string kind, string slug, CancellationToken ct) =>
        Slug.TryParse(slug, out _) && await names.Name(kind, slug, ct) is { } json ? JsonSerializer.Deserialize<SyndicatedName>(json, JsonSerializerOptions.Web) : null;

    /// <inheritdoc cref="NameStore.Moved" />
    public async Task<string?> NameMoved(string kind, string slug, CancellationToken ct) => Slug.TryParse(slug, out _) ? await names.Moved(kind, slug, ct) : null;

    /// <summary>All sections, each before those below it.</summary>
    public async Task<IReadOnlyList<SiteDocuments.SectionBranchDocument>> Sections(CancellationToken ct) =>
        await store.Document(SiteDocuments.SectionsKey, Coding.Plain, ct) is { } stored ? [.. Read<SiteDocuments.SectionsDocument>(stored).Items.SelectMany(Within)] : [];

    private static IEnumerable<SiteDocuments.SectionBranchDocument> Within(SiteDocuments.SectionBranchDocument section) => section.Children.SelectMany(Within).Prepend(section);

    private static T Read<T>(Stored stored) =>
        JsonSerializer.Deserialize<T>(stored.Body, JsonSerializerOptions.Web) ?? throw new InvalidDataException($"A document of {typeof(T).Name} holds null.");
}
