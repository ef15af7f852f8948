using Cms.Api.Access;
using Cms.Api.Delivery.Articles;
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
            .Public(Reason).Cached().WithQuery(SectionPage.Include, ArticleParts.SummaryFields).Produces<DeliverySection>().ProducesNotModified().Moves().Refuses(404);
    }

    private static Task Tree(HttpContext context, DeliveryStore store, CancellationToken ct) => Documents.Send(SiteDocuments.SectionsKey, DeliveryKey.Sections, context, store, ct);

    private static async Task Get(string slug, Query query, HttpContext context, DeliveryStore store, ListStore lists, CancellationToken ct)
    {
        if (query.Text(SectionPage.Include) is not null) await GetPage(slug, query, context, store, lists, ct);
        else if (query.Text(ArticleParts.SummaryFields) is not null)
            await Problems.Send(context, Problems.BadParameters([new("fields", "include", "They are members of articles: include some, or leave it out.")]));
        else if (!await Documents.TrySend(SiteDocuments.SectionPrefix + slug, Key(slug), context, store, ct)) await Elsewhere(slug, context, store, ct);
    }

    private static async Task GetPage(string slug, Query query, HttpContext context, DeliveryStore store, ListStore lists, CancellationToken ct)
    {
        if (await store.Document(SiteDocuments.SectionPrefix + slug, Coding.Plain, ct) is { } section) await SectionPage.Send(slug, section.Body, query, context, store, lists, ct);
        else await Elsewhere(slug, context, store, ct);
    }

    private static string Key(string slug) => DeliveryKey.Address("section", slug);

    private static async Task Elsewhere(string slug, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        if (Slug.TryParse(slug, out _) && await store.SectionMoved(slug, ct) is { Slug: { } present })
            await DeliveryAnswers.SendMoved(context, $"/delivery/v1/sections/{Uri.EscapeDataString(present)}{context.Request.QueryString}", Key(slug));
        else await DeliveryAnswers.SendNotFound(context, "There is no section with this slug.", Key(slug));
    }
}
