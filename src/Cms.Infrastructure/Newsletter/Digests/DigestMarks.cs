using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>What became of a mail after a server took it, beside its row of the ledger. Where there is no such row, nothing is marked.</summary>
internal static class DigestMarks
{
    /// <summary>The reader left: the last mail that they got counts it.</summary>
    public static Task Left(CmsDbContext db, Guid subscriberId, DateTimeOffset now, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        UPDATE cms.digest_mails SET left_at = {now} WHERE subscriber_id = {subscriberId} AND left_at IS NULL AND edition = (
          SELECT e.number FROM cms.editions e JOIN cms.digest_mails m ON m.edition = e.number AND m.subscriber_id = {subscriberId} WHERE m.state = 1 ORDER BY e.number DESC LIMIT 1)
        """, ct);

    /// <summary>It came back.</summary>
    public static Task Bounced(CmsDbContext db, long edition, Guid subscriberId, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"UPDATE cms.digest_mails SET bounced_at = {now} WHERE edition = {edition} AND subscriber_id = {subscriberId} AND bounced_at IS NULL", ct);

    /// <summary>The reader reported it as spam.</summary>
    public static Task Complained(CmsDbContext db, long edition, Guid subscriberId, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"UPDATE cms.digest_mails SET complained_at = {now} WHERE edition = {edition} AND subscriber_id = {subscriberId} AND complained_at IS NULL", ct);
}
