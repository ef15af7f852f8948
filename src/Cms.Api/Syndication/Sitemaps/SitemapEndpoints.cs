using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Sitemaps;

/// <summary>
/// Sitemaps (sitemaps.org 0.9). Articles are told by the month of their first publication, which never changes: a new article changes the
/// last month alone, and a crawler need not read the others again.
/// </summary>
internal static class SitemapEndpoints
{
    /// <summary>The routing constraint of a shard's name: year, month, part.</summary>
    public const string Shard = @"{shard:regex(^\d{{4}}-(0[1-9]|1[0-2])-[1-9]\d{{0,3}}$)}";

    private const string Reason = "search engines ask without a token", Xml = "application/xml", Utf8Xml = Xml + "; charset=utf-8";

    // Google News: of the last two days, at most so many (developers.google.com, news sitemaps).
    private const int NewsHours = 48, NewsArticles = 1_000;

    public static void MapSitemaps(this RouteGroupBuilder syndication)
    {
        var sitemaps = syndication.MapGroup("/sitemaps").WithTags("Sitemaps");
        sitemaps.MapMethods("/index.xml", Verbs.Read, Index).WithName("getSitemapIndex").WithSummary("The index of sitemaps")
            .Public(Reason).WithQuery().Sends((Xml, null)).ProducesNotModified();
        sitemaps.MapMethods("/sections.xml", Verbs.Read, Sections).WithName("getSectionSitemap").WithSummary("The front page and the sections' pages")
            .Public(Reason).WithQuery().Sends((Xml, null)).ProducesNotModified();
        sitemaps.MapMethods("/news.xml", Verbs.Read, News).WithName("getNewsSitemap").WithSummary("Articles of the last 48 hours, for Google News")
            .Public(Reason).WithQuery().Sends((Xml, null)).ProducesNotModified();
        sitemaps.MapMethods($"/articles-{Shard}.xml", Verbs.Read, Articles).WithName("getArticleSitemap").WithSummary("Articles first published in a month, or a part of them")
            .Public(Reason).WithQuery().Sends((Xml, null)).ProducesNotModified().Refuses(404);
        syndication.MapMethods("/robots.txt", Verbs.Read, Robots).WithTags("Sitemaps").WithName("getRobots").WithSummary("What crawlers may read, and where the sitemaps are")
            .Public(Reason).WithQuery().Sends(("text/plain", null)).ProducesNotModified();
    }

    private static async Task Index(HttpContext context, SyndicationSource source, SitemapStore store, CancellationToken ct)
    {
        var (site, months) = (await source.Site(ct), await store.Months(ct));
        await DeliveryAnswers.SendPlain(context, SitemapXml.Index(site.BaseUrl, months), Utf8Xml, DeliveryKey.Listing(Guid.Empty), DeliveryKey.Site);
    }

    private static async Task Sections(HttpContext context, SyndicationSource source, SitemapStore store, CancellationToken ct)
    {
        var (site, sections) = (await source.Site(ct), await source.Sections(ct));
        var changes = await store.LatestChange([Guid.Empty, .. sections.Select(s => s.Id)], ct);
        await DeliveryAnswers.SendPlain(context, SitemapXml.Sections(site, sections, changes), Utf8Xml, DeliveryKey.Listing(Guid.Empty), DeliveryKey.Sections, DeliveryKey.Site);
    }

    private static async Task News(HttpContext context, SyndicationSource source, DeliveryStore store, TimeProvider time, CancellationToken ct)
    {
        var site = await source.Site(ct);
        var (_, rows) = await store.List(new(null, [ListQuestion.AllLanguages], ListOrder.Newest, time.Now().AddHours(-NewsHours), null, null, NewsArticles), ct);
        // Articles leave it by the passing of time, which purges nothing.
        await DeliveryAnswers.SendBriefly(context, SitemapXml.News(site, rows), Utf8Xml, tdm: null, DeliveryKey.Listing(Guid.Empty), DeliveryKey.Site);
    }

    private static async Task Articles(string shard, HttpContext context, SitemapStore store, CancellationToken ct)
    {
        var (month, part) = (await MonthOf(shard, store, ct), int.Parse(shard[8..], System.Globalization.CultureInfo.InvariantCulture));
        if (month is null || part > SitemapXml.Parts(month))
        {
            await DeliveryAnswers.SendNotFound(context, "There is no such sitemap. The index has those that there are.", DeliveryKey.Listing(Guid.Empty));
            return;
        }

        DeliveryAnswers.Caching(context, DeliveryKey.Listing(Guid.Empty));
        // Weak: the tag names the month's version, and not the bytes, which nobody has seen before they are sent.
        var etag = $"{shard}-{month.Version:x}";
        context.Response.Headers.ETag = $"W/\"{etag}\"";
        if (ETag.IsHeldBy(context.Request.Headers.IfNoneMatch, etag)) context.Response.StatusCode = StatusCodes.Status304NotModified;
        else await SitemapStream.Send(context, month, part, store, Utf8Xml, ct);
    }

    private static async Task<SitemapMonth?> MonthOf(string shard, SitemapStore store, CancellationToken ct) =>
        DateOnly.TryParseExact(shard[..7] + "-01", "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, default, out var month) && month.Year is > 1 and < 9999
            ? await store.OfMonth(month, ct)
            : null;

    // The same to whoever asks, by whichever name: the frontend's host hands it on as its own. Crawlers that run scripts need delivery.
    private static async Task Robots(HttpContext context, SyndicationSource source, CancellationToken ct)
    {
        var site = await source.Site(ct);
        var extra = site.Document.Syndication.Robots is { } lines ? lines.Trim() + "\n" : "";
        var text = $"User-agent: *\nDisallow: /management/\nDisallow: /docs/\n{extra}\nSitemap: {site.BaseUrl}/sitemaps/index.xml\nSitemap: {site.BaseUrl}/sitemaps/news.xml\n";
        await DeliveryAnswers.SendPlain(context, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", DeliveryKey.Site);
    }
}
