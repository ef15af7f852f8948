using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery.Site;

/// <summary>What a frontend needs to know of the site.</summary>
internal static class SiteEndpoints
{
    public static void MapDeliverySite(this RouteGroupBuilder delivery) =>
        delivery.MapMethods("/site", Verbs.Read, Get).WithTags("Site").WithName("getPublishedSite").WithSummary("Read the site's name, language and addresses")
            .Public("published content is for everybody").Cached().WithQuery().Produces<SiteDocuments.SiteDocument>().ProducesNotModified();

    private static Task Get(HttpContext context, DeliveryStore store, CancellationToken ct) => Documents.Send(SiteDocuments.SiteKey, DeliveryKey.Site, context, store, ct);
}
