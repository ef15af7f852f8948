using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery.Sections;

/// <summary>Sections as readers get them: documents made when a section changed.</summary>
internal static class SectionEndpoints
{
    private const string Reason = "published content is for everybody";

    public static void MapDeliverySections(this RouteGroupBuilder delivery)
    {
        var sections = delivery.MapGroup("/sections").WithTags("Sections");
        sections.MapMethods("/", Verbs.Read, Tree).WithName("listPublishedSections").WithSummary("The tree of sections")
            .Public(Reason).Cached().WithQuery().Produces<SiteDocuments.SectionsDocument>().ProducesNotModified();
        sections.MapMethods("/{slug}", Verbs.Read, Get).WithName("getPublishedSection").WithSummary("Read a section")
            .Public(Reason).Cached().WithQuery().Produces<SiteDocuments.SectionDocument>().ProducesNotModified().Moves().Refuses(404);
    }

    private static Task Tree(HttpContext context, DeliveryStore store, CancellationToken ct) => Documents.Send(SiteDocuments.SectionsKey, DeliveryKey.Sections, context, store, ct);

    private static async Task Get(string slug, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var key = DeliveryKey.Address("section", slug);
        if (await Documents.TrySend(SiteDocuments.SectionPrefix + slug, key, context, store, ct)) return;

        if (Slug.TryParse(slug, out _) && await store.SectionMoved(slug, ct) is { Slug: { } present })
            await DeliveryAnswers.SendMoved(context, $"/delivery/v1/sections/{Uri.EscapeDataString(present)}", key);
        else await DeliveryAnswers.SendNotFound(context, "There is no section with this slug.", key);
    }
}
