using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Delivery.Articles;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Search;

namespace Cms.Api.Delivery.Search;

/// <summary>Finds published articles by their words.</summary>
internal static class SearchEndpoints
{
    private const int QueryMaxLength = 200;

    private static readonly TextParameter Q = new(
        "q", "Words; `\"a phrase\"`; `-without`; `this OR that`. The last word is a beginning too, unless a space or a quote follows it.", QueryMaxLength)
    { Required = true };
    private static readonly InstantParameter From = new("from", "First published at or after this time."), To = new("to", "First published before this time.");
    private static readonly WordsParameter Sort = new(
        "sort", "`newest` (default) by first publication; `relevance`, mixed with freshness, of the newest 500.", ["newest", "relevance"], Several: false);

    public static void MapDeliverySearch(this RouteGroupBuilder delivery)
    {
        delivery.MapMethods("/search", Verbs.Read, Search).WithTags("Search").WithName("searchPublishedArticles").WithSummary("Search published articles, newest first")
            .Public(ArticleEndpoints.Reason)
            .WithPages(Q, ArticleEndpoints.Section, ArticleEndpoints.Tag, ArticleEndpoints.Author, ArticleEndpoints.Language, From, To, Sort, ArticleParts.SummaryFields)
            .Produces<DeliverySearchPage>().ProducesNotModified();
    }

    private static async Task Search(Query query, HttpContext context, CancellationToken ct)
    {
        var filters = new[] { ("section", query.Text(ArticleEndpoints.Section)), ("tag", query.Text(ArticleEndpoints.Tag)), ("author", query.Text(ArticleEndpoints.Author)) }
            .Where(f => f.Item2 is not null).ToList();
        if (Faults(query, filters.Count).ToList() is { Count: > 0 } faults) await Problems.Send(context, Problems.BadParameters(faults));
        else await SearchPlace.Within(context, () => Answer(query, filters, context, ct));
    }

    private static IEnumerable<FieldError> Faults(Query query, int filters)
    {
        if (query.Text(Q) is null) yield return new("q", "required", "Give what to search for.");
        if (filters > 1) yield return new("section", "either", "Give at most one of section, tag and author.");
        if (query.After is { } position && IsRanked(query) && Ranked(position) is null) yield return new("cursor", "cursor", "Give a cursor that this search gave, unchanged.");
    }

    private static bool IsRanked(Query query) => query.Text(Sort) == "relevance";

    private static async Task Answer(Query query, List<(string Kind, string? Slug)> filters, HttpContext context, CancellationToken ct)
    {
        var services = context.RequestServices;
        var target = filters is [var (kind, slug)] ? await services.GetRequiredService<DeliveryStore>().Target(kind, slug ?? "", ct) : null;
        var (q, corrected) = (query.Text(Q) ?? "", (string?)null);
        var (found, question) = (SearchFindings.None, Question(query, q, target, services.GetRequiredService<TimeProvider>().Now()));
        // A tag that no published article has is unknown to readers: nothing is found.
        if (filters.Count == 0 || target is not null)
        {
            var store = services.GetRequiredService<SearchStore>();
            found = await store.Find(question, ct);
            if (found.Total == 0 && await services.GetRequiredService<Spelling>().Correct(q, question.Text, ct) is { } meant)
            {
                var instead = question with { Text = SearchText.Of(meant) };
                if (await store.Find(instead, ct) is { Total: > 0 } better) (found, question, corrected) = (better, instead, meant);
            }
        }

        var hits = await services.GetRequiredService<SearchPage>().Show(found.Hits, question.Text, ct);
        var next = found.Next is { } last ? Cursor.Write(query.Fingerprint, PositionOf(last, question)) : null;
        if (next is not null) context.Response.Headers.Link = Answers.Next(context.Request, next);
        await DeliveryAnswers.SendBriefly(context, Join(hits, query.Values(ArticleParts.SummaryFields), found, corrected, next), DeliveryAnswers.Json, tdm: null);
    }

    private static SearchQuestion Question(Query query, string q, Guid? target, DateTimeOffset now)
    {
        var order = IsRanked(query) ? SearchOrder.Relevance : SearchOrder.Newest;
        var after = query.After is not { } position ? null : IsRanked(query) ? Ranked(position) : new SearchHit(position.Time, position.Id);
        // A ranked hit has the same score on every page, for it is as of the first page's time.
        var asOf = IsRanked(query) && query.After is { } begun ? begun.Time : now;
        return new(SearchText.Of(q), query.Values(ArticleEndpoints.Language), target, query.Instant(From), query.Instant(To), order, asOf, after, query.Limit);
    }

    private static SearchHit? Ranked(Position position) =>
        position.Text.Split(' ') is [var score, var ticks] && double.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out var rank)
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new(new(at, TimeSpan.Zero), position.Id, rank)
            : null;

    private static Position PositionOf(SearchHit hit, SearchQuestion question) => question.Order == SearchOrder.Newest
        ? new(hit.At, hit.Id)
        : new(question.AsOf, hit.Id, string.Create(CultureInfo.InvariantCulture, $"{hit.Score:R} {hit.At.UtcTicks}"));

    // The summaries are JSON already; a hit is one of them with a member more.
    private static byte[] Join(List<ShownHit> hits, string[] fields, SearchFindings found, string? corrected, string? next)
    {
        var wanted = fields.ToHashSet(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var hit in hits) writer.WriteRawValue(With(wanted.Count == 0 ? hit.Json : Projection.Of(hit.Json, wanted), hit), skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteNumber("total", found.Total);
            writer.WriteBoolean("totalIsMore", found.TotalIsMore);
            writer.WriteString("correctedQuery", corrected);
            writer.WriteString("next", next);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] With(byte[] summary, ShownHit hit)
    {
        var buffer = new ArrayBufferWriter<byte>(summary.Length + 512);
        buffer.Write(summary.AsSpan(0, summary.Length - 1));
        buffer.Write(",\"highlights\":"u8);
        using (var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json))
        {
            writer.WriteStartObject();
            writer.WriteString("headline", hit.Headline);
            writer.WriteString("standfirst", hit.Standfirst);
            writer.WriteEndObject();
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
