using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Slugs;

namespace Cms.Api.Delivery.Authors;

/// <summary>Authors of published articles.</summary>
internal static class AuthorEndpoints
{
    private const string Reason = "published content is for everybody";

    public static void MapDeliveryAuthors(this RouteGroupBuilder delivery)
    {
        var authors = delivery.MapGroup("/authors").WithTags("Authors");
        authors.MapMethods("/", Verbs.Read, List).WithName("listPublishedAuthors").WithSummary("List authors of published articles, by slug")
            .Public(Reason).Cached(readsClock: true).WithPages().Produces<Page<DeliveryNames.AuthorDocument>>().ProducesNotModified();
        authors.MapMethods("/{slug}", Verbs.Read, Get).WithName("getPublishedAuthor").WithSummary("Read an author of published articles")
            .Public(Reason).Cached(readsClock: true).WithQuery().Produces<DeliveryNames.AuthorDocument>().ProducesNotModified().Moves().Refuses(404);
    }

    private static Task List(Query query, HttpContext context, NameStore store, CancellationToken ct) => Names.SendPage(SlugRegistry.Authors, query, context, store, ct);

    private static Task Get(string slug, HttpContext context, NameStore store, CancellationToken ct) => Names.Send(SlugRegistry.Authors, slug, context, store, ct);
}
