namespace Cms.Domain;

/// <summary>The one way to ask the time.</summary>
public static class Clock
{
    /// <summary>Now, in UTC, cut to the microsecond: PostgreSQL keeps no more, and an answer must equal what a later read gives back.</summary>
    public static DateTimeOffset Now(this TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
#pragma warning disable RS0030 // this is the one place that may call it
        var now = time.GetUtcNow();
#pragma warning restore RS0030
        return now.Microseconds();
    }

    /// <summary>The same instant in UTC, cut to the microsecond.</summary>
    public static DateTimeOffset Microseconds(this DateTimeOffset instant)
    {
        var utc = instant.UtcTicks;
        return new DateTimeOffset(utc - (utc % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
