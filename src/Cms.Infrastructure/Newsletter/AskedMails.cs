using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter;

/// <summary>What a mail that a form asks for may do now.</summary>
internal enum MailLeave
{
    /// <summary>It may go.</summary>
    Granted,

    /// <summary>The address has had its mails: never.</summary>
    Refused,

    /// <summary>All together have had theirs: later.</summary>
    Later,
}

/// <summary>
/// How often an address is mailed because somebody typed it into a form: once in 15 minutes, three times a day, ten times in 30 days, and all
/// addresses together so often an hour. Whoever bombs a reader's inbox with our sign-up gets at most that.
/// </summary>
internal static class AskedMails
{
    private const int InADay = 3, InThirtyDays = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(15), Day = TimeSpan.FromDays(1), Hour = TimeSpan.FromHours(1);

    /// <summary>Counts a mail, in the caller's transaction. Asked again for the same subject it says the same.</summary>
    /// <param name="db">Where.</param>
    /// <param name="subject">The sign-up or the wish it is for.</param>
    /// <param name="addressHash">Whose.</param>
    /// <param name="perHour">Of all together.</param>
    /// <param name="now">UTC.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<MailLeave> Ask(CmsDbContext db, Guid subject, byte[] addressHash, int perHour, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.AskedMails.AnyAsync(m => m.Subject == subject, ct)) return MailLeave.Granted;
        // Two nodes at once would each count to none.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.AskedMails}, {BinaryPrimitives.ReadInt32BigEndian(addressHash)})", ct);
        var since = now - AskedMail.KeptFor;
        var had = await db.AskedMails.Where(m => m.AddressHash == addressHash && m.At > since).OrderByDescending(m => m.At).Select(m => m.At).Take(InThirtyDays).ToListAsync(ct);
        if (had.Count >= InThirtyDays || had.Count(at => at > now - Day) >= InADay || had.Any(at => at > now - Pause)) return MailLeave.Refused;

        var hourAgo = now - Hour;
        if (await db.AskedMails.Where(m => m.At > hourAgo).Take(perHour).CountAsync(ct) >= perHour) return MailLeave.Later;
        db.AskedMails.Add(new(subject, addressHash, now));
        await db.SaveChangesAsync(ct);
        return MailLeave.Granted;
    }
}
