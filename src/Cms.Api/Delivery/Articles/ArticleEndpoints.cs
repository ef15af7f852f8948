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
    private const string Reason = "published content is for everybody";

    private static readonly SlugParameter Section = new("section", "By slug, with the sections below it.");
    private static readonly SlugParameter Tag = new("tag", "By slug.");
    private static readonly SlugParameter Author = new("author", "By slug.");
    private static readonly LanguageParameter Language = new("language", "BCP 47.");
    private static readonly WordsParameter Sort = new("sort", "By first publication: `newest` (default) or `oldest`.", ["newest", "oldest"], Several: false);

    public static void MapDeliveryArticles(this RouteGroupBuilder delivery)
    {
        var articles = delivery.MapGroup("/articles").WithTags("Articles");
        articles.MapMethods("/", Verbs.Read, List).WithName("listPublishedArticles").WithSummary("List published articles, newest first")
            .Public(Reason).WithPages(Section, Tag, Author, Language, Sort).Produces<DeliveryPage>().ProducesNotModified();
        articles.MapMethods("/{slug}", Verbs.Read, Get).WithName("getPublishedArticle").WithSummary("Read a published article")
            .Public(Reason).WithQuery(ArticleParts.Fields, ArticleParts.Include, ArticleParts.Render).Produces<DeliveryArticle>().ProducesNotModified().Moves().Refuses(404, 410);
        articles.MapMethods("/{slug}/head", Verbs.Read, Head).WithName("getPublishedArticleHead").WithSummary("Everything for the head of an article's page")
            .Public(Reason).WithQuery().Produces<DeliveryHead>().ProducesNotModified().Moves().Refuses(404, 410);
    }

    private static async Task Get(string slug, Query query, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var isPlain = ArticleParts.IsPlain(query);
        if (isPlain || ArticleParts.IsPage(query))
        {
            var coding = DeliveryAnswers.CodingFor(context.Request);
            if (await (isPlain ? store.Article(slug, coding, ct) : store.Page(slug, coding, ct)) is { } stored) await DeliveryAnswers.Send(context, stored, coding);
            else await Elsewhere(slug, "", context, store, ct);
        }
        else if (await store.Page(slug, Coding.Plain, ct) is { } page) await DeliveryAnswers.SendPlain(context, Projection.Of(page.Body, ArticleParts.Of(query)));
        else await Elsewhere(slug, "", context, store, ct);
    }

    private static async Task Head(string slug, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var coding = DeliveryAnswers.CodingFor(context.Request);
        if (await store.Head(slug, coding, ct) is { } head) await DeliveryAnswers.Send(context, head, coding);
        else await Elsewhere(slug, "/head", context, store, ct);
    }

    private static async Task Elsewhere(string slug, string below, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        DeliveryAnswers.Caching(context);
        switch (Slug.TryParse(slug, out _) ? await store.ArticleMoved(slug, ct) : null)
        {
            case { Slug: { } present }:
                context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
                context.Response.Headers.Location = $"/delivery/v1/articles/{Uri.EscapeDataString(present)}{below}{context.Request.QueryString}";
                break;
            case { Slug: null }:
                await Problems.Send(context, Problems.Of("gone", "This article was withdrawn."));
                break;
            default:
                await Problems.Send(context, Problems.Of("not-found", "There is no article with this slug."));
                break;
        }
    }

    private static async Task List(Query query, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        if (FilterOf(query) is not { } filter)
        {
            await Problems.Send(context, Problems.BadParameters([new("section", "either", "Give at most one of section, tag and author.")]));
            return;
        }

        var target = filter.Slug is null ? Guid.Empty : await store.Target(filter.Kind, filter.Slug, ct);
        var question = new ListQuestion(
            target ?? Guid.Empty, query.Text(Language) ?? "", query.Text(Sort) == "oldest",
            query.After is { } after ? (after.Time, after.Id) : null, query.Limit + 1);
        // A tag that no published article has is unknown to readers, whether or not a draft has it: an empty list.
        var rows = target is null ? [] : await store.List(question, ct);
        var next = rows.Count > query.Limit ? Cursor.Write(query.Fingerprint, new(rows[query.Limit - 1].FirstPublishedAt, rows[query.Limit - 1].Id)) : null;
        if (next is not null) context.Response.Headers.Link = Answers.Next(context.Request, next);
        await DeliveryAnswers.SendPlain(context, Join(rows.Take(query.Limit), next));
    }

    private static (string Kind, string? Slug)? FilterOf(Query query)
    {
        var given = new[] { ("section", query.Text(Section)), ("tag", query.Text(Tag)), ("author", query.Text(Author)) }.Where(f => f.Item2 is not null).ToList();
        return given.Count switch { 0 => ("", null), 1 => given[0], _ => null };
    }

    // The summaries are JSON already; a page is nothing but them and commas.
    private static byte[] Join(IEnumerable<ListRow> rows, string? next)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var row in rows) writer.WriteRawValue(row.Json, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteString("next", next);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
