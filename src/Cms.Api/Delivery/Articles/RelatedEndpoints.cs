using System.Buffers;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Delivery.Search;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Search;

namespace Cms.Api.Delivery.Articles;

/// <summary>Articles beside another: the editor's choice, then the nearest. Any publication may change them, so caches hold them for half a minute.</summary>
internal static class RelatedEndpoints
{
    private static readonly NumberParameter Limit = new("limit", "Articles, at most.", 1, RelatedStore.MaxLimit, RelatedStore.DefaultLimit);

    public static void MapDeliveryRelated(this RouteGroupBuilder delivery) =>
        delivery.MapMethods("/articles/{slug}/related", Verbs.Read, Related).WithTags("Articles").WithName("listRelatedArticles").WithSummary("List articles near to an article, nearest first")
            .Public(ArticleEndpoints.Reason).WithQuery(Limit, ArticleParts.SummaryFields).Produces<DeliveryRelatedArticles>().ProducesNotModified().Moves().Refuses(404, 410);

    private static Task Related(string slug, Query query, HttpContext context, DeliveryStore store, RelatedStore related, CancellationToken ct) => SearchPlace.Within(context, async () =>
    {
        if (await related.Beside(slug, Limit.Read(query.Text(Limit)), ct) is { } beside)
            await DeliveryAnswers.SendBriefly(context, [.. "{\"items\":"u8, .. Join(beside, query.Values(ArticleParts.SummaryFields)), .. "}"u8], DeliveryAnswers.Json, tdm: null);
        else await ArticleEndpoints.Elsewhere(slug, "/related", context, store, ct);
    });

    /// <summary>The article with those beside it.</summary>
    public static Task Beside(string slug, Query query, HttpContext context, DeliveryStore store, CancellationToken ct) => SearchPlace.Within(context, async () =>
    {
        var (related, texts) = (context.RequestServices.GetRequiredService<RelatedStore>(), context.RequestServices.GetRequiredService<TextStore>());
        var whole = ArticleParts.HasText(query) ? await texts.Page(slug, ct) : null;
        if ((whole is null ? await store.Page(slug, Coding.Plain, ct) : new("", null, whole.Page) { Tdm = whole.Tdm }) is { Body: var page, Tdm: var tdm })
        {
            var parts = Projection.Of(page, ArticleParts.Of(query));
            // One that was withdrawn between the two has nothing beside it.
            var (article, beside) = (whole is { Text: var text } ? Projection.With(parts, "text"u8, text) : parts, await related.Beside(slug, RelatedStore.DefaultLimit, ct) ?? []);
            await DeliveryAnswers.SendBriefly(context, [.. article[..^1], .. ",\"relatedArticles\":"u8, .. Join(beside, []), .. "}"u8], DeliveryAnswers.Json, tdm, ArticleEndpoints.Key(slug));
        }
        else await ArticleEndpoints.Elsewhere(slug, "", context, store, ct);
    });

    private static byte[] Join(List<byte[]> summaries, string[] fields)
    {
        var wanted = fields.ToHashSet(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(8 * 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var json in summaries) writer.WriteRawValue(wanted.Count == 0 ? json : Projection.Of(json, wanted), skipInputValidation: true);
            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
