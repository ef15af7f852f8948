using System.Buffers;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery.Articles;

/// <summary>Articles as readers get them: bytes that were made at publication.</summary>
internal static class ArticleEndpoints
{
    /// <summary>The operation that <see cref="ColdShortCut"/> answers too.</summary>
    public const string ReadName = "getPublishedArticle";

    internal const string Reason = "published content is for everybody";

    /// <summary>The operation that lists them, which other answers go on with.</summary>
    public const string ListName = "listPublishedArticles";

    internal static readonly SlugParameter Section = new("section", "By slug, with the sections below it.");
    internal static readonly SlugParameter Tag = new("tag", "By slug.");
    internal static readonly SlugParameter Author = new("author", "By slug.");
    internal static readonly LanguagesParameter Language = new("language", "BCP 47; any of several.");
    private static readonly InstantParameter From = new("from", "First published at or after this time; not with `sort=updated`.");
    private static readonly InstantParameter To = new("to", "First published before this time; not with `sort=updated`.");
    private static readonly WordsParameter Sort = new(
        "sort", "`newest` (default) and `oldest` by first publication, `updated` by the latest publication first.", ["newest", "oldest", "updated"], Several: false);

    public static void MapDeliveryArticles(this RouteGroupBuilder delivery)
    {
        var articles = delivery.MapGroup("/articles").WithTags("Articles");
        articles.MapMethods("/", Verbs.Read, List).WithName(ListName).WithSummary("List published articles, newest first")
            .Public(Reason).Cached().WithPages(Section, Tag, Author, Language, From, To, Sort, ArticleParts.SummaryFields).Produces<DeliveryPage>().ProducesNotModified();
        articles.MapMethods("/{slug}", Verbs.Read, Get).WithName(ReadName).WithSummary("Read a published article")
            .Public(Reason).Cached().WithQuery(ArticleParts.Fields, ArticleParts.Include, ArticleParts.Render).Produces<DeliveryArticle>().TellsReuse().ProducesNotModified().Moves().Refuses(404, 410);
        articles.MapMethods("/{slug}/head", Verbs.Read, Head).WithName("getPublishedArticleHead").WithSummary("Everything for the head of an article's page")
            .Public(Reason).Cached().WithQuery().Produces<DeliveryHead>().TellsReuse().ProducesNotModified().Moves().Refuses(404, 410);
    }

    private static async Task Get(string slug, Query query, HttpContext context, DeliveryStore store, TextStore texts, CancellationToken ct)
    {
        if (ArticleParts.WithRelated(query))
        {
            await RelatedEndpoints.Beside(slug, query, context, store, ct);
            return;
        }

        var isPlain = ArticleParts.IsPlain(query);
        if (isPlain || ArticleParts.IsPage(query))
        {
            var coding = AcceptedCoding.Of(context.Request);
            if (await (isPlain ? store.Article(slug, coding, ct) : store.Page(slug, coding, ct)) is { } stored) await DeliveryAnswers.Send(context, stored, coding, Key(slug));
            else await Elsewhere(slug, "", context, store, ct);
        }
        else if (ArticleParts.HasText(query))
        {
            DeliveryCaching.IsRare(context);
            await store.ReadClock(ct);
            if (await texts.Page(slug, ct) is var (whole, text, tdm))
                await DeliveryAnswers.SendPlain(context, Projection.With(Projection.Of(whole, ArticleParts.Of(query)), "text"u8, text), DeliveryAnswers.Json, tdm, Key(slug));
            else await Elsewhere(slug, "", context, store, ct);
        }
        else if (await store.Page(slug, Coding.Plain, ct) is { } page)
        {
            DeliveryCaching.IsRare(context);
            await DeliveryAnswers.SendPlain(context, Projection.Of(page.Body, ArticleParts.Of(query)), DeliveryAnswers.Json, page.Tdm, Key(slug));
        }
        else await Elsewhere(slug, "", context, store, ct);
    }

    internal static string Key(string slug) => DeliveryKey.Address("article", slug);

