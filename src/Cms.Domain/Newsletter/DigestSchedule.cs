namespace Cms.Domain.Newsletter;

/// <summary>One edition of the digest: what names it, and when it goes out.</summary>
/// <param name="Frequency">Daily or weekly; each has editions of its own.</param>
/// <param name="Date">Its date in the site's zone; with <paramref name="Frequency"/> it names the edition.</param>
/// <param name="DueAt">The instant it is due, UTC.</param>
public sealed record EditionSlot(Frequency Frequency, DateOnly Date, DateTimeOffset DueAt);

/// <summary>What is to be done about editions now.</summary>
/// <param name="Edition">The one to send, if any.</param>
/// <param name="Skipped">
/// Those that were missed and are not sent any more, oldest first; the newest <see cref="DigestSchedule.MaxSkipped"/> of them.
/// Until an edition of their date or a later one is stored, they are named again.
/// </param>
public sealed record DueEditions(EditionSlot? Edition, IReadOnlyList<EditionSlot> Skipped);

/// <summary>
/// When editions of the digest are due. An edition is named by its date in the site's zone, so a changed hour or zone
/// can move an edition and never double it.
/// <list type="bullet">
/// <item>An hour that a change of the clock leaves out is due at the first instant after the gap, one that comes twice at its first.</item>
/// <item>A date that the zone left out whole (Pacific/Apia, 2011-12-30) has no edition.</item>
/// <item>A weekly edition is at least <see cref="MinDaysBetweenWeeklies"/> days after the last. When the day is moved, the next
/// edition is the new day nearest to a week after the last: 4 to 10 days after it. So no reader gets a weekly digest on a Sunday and the next on Monday,
/// and none waits for almost two weeks, which "one in a calendar week" would both allow.</item>
/// </list>
/// </summary>
/// <param name="zone">The site's.</param>
/// <param name="hour">Of the clock in <paramref name="zone"/>, 0 to 23.</param>
/// <param name="day">Of the weekly edition.</param>
public sealed class DigestSchedule(TimeZoneInfo zone, int hour, DayOfWeek day)
{
    /// <summary>Days from one weekly edition to the next, at least.</summary>
    public const int MinDaysBetweenWeeklies = 4;

    /// <summary>Missed editions that are named, at most: after an outage of years nobody reads further.</summary>
    public const int MaxSkipped = 31;

    private readonly TimeZoneInfo _zone = zone ?? throw new ArgumentNullException(nameof(zone));
    private readonly TimeOnly _time = hour is >= 0 and <= 23 ? new(hour, 0) : throw new ArgumentOutOfRangeException(nameof(hour));

    /// <summary>The edition after the last one, which may be due in the past already; without a last one, the first at or after now.</summary>
    /// <param name="frequency">Of which editions.</param>
    /// <param name="lastEdition">The date of the last edition of that frequency, in the site's zone: sent, skipped or on its way.</param>
    /// <param name="now">Any offset; matters only where there is no last edition.</param>
    public EditionSlot Next(Frequency frequency, DateOnly? lastEdition, DateTimeOffset now)
    {
        // A gap over midnight (America/Nuuk, 23 h) makes yesterday's edition due today.
        for (var date = lastEdition?.AddDays(1) ?? DateAt(now).AddDays(-1); ; date = date.AddDays(1))
            if (SlotOf(frequency, date, lastEdition) is { } slot && (lastEdition is not null || slot.DueAt >= now)) return slot;
    }

    /// <summary>
    /// The edition to send now: the newest one that came due within the window. What came due before it since the last edition is skipped and named.
    /// A site without any edition has missed none.
    /// </summary>
    /// <param name="frequency">Of which editions.</param>
    /// <param name="lastEdition">The date of the last edition of that frequency, in the site's zone: sent, skipped or on its way.</param>
    /// <param name="now">Any offset.</param>
    /// <param name="window">How late an edition may go out; its end counts in.</param>
    public DueEditions Due(Frequency frequency, DateOnly? lastEdition, DateTimeOffset now, TimeSpan window)
    {
        EditionSlot? edition = null;
        List<EditionSlot> skipped = [];

        // Backwards from today, so that what it costs does not grow with the length of an outage.
        var today = DateAt(now);
        var first = today.AddDays(-7 * (MaxSkipped + 1));
        if (lastEdition >= first) first = lastEdition.Value.AddDays(1);
        for (var date = today; date >= first && skipped.Count < MaxSkipped; date = date.AddDays(-1))
        {
            if (SlotOf(frequency, date, lastEdition) is not { } slot || slot.DueAt > now) continue;
            if (edition is null && skipped.Count == 0 && now - slot.DueAt <= window) edition = slot;
            else if (lastEdition is not null) skipped.Add(slot);
            else break;
        }

        skipped.Reverse();
        return new(edition, skipped);
    }

    private EditionSlot? SlotOf(Frequency frequency, DateOnly date, DateOnly? last) =>
        frequency == Frequency.Weekly && (date.DayOfWeek != day || date < last?.AddDays(MinDaysBetweenWeeklies)) ? null
        : DateAt(FirstInstant(date, TimeOnly.MinValue)) != date ? null
        : new(frequency, date, FirstInstant(date, _time));

    private DateOnly DateAt(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime + _zone.GetUtcOffset(instant));

    /// <summary>
    /// The first instant at which the zone's clock shows that time or a later one. TimeZoneInfo's own IsInvalidTime and IsAmbiguousTime look at
    /// daylight saving alone and miss a change of the base offset, so this asks only what the offset is at an instant.
    /// </summary>
    private DateTimeOffset FirstInstant(DateOnly date, TimeOnly time)
    {
        var wanted = new DateTimeOffset(date, time, TimeSpan.Zero);
        var before = _zone.GetUtcOffset(wanted.AddDays(-1)); // no offset is over 14 hours, so the instant lies between
        var after = _zone.GetUtcOffset(wanted.AddDays(1));
        var (early, late) = before > after ? (wanted - before, wanted - after) : (wanted - after, wanted - before);
        if (early + _zone.GetUtcOffset(early) == wanted) return early;
        if (late + _zone.GetUtcOffset(late) == wanted) return late;

        while (late - early > TimeSpan.FromTicks(1))
        {
            var middle = early + ((late - early) / 2);
            if (middle + _zone.GetUtcOffset(middle) < wanted) early = middle;
            else late = middle;
        }

        return late;
    }
}
