using Cms.Api.Http;
using Cms.Domain.Newsletter;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Subscribers;

/// <summary>A part of the readers, by what the address says: the same for the list and for the export.</summary>
internal static class SubscriberSegment
{
    public static readonly WordsParameter Status = new("status", "Where the subscription stands.", WordConverter.Words(typeof(SubscriberStatus)), Several: false);

    public static readonly IdsParameter Sections = new("sectionIds", "Who chose one of these sections. Who chose none gets all, and is not among them.");

    public static readonly LanguagesParameter Language = new("language", "Of the digest.", Several: false);

    public static readonly InstantParameter Since = new(Query.SinceName, "Added at this time or later.");

    public static QueryParameter[] Parameters => [Status, Sections, Language, Since];

    /// <summary>Those whom the address asks for, in no order yet.</summary>
    public static IQueryable<Subscriber> Of(Query query, CmsDbContext db)
    {
        var sections = query.Ids(Sections);
        var segment = sections.Length == 0 ? db.Subscribers.AsNoTracking()
            : db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE section_ids && {sections}").AsNoTracking();
        if (query.Text(Status) is { } status)
        {
            var wanted = Enum.Parse<SubscriberStatus>(status, ignoreCase: true);
            segment = segment.Where(s => s.Status == wanted);
        }

        if (query.Text(Language) is { } language) segment = segment.Where(s => s.Language == language);
        if (query.Instant(Since) is not { } since) return segment;
        // Ids begin with the millisecond at which a reader was added, so the key's own order is that of time, and its index serves.
        var first = FirstOf(since);
        return segment.Where(s => s.Id >= first && s.CreatedAt >= since);
    }

    // RFC 9562, 5.7: 48 bits of Unix milliseconds, then all else at its least. Before 1970 there is nobody.
    private static Guid FirstOf(DateTimeOffset time) => Guid.Parse($"{Math.Max(0, time.ToUnixTimeMilliseconds()):x12}00000000000000000000");
}
