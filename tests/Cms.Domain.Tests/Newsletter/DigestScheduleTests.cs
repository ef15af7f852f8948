using System.Globalization;
using Cms.Domain.Newsletter;
using CsCheck;

namespace Cms.Domain.Tests.Newsletter;

public sealed class DigestScheduleTests
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(6);

    /// <summary>Every zone that the system knows.</summary>
    private static readonly TimeZoneInfo[] Zones = [.. TimeZoneInfo.GetSystemTimeZones()];

    private static DigestSchedule In(string zone, int hour = 7, DayOfWeek day = DayOfWeek.Monday) => new(TimeZoneInfo.FindSystemTimeZoneById(zone), hour, day);

    private static DateTimeOffset Utc(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    private static DateOnly Date(string date) => DateOnly.Parse(date, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("Europe/Paris", 7)]
    [InlineData("Europe/Paris", 2)]
    [InlineData("Europe/Paris", 3)]
    [InlineData("Europe/Paris", 0)]
    [InlineData("Europe/Paris", 23)]
    [InlineData("Africa/Abidjan", 7)]
    [InlineData("America/Havana", 0)]
    [InlineData("Asia/Beirut", 0)]
    [InlineData("Antarctica/Troll", 2)]
    [InlineData("Australia/Lord_Howe", 2)]
    [InlineData("America/Nuuk", 23)]
    public void A_year_asked_every_ten_minutes_has_an_edition_for_each_date_and_a_weekly_one_for_each_Monday(string zone, int hour)
    {
        var schedule = In(zone, hour);
        List<DateOnly> daily = [], weekly = [];
        DateOnly? lastDaily = Date("2026-12-31"), lastWeekly = Date("2026-12-28");

        for (var now = Utc("2027-01-01T00:00Z").AddDays(-1); now < Utc("2028-01-02T00:00Z"); now = now.AddMinutes(10))
        {
            Send(Frequency.Daily, ref lastDaily, daily);
            Send(Frequency.Weekly, ref lastWeekly, weekly);

            void Send(Frequency frequency, ref DateOnly? last, List<DateOnly> sent)
            {
                var due = schedule.Due(frequency, last, now, Window);
                Assert.Empty(due.Skipped);
                if (due.Edition is not { } edition) return;
                Assert.InRange(now - edition.DueAt, TimeSpan.Zero, TimeSpan.FromMinutes(10));
                sent.Add(edition.Date);
                last = edition.Date;
            }
        }

        Assert.Equal(Enumerable.Range(0, 365).Select(Date("2027-01-01").AddDays), daily.Where(d => d.Year == 2027));
        Assert.Equal(Enumerable.Range(0, 52).Select(week => Date("2027-01-04").AddDays(7 * week)), weekly.Where(d => d.Year == 2027));
    }

    [Theory]
    [InlineData("Europe/Paris", 7, "2027-03-28", "2027-03-28T05:00Z")]
    [InlineData("Europe/Paris", 2, "2027-03-28", "2027-03-28T01:00Z")] // 02:00 to 03:00 is left out
    [InlineData("Europe/Paris", 3, "2027-03-28", "2027-03-28T01:00Z")]
    [InlineData("Europe/Paris", 2, "2027-10-31", "2027-10-31T00:00Z")] // 02:00 comes twice
    [InlineData("Europe/Paris", 3, "2027-10-31", "2027-10-31T02:00Z")]
    [InlineData("America/New_York", 1, "2027-11-07", "2027-11-07T05:00Z")]
    [InlineData("America/Havana", 0, "2024-03-10", "2024-03-10T05:00Z")] // no midnight
    [InlineData("America/Havana", 0, "2024-11-03", "2024-11-03T04:00Z")] // midnight twice
    [InlineData("Asia/Beirut", 0, "2024-03-31", "2024-03-30T22:00Z")]
    [InlineData("Asia/Beirut", 23, "2024-10-26", "2024-10-26T20:00Z")] // 23:00 twice, on the day before
    [InlineData("Antarctica/Troll", 1, "2024-03-31", "2024-03-31T01:00Z")] // two hours are left out
    [InlineData("Antarctica/Troll", 2, "2024-03-31", "2024-03-31T01:00Z")]
    [InlineData("Australia/Lord_Howe", 2, "2024-10-06", "2024-10-05T15:30Z")] // half an hour: 02:00 becomes 02:30
    [InlineData("America/Nuuk", 23, "2024-03-30", "2024-03-31T01:00Z")] // the gap ends on the next date
    [InlineData("Pacific/Apia", 7, "2011-12-29", "2011-12-29T17:00Z")]
    [InlineData("Pacific/Apia", 7, "2011-12-31", "2011-12-30T17:00Z")]
    [InlineData("Asia/Kathmandu", 7, "2027-01-01", "2027-01-01T01:15Z")]
    [InlineData("Pacific/Kiritimati", 0, "2027-01-01", "2026-12-31T10:00Z")]
    [InlineData("Etc/GMT+12", 23, "2027-01-01", "2027-01-02T11:00Z")]
    public void Whatever_the_clock_does_an_edition_is_due_once(string zone, int hour, string date, string dueAt) =>
        Assert.Equal(new(Frequency.Daily, Date(date), Utc(dueAt)), In(zone, hour).Next(Frequency.Daily, Date(date).AddDays(-1), default));

    [Fact]
    public void A_date_that_the_zone_left_out_has_no_edition()
    {
        var schedule = In("Pacific/Apia", day: DayOfWeek.Friday);

        Assert.Equal(Date("2011-12-31"), schedule.Next(Frequency.Daily, Date("2011-12-29"), default).Date);
        Assert.Equal(Date("2012-01-06"), schedule.Next(Frequency.Weekly, Date("2011-12-23"), default).Date);
        Assert.Empty(schedule.Due(Frequency.Daily, Date("2011-12-29"), Utc("2011-12-30T17:00Z"), Window).Skipped);
    }

    [Fact]
    public void Without_a_last_edition_the_next_is_the_first_at_or_after_now()
    {
        var schedule = In("Europe/Paris");

        Assert.Equal(Date("2027-01-01"), schedule.Next(Frequency.Daily, null, Utc("2027-01-01T06:00Z")).Date);
        Assert.Equal(Date("2027-01-02"), schedule.Next(Frequency.Daily, null, Utc("2027-01-01T06:00:00.000001Z")).Date);
        Assert.Equal(Date("2027-01-04"), schedule.Next(Frequency.Weekly, null, Utc("2026-12-28T08:00Z")).Date);
        Assert.Equal(Date("2024-03-30"), In("America/Nuuk", 23).Next(Frequency.Daily, null, Utc("2024-03-31T01:00Z")).Date);
    }

    [Fact]
    public void A_site_without_any_edition_has_missed_none()
    {
        var schedule = In("Etc/UTC");

        var due = schedule.Due(Frequency.Daily, null, Utc("2027-01-10T08:00Z"), Window);
        Assert.Equal(Date("2027-01-10"), due.Edition?.Date);
        Assert.Empty(due.Skipped);

        due = schedule.Due(Frequency.Daily, null, Utc("2027-01-10T14:00Z"), Window);
        Assert.Null(due.Edition);
        Assert.Empty(due.Skipped);
    }

    [Fact]
    public void A_missed_hour_is_caught_up_to_the_end_of_the_window_and_not_after()
    {
        var schedule = In("Etc/UTC");

        var inside = schedule.Due(Frequency.Daily, Date("2027-01-09"), Utc("2027-01-10T13:00Z"), Window);
        Assert.Equal(Date("2027-01-10"), inside.Edition?.Date);
        Assert.Empty(inside.Skipped);

        var outside = schedule.Due(Frequency.Daily, Date("2027-01-09"), Utc("2027-01-10T13:00:01Z"), Window);
        Assert.Null(outside.Edition);
        Assert.Equal([Date("2027-01-10")], outside.Skipped.Select(s => s.Date));

        Assert.Equal([Date("2027-01-10")], schedule.Due(Frequency.Daily, Date("2027-01-09"), Utc("2027-01-11T06:59Z"), Window).Skipped.Select(s => s.Date));
        var next = schedule.Due(Frequency.Daily, Date("2027-01-09"), Utc("2027-01-11T07:00Z"), Window);
        Assert.Equal(Date("2027-01-11"), next.Edition?.Date);
        Assert.Equal([Date("2027-01-10")], next.Skipped.Select(s => s.Date));
    }

    [Fact]
    public void Of_several_in_a_long_window_the_newest_is_sent() =>
        Assert.Equivalent(
            new { Edition = new { Date = Date("2027-01-12") }, Skipped = new[] { new { Date = Date("2027-01-10") }, new { Date = Date("2027-01-11") } } },
            In("Etc/UTC").Due(Frequency.Daily, Date("2027-01-09"), Utc("2027-01-12T07:00Z"), TimeSpan.FromDays(7)));

    [Theory]
    [InlineData(Frequency.Daily)]
    [InlineData(Frequency.Weekly)]
    public void An_outage_of_years_names_the_newest_and_no_more(Frequency frequency)
    {
        var due = In("Europe/Paris").Due(frequency, Date("1990-01-01"), Utc("2027-01-04T07:00Z"), Window); // a Monday

        Assert.Equal(Date("2027-01-04"), due.Edition?.Date);
        Assert.Equal(DigestSchedule.MaxSkipped, due.Skipped.Count);
        Assert.Equal(Date("2027-01-04").AddDays(frequency == Frequency.Daily ? -1 : -7), due.Skipped[^1].Date);
    }

    [Fact]
    public void A_last_edition_in_the_future_is_waited_for() =>
        Assert.Equivalent(
            new DueEditions(null, []), In("Etc/UTC").Due(Frequency.Daily, Date("2027-02-01"), Utc("2027-01-12T07:00Z"), TimeSpan.FromDays(90)), strict: true);

    [Theory]
    [InlineData(7, 18)]
    [InlineData(18, 7)]
    [InlineData(0, 23)]
    public void A_changed_hour_gives_no_date_a_second_edition(int hour, int changed)
    {
        var sent = Date("2027-01-10");
        var justSent = In("Europe/Paris", hour).Next(Frequency.Daily, sent.AddDays(-1), default).DueAt;

        var schedule = In("Europe/Paris", changed);

        Assert.Null(schedule.Due(Frequency.Daily, sent, justSent, TimeSpan.FromDays(2)).Edition);
        Assert.Equal(sent.AddDays(1), schedule.Next(Frequency.Daily, sent, justSent).Date);
    }

    [Theory]
    [InlineData(DayOfWeek.Monday, 7)]
    [InlineData(DayOfWeek.Tuesday, 8)]
    [InlineData(DayOfWeek.Wednesday, 9)]
    [InlineData(DayOfWeek.Thursday, 10)]
    [InlineData(DayOfWeek.Friday, 4)]
    [InlineData(DayOfWeek.Saturday, 5)]
    [InlineData(DayOfWeek.Sunday, 6)]
    public void A_moved_day_gives_the_weekly_edition_nearest_to_a_week_after_the_last(DayOfWeek moved, int days)
    {
        var monday = Date("2027-01-04");
        var schedule = In("Europe/Paris", day: moved);

        var next = schedule.Next(Frequency.Weekly, monday, default);

        Assert.Equal(monday.AddDays(days), next.Date);
        Assert.Null(schedule.Due(Frequency.Weekly, monday, next.DueAt.AddTicks(-1), TimeSpan.FromDays(30)).Edition);
        Assert.Equal(next, schedule.Due(Frequency.Weekly, monday, next.DueAt, TimeSpan.FromDays(30)).Edition);
    }

    [Fact]
    public void In_any_zone_at_any_hour_the_next_edition_is_later_and_at_its_hour_unless_the_clock_left_it_out() =>
        Gen.Select(
            Gen.Int[0, Zones.Length - 1], Gen.Int[0, 23], Gen.Enum<DayOfWeek>(), Gen.Enum<Frequency>(), Gen.Date[new(1975, 1, 1), new(2037, 1, 1)]).Sample(
            (at, hour, day, frequency, start) =>
            {
                var zone = Zones[at];
                var schedule = new DigestSchedule(zone, hour, day);
                var last = schedule.Next(frequency, DateOnly.FromDateTime(start), default);
                for (var i = 0; i < 30; i++)
                {
                    var next = schedule.Next(frequency, last.Date, default);
                    Assert.True(next.Date > last.Date && next.DueAt > last.DueAt);
                    Assert.True(frequency == Frequency.Daily || next.Date.DayOfWeek == day);
                    Assert.Equal(next, schedule.Due(frequency, last.Date, next.DueAt, TimeSpan.Zero).Edition);
                    Assert.Null(schedule.Due(frequency, next.Date, next.DueAt, Window).Edition);

                    var shown = TimeZoneInfo.ConvertTime(next.DueAt, zone);
                    var wanted = next.Date.ToDateTime(new(hour, 0));
                    if (shown.DateTime != wanted)
                    {
                        var justBefore = TimeZoneInfo.ConvertTime(next.DueAt.AddTicks(-1), zone);
                        Assert.True(justBefore.DateTime < wanted && shown.DateTime > wanted, $"{zone.Id} {next} shows {shown}");
                    }

                    last = next;
                }
            },
            iter: 3_000);

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void An_hour_is_one_of_the_clock(int hour) => Assert.Throws<ArgumentOutOfRangeException>(() => In("Etc/UTC", hour));
}
