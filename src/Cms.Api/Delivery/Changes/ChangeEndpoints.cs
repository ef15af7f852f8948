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
        if (Follower.Of(query.After) is not { } follower)
        {
            await Problems.Send(context, Problems.BadParameters([new(Query.SinceName, "cursor", "Give `next` of an answer of this operation, unchanged; or none, to begin.")]));
            return;
        }

        var (clock, rows) = await store.Changes(follower.Number, follower.Id, query.Limit + 1, ct);
        if (follower.KnowsUpTo is { } known && known < clock.Forgotten)
        {
            context.Response.Headers.CacheControl = "no-store";
            await Problems.Send(context, Problems.Of("cursor-expired", $"Withdrawals are told for {DeliveryStore.TombstonesKeptFor.Days} days, and this cursor is older: begin anew, without since."));
            return;
        }

        var shown = rows.Take(query.Limit).ToList();
        var isMore = rows.Count > query.Limit;
        var next = shown is [.., var last] ? follower with { Number = last.Number, Id = last.Id } : follower;
        // All up to the clock is told with the last page; before it, a follower knows no more than when it began.
        next = next with { KnowsUpTo = isMore ? follower.KnowsUpTo ?? clock.Number : clock.Number };
        var page = new DeliveryChangePage(
            [.. shown.Select(r => new DeliveryChange(r.Id, r.Slug, r.Gone ? "withdrawal" : "upsert", r.At))],
            Cursor.Write(query.Fingerprint, next.Position), isMore);
        await DeliveryAnswers.SendPlain(context, JsonSerializer.SerializeToUtf8Bytes(page, StrictJson.Options), DeliveryAnswers.Json, DeliveryKey.Changes);
    }
}

/// <summary>How far a follower came.</summary>
/// <param name="Number">The last change it was told.</param>
/// <param name="Id">Of this article.</param>
/// <param name="KnowsUpTo">The clock's number up to which it misses no withdrawal: when its walk began, or ended; null before its first page.</param>
internal sealed record Follower(long Number, Guid Id, long? KnowsUpTo)
{
    private const char Between = ' ';

    /// <summary>As a cursor's position.</summary>
    public Position Position => new(DateTimeOffset.MinValue, Id, string.Create(CultureInfo.InvariantCulture, $"{Number}{Between}{KnowsUpTo}"));

    /// <returns>Null when the position is none of this list's: a cursor's checksum is no secret.</returns>
    public static Follower? Of(Position? position)
    {
        if (position is not { } given) return new(0, Guid.Empty, null);
        var parts = given.Text.Split(Between);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var known) ? new(number, given.Id, known) : null;
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
