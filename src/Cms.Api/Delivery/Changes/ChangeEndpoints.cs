using System.Globalization;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery.Changes;

/// <summary>What changed for readers, in the order of commits: for static sites, apps and search indexes that follow the newsroom.</summary>
internal static class ChangeEndpoints
{
    private static readonly TextParameter Since = new(Query.SinceName, "Where to go on: `next` of the answer before; all there is when absent.", Cursor.MaxLength);

    public static void MapDeliveryChanges(this RouteGroupBuilder delivery) =>
        delivery.MapMethods("/changes", Verbs.Read, List).WithTags("Changes").WithName("listChanges").WithSummary("What changed for readers since a cursor")
            .Public("published content is for everybody").Cached().WithQuery(Since, Query.LimitParameter).Produces<DeliveryChangePage>().ProducesNotModified().Refuses(410);

    private static async Task List(Query query, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var after = query.After is { } given ? (long.Parse(given.Text, CultureInfo.InvariantCulture), given.Id) : (-1L, Guid.Empty);
        var (forgotten, rows) = await store.Changes(after.Item1, after.Item2, query.Limit + 1, ct);
        if (query.After is not null && after.Item1 < forgotten)
        {
            context.Response.Headers.CacheControl = "no-store";
            await Problems.Send(context, Problems.Of("cursor-expired", $"Withdrawals are told for {DeliveryStore.TombstonesKeptFor.Days} days, and this cursor is older: begin anew, without since."));
            return;
        }

        var shown = rows.Take(query.Limit).ToList();
        var (number, id) = shown is [.., var last] ? (last.Number, last.Id) : after;
        var page = new DeliveryChangePage(
            [.. shown.Select(r => new DeliveryChange(r.Id, r.Slug, r.Gone ? "withdrawal" : "upsert", r.At))],
            Cursor.Write(query.Fingerprint, new(DateTimeOffset.MinValue, id, number.ToString(CultureInfo.InvariantCulture))), rows.Count > query.Limit);
        await DeliveryAnswers.SendPlain(context, JsonSerializer.SerializeToUtf8Bytes(page, StrictJson.Options), DeliveryAnswers.Json, DeliveryKey.Changes);
    }
}

/// <summary>What became of an article.</summary>
/// <param name="Id">Which.</param>
/// <param name="Slug">Its present slug, or the last one it had.</param>
/// <param name="Change"><c>upsert</c>: read it anew; <c>withdrawal</c>: readers do not see it any more.</param>
/// <param name="At">When, UTC.</param>
internal sealed record DeliveryChange(Guid Id, string Slug, string Change, DateTimeOffset At);

/// <summary>Changes, each article once, at its last one.</summary>
/// <param name="Items">In the order of commits.</param>
/// <param name="Next">Where to go on, now or later.</param>
/// <param name="More">Whether there is more already.</param>
internal sealed record DeliveryChangePage(IReadOnlyList<DeliveryChange> Items, string Next, bool More);
