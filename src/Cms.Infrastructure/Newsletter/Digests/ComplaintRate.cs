using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>What a share of complaints asks for, by the rules of Gmail and Yahoo for whoever sends in bulk (2024).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ComplaintLevel>))]
internal enum ComplaintLevel
{
    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("normal")] Normal,

    /// <summary>Over 0.1 %: look for the cause.</summary>
    [JsonStringEnumMemberName("alarm")] Alarm,

    /// <summary>0.3 % or more: an edition that becomes due is held until an editor releases it.</summary>
    [JsonStringEnumMemberName("pause")] Pause,
}

/// <summary>
/// How many of the mails of the last seven days' editions readers reported as spam. Until the last mail of an edition went, all that are due count as taken, so the share is
/// rather too low: for minutes, or for as long as a server puts some off.
/// Receivers count their own readers alone, and Gmail sends no complaints on: the share that one of them sees may be higher.
/// </summary>
/// <param name="Mails">Servers took them; of an edition that is being sent, all that are due.</param>
/// <param name="Complained">Readers reported them.</param>
internal sealed record ComplaintRate(long Mails, long Complained)
{
    /// <summary>Days, by the dates of editions: long enough for a weekly one, short enough that one bad edition is seen.</summary>
    public const int Days = 7;

    /// <summary>Complaints below which nothing is concluded, whatever the share: of a small list each is a large one.</summary>
    public const int Least = 5;

    private const double Alarming = 0.001, Pausing = 0.003;

    // A complaint is an entry of a small index, and how many were taken was counted when the edition ended: the millions that went are not looked at.
    /// <summary>As it stands now.</summary>
    public static Task<ComplaintRate> Of(CmsDbContext db, DateTimeOffset now, CancellationToken ct)
    {
        var since = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-Days);
        return db.Database.SqlQuery<ComplaintRate>($"""
            SELECT coalesce(sum(coalesce(p.taken, p.due)), 0)::bigint AS mails,
              coalesce(sum((SELECT count(*) FROM cms.digest_mails m WHERE m.edition = p.edition AND m.complained_at IS NOT NULL)), 0)::bigint AS complained
            FROM cms.editions e JOIN cms.digest_progress p ON p.edition = e.number
            WHERE e.frequency IN ('Daily', 'Weekly') AND e.date > {since} AND e.status IN ('Sending', 'Sent')
            """).SingleAsync(ct);
    }

    /// <summary>Of one: 0.001 is 0.1 %.</summary>
    public double Rate => Complained == 0 ? 0 : (double)Complained / Math.Max(Mails, Complained);

    /// <summary>What that asks for.</summary>
    public ComplaintLevel Level => Complained < Least || Rate <= Alarming ? ComplaintLevel.Normal : Rate < Pausing ? ComplaintLevel.Alarm : ComplaintLevel.Pause;
}
