using System.Buffers;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Delivery.Articles;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Slugs;

namespace Cms.Api.Delivery.Lists;

/// <summary>Lists as readers get them: what editors pinned and published, then what follows by itself.</summary>
internal static class ListEndpoints
{
    private const string Reason = "published content is for everybody";

    public static void MapDeliveryLists(this RouteGroupBuilder delivery)
    {
        var lists = delivery.MapGroup("/lists").WithTags("Lists");
        lists.MapMethods("/", Verbs.Read, List).WithName("listPublishedLists").WithSummary("List lists, by slug")
            .Public(Reason).Cached(readsClock: true).WithPages().Produces<Page<DeliveryListName>>().ProducesNotModified();
        lists.MapMethods("/{slug}", Verbs.Read, Get).WithName("getPublishedList").WithSummary("Read a list with its articles")
            .Public(Reason).Cached(readsClock: true).WithQuery(ArticleParts.SummaryFields).Produces<DeliveryArticleList>().ProducesNotModified().Moves().Refuses(404);
    }

    private static async Task List(Query query, HttpContext context, ListStore store, CancellationToken ct)
    {
        var rows = await store.Names(query.After?.Text ?? "", query.Limit + 1, ct);
        var next = rows.Count > query.Limit ? Cursor.Write(query.Fingerprint, Position.Of(DateTimeOffset.MinValue, rows[query.Limit - 1].Slug)) : null;
        if (next is not null) context.Response.Headers.Link = Answers.Next(context.Request, next);
        await DeliveryAnswers.SendPlain(context, Write(writer => WriteNames(writer, rows.Take(query.Limit), next)), DeliveryAnswers.Json, DeliveryKey.Names(SlugRegistry.Lists));
    }

    private static async Task Get(string slug, Query query, HttpContext context, ListStore store, CancellationToken ct)
    {
        var key = DeliveryKey.Address(SlugRegistry.Lists, slug);
        var isSlug = Slug.TryParse(slug, out _);
        if (isSlug && await store.List(slug, ct) is { } list)
        {
            if (query.Text(ArticleParts.SummaryFields) is not null) DeliveryCaching.IsRare(context);
            string[] keys = list.Tail is { } tail ? [key, DeliveryKey.Listing(tail)] : [key];
            await DeliveryAnswers.SendPlain(context, Write(writer => Summaries.Write(writer, list, query.Values(ArticleParts.SummaryFields))), DeliveryAnswers.Json, keys);
            return;
        }

        if (isSlug && await store.Moved(slug, ct) is { } present)
            await DeliveryAnswers.SendMoved(context, $"/delivery/v1/lists/{Uri.EscapeDataString(present)}{context.Request.QueryString}", key);
        else await DeliveryAnswers.SendNotFound(context, "There is no list with this slug.", key);
    }

    private static void WriteNames(Utf8JsonWriter writer, IEnumerable<ListName> names, string? next)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        foreach (var name in names)
        {
            writer.WriteStartObject();
            Summaries.WriteName(writer, name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("next", next);
        writer.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
