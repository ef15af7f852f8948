using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>
/// Days on which mail to a reader came back softly. Each counts one, and half as much every thirty days later; at five the address counts as
/// gone: six days in a row for a daily digest, nine weeks in a row for a weekly one. A day counts once, so the same message twice is one.
/// </summary>
internal static class SoftBounces
{
    /// <summary>The score at which mail to the address ends.</summary>
    public const double Limit = 5;

    /// <summary>Days in which what one counts halves.</summary>
    public const int HalfLifeDays = 30;

    /// <summary>Days that one is kept: by then it counts 1/64.</summary>
    public const int KeptDays = 180;

    /// <summary>Counts one of this day, in the caller's transaction.</summary>
    /// <returns>Whether that makes <see cref="Limit"/>.</returns>
    public static async Task<bool> Count(CmsDbContext db, Guid subscriberId, DateOnly day, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"INSERT INTO cms.soft_bounces (subscriber_id, day) VALUES ({subscriberId}, {day}) ON CONFLICT DO NOTHING", ct);
        return await db.Database.SqlQuery<bool>($"""
            SELECT sum(power(0.5, ({day} - day)::float8 / {HalfLifeDays})) >= {Limit} AS "Value" FROM cms.soft_bounces WHERE subscriber_id = {subscriberId}
            """).SingleAsync(ct);
    }

    /// <summary>The reader has another address, or an editor lifted what there was.</summary>
    public static Task Forget(CmsDbContext db, Guid subscriberId, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"DELETE FROM cms.soft_bounces WHERE subscriber_id = {subscriberId}", ct);
}
