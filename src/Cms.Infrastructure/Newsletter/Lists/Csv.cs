using System.Buffers;
using System.Text;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Writes CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front and stands in quotes, and so does what begins with an
/// apostrophe, so that reading takes back exactly what was written (OWASP, CSV injection).
/// </summary>
internal static class Csv
{
    /// <summary>With the character set, for spreadsheets that would guess.</summary>
    public const string ContentType = "text/csv; charset=utf-8";

    private const char Guard = '\'';

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\r\n\t");

    /// <summary>Appends a line.</summary>
    public static void AppendLine(StringBuilder csv, params ReadOnlySpan<string?> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0) csv.Append(',');
            Append(csv, fields[i] ?? "");
        }

        csv.Append("\r\n");
    }

    /// <summary>What <see cref="AppendLine"/> was given, from what it wrote.</summary>
    public static string Unguarded(string text) => text.Length > 1 && text[0] == Guard && NeedsGuard(text[1]) ? text[1..] : text;

    private static void Append(StringBuilder csv, string field)
    {
        var guarded = field.Length > 0 && NeedsGuard(field[0]);
        if (!guarded && field.AsSpan().IndexOfAny(Quoted) < 0)
        {
            csv.Append(field);
            return;
        }

        csv.Append('"');
        if (guarded) csv.Append(Guard);
        csv.Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    private static bool NeedsGuard(char first) => first is '=' or '+' or '-' or '@' or '\t' or '\r' or Guard;
}
