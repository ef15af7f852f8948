using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>What became of an edition's mails.</summary>
/// <param name="Due">Readers it is or was for.</param>
/// <param name="Waiting">Mails that are still to go.</param>
/// <param name="Sent">A server took them.</param>
/// <param name="Deferred">A server put them off: they go again.</param>
/// <param name="Failed">Refused for good, or put off for too long.</param>
/// <param name="Skipped">Readers who left, paused or were suppressed before theirs went.</param>
/// <param name="NothingNew">Readers in whose sections there was nothing.</param>
/// <param name="InDoubt">Times that a connection or a node died while a server may have taken a mail: at most so many went twice.</param>
/// <param name="Bounced">Came back later.</param>
/// <param name="Complained">Readers reported them as spam.</param>
/// <param name="Unsubscribed">Readers left by them.</param>
/// <param name="Clicks">On its articles, corrections too, by whomever; null when they are not counted.</param>
internal sealed record DigestCounts(
    int Due, int Waiting, int Sent, int Deferred, int Failed, int Skipped, int NothingNew, int InDoubt, int Bounced, int Complained, int Unsubscribed, long? Clicks)
{
    /// <summary>How long an edition's rows stand: by them a correction finds its readers. Then these numbers are all that is left.</summary>
    public static readonly TimeSpan RowsKeptFor = TimeSpan.FromDays(90);

    /// <summary>Those of an edition: counted, or as they were when its rows went.</summary>
    public static async Task<DigestCounts> Of(CmsDbContext db, long number, CancellationToken ct)
    {
        var kept = await db.Database.SqlQuery<string>($"SELECT counts::text AS \"Value\" FROM cms.digest_progress WHERE edition = {number} AND counts IS NOT NULL").SingleOrDefaultAsync(ct);
        return kept is not null ? JsonColumn.Read<DigestCounts>(kept) : await db.Database.SqlQuery<DigestCounts>($"""
            SELECT count(m.edition)::int AS due, count(*) FILTER (WHERE m.state = 0)::int AS waiting, count(*) FILTER (WHERE m.state = 1)::int AS sent, count(*) FILTER (WHERE m.state = 2)::int AS deferred,
              count(*) FILTER (WHERE m.state = 3)::int AS failed, count(*) FILTER (WHERE m.state = 4)::int AS skipped, coalesce(max(p.nothing), 0) AS nothing_new, coalesce(sum(m.doubts), 0)::int AS in_doubt,
              count(m.bounced_at)::int AS bounced, count(m.complained_at)::int AS complained, count(m.left_at)::int AS unsubscribed,
              (SELECT sum(c.clicks)::bigint FROM cms.digest_clicks c WHERE c.edition = {number}) AS clicks
            FROM (SELECT {number}::bigint AS number) e LEFT JOIN cms.digest_progress p ON p.edition = e.number LEFT JOIN cms.digest_mails m ON m.edition = e.number
            """).SingleAsync(ct);
    }

    /// <summary>Keeps them beside the edition, whose rows go.</summary>
    public static async Task Keep(CmsDbContext db, long number, CancellationToken ct)
    {
        var counts = JsonColumn.Write(await Of(db, number, ct));
        await db.Database.ExecuteSqlAsync($"UPDATE cms.digest_progress SET counts = {counts}::jsonb WHERE edition = {number} AND counts IS NULL", ct);
    }
}
