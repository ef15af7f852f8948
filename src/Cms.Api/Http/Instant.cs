using System.Globalization;
using Cms.Domain;

namespace Cms.Api.Http;

/// <summary>Reads RFC 3339 times, and writes them where no JSON does.</summary>
internal static class Instant
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK",
    ];

    /// <summary>Needs an offset, and a year of 1600 to 2199 in UTC: the ends of .NET's and PostgreSQL's time are no dates of a newsroom.</summary>
    public static bool TryParse(string? text, out DateTimeOffset instant)
    {
        instant = default;
        if (text is null || text.Length > 40 || !(text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-'))) return false;
        if (!DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)) return false;
        if (parsed.UtcDateTime.Year is < 1600 or > 2199) return false;

        instant = parsed.Microseconds();
        return true;
    }

    /// <summary>In UTC, with at most six digits of a second, as JSON has it; empty for none.</summary>
    public static string Text(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture) ?? "";
}