    private static async Task Head(string slug, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var coding = AcceptedCoding.Of(context.Request);
        if (await store.Head(slug, coding, ct) is { } head) await DeliveryAnswers.Send(context, head, coding, Key(slug));
        else await Elsewhere(slug, "/head", context, store, ct);
    }

    internal static async Task Elsewhere(string slug, string below, HttpContext context, DeliveryStore store, CancellationToken ct) =>
        await DeliveryAnswers.Keep(context, await Elsewhere(slug, below + context.Request.QueryString, store, ct));

    /// <summary>What there is to say of an address that no article has.</summary>
    /// <param name="slug">As it was asked.</param>
    /// <param name="behind">What stood behind it in the address.</param>
    /// <param name="store">Read already: it knows no such article.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<DeliveryAnswer> Elsewhere(string slug, string behind, DeliveryStore store, CancellationToken ct) =>
        (Slug.TryParse(slug, out _) ? await store.ArticleMoved(slug, ct) : null) switch
        {
            { Slug: { } present } when present != slug => DeliveryAnswers.Moved($"/delivery/v1/articles/{Uri.EscapeDataString(present)}{behind}", Key(slug)),
            { Slug: null } => DeliveryAnswers.Gone("This article was withdrawn.", Key(slug)),
            // Never there, or published between the two readings: the clock lets go of this.
            _ => DeliveryAnswers.NotFound("There is no article with this slug.", Key(slug)),
        };

    private static async Task List(Query query, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var filters = new[] { ("section", query.Text(Section)), ("tag", query.Text(Tag)), ("author", query.Text(Author)) }.Where(f => f.Item2 is not null).ToList();
        if (Faults(query, filters.Count).ToList() is { Count: > 0 } faults)
        {
            await Problems.Send(context, Problems.BadParameters(faults));
            return;
        }

        (string Kind, string Slug)? filter = filters is [var (kind, slug)] ? (kind, slug ?? "") : null;
        var languages = query.Values(Language) is { Length: > 0 } given ? given : [ListQuestion.AllLanguages];
        // A tag that no published article has is unknown to readers, whether or not a draft has it: an empty list.
        var (target, rows) = await store.List(new(
            filter, languages, OrderOf(query), query.Instant(From), query.Instant(To), query.After is { } after ? (after.Time, after.Id) : null, query.Limit + 1), ct);
        var next = rows.Count > query.Limit ? Cursor.Write(query.Fingerprint, new(rows[query.Limit - 1].At, rows[query.Limit - 1].Id)) : null;
        if (next is not null) context.Response.Headers.Link = Answers.Next(context.Request, next);
        if (query.Text(ArticleParts.SummaryFields) is not null) DeliveryCaching.IsRare(context);
        string[] keys = [.. filter is null ? [] : new[] { DeliveryKey.Address(filter.Value.Kind, filter.Value.Slug) }, .. target is null ? [] : new[] { DeliveryKey.Listing(target.Value) }];
        await DeliveryAnswers.SendPlain(context, Join(rows.Take(query.Limit), query.Values(ArticleParts.SummaryFields), next), DeliveryAnswers.Json, keys);
    }

    // What no one range of an index answers.
    private static IEnumerable<FieldError> Faults(Query query, int filters)
    {
        if (filters > 1) yield return new("section", "either", "Give at most one of section, tag and author.");
        if (OrderOf(query) != ListOrder.Updated) yield break;
        foreach (var bound in new[] { From, To })
            if (query.Text(bound) is not null) yield return new(bound.Name, "sort", "It bounds the first publication: sort by newest or oldest, or leave it out.");
    }

    private static ListOrder OrderOf(Query query) => query.Text(Sort) switch
    {
        "oldest" => ListOrder.Oldest,
        "updated" => ListOrder.Updated,
        _ => ListOrder.Newest,
    };

    // The summaries are JSON already; a page is nothing but them and commas.
    private static byte[] Join(IEnumerable<ListRow> rows, string[] fields, string? next)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Summaries.Write(writer, rows.Select(r => r.Json), fields);
            writer.WriteString("next", next);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
