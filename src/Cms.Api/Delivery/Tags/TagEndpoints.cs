using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Slugs;

namespace Cms.Api.Delivery.Tags;

/// <summary>Tags of published articles.</summary>
internal static class TagEndpoints
{
    private const string Reason = "published content is for everybody";

    public static void MapDeliveryTags(this RouteGroupBuilder delivery)
    {
        var tags = delivery.MapGroup("/tags").WithTags("Tags");
        tags.MapMethods("/", Verbs.Read, List).WithName("listPublishedTags").WithSummary("List tags of published articles, by slug")
            .Public(Reason).Cached(readsClock: true).WithPages().Produces<Page<DeliveryNames.TagDocument>>().ProducesNotModified();
        tags.MapMethods("/{slug}", Verbs.Read, Get).WithName("getPublishedTag").WithSummary("Read a tag of published articles")
            .Public(Reason).Cached(readsClock: true).WithQuery().Produces<DeliveryNames.TagDocument>().ProducesNotModified().Moves().Refuses(404);
    }

    private static Task List(Query query, HttpContext context, NameStore store, CancellationToken ct) => Names.SendPage(SlugRegistry.Tags, query, context, store, ct);

    private static Task Get(string slug, HttpContext context, NameStore store, CancellationToken ct) => Names.Send(SlugRegistry.Tags, slug, context, store, ct);
}
