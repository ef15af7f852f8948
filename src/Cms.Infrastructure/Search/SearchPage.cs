using System.Text;
using System.Text.Json;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Html;
using Npgsql;

namespace Cms.Infrastructure.Search;

/// <summary>A hit as readers see it.</summary>
/// <param name="Json">Its summary.</param>
/// <param name="Headline">As HTML, what fits marked.</param>
/// <param name="Standfirst">As HTML, what fits marked; null when it has none.</param>
internal sealed record ShownHit(byte[] Json, string Headline, string? Standfirst);

/// <summary>
/// Shows hits. PostgreSQL says which words fit, by the same stemming as it found them, over texts of nothing but words and spaces; the marks are set
/// here, in the text as it was written, after it was escaped. So whatever an editor typed stays text.
/// </summary>
internal sealed class SearchPage(DeliveryReading reading)
{
    // Refused in every text of an article.
    private const char Begin = '\u0002', End = '\u0003';

    private const string Summaries = "SELECT id, json FROM delivery.summaries WHERE id = ANY ($1)";

    private const string Marked = """
        SELECT ts_headline(('delivery.' || c)::regconfig, t, websearch_to_tsquery(('delivery.' || c)::regconfig, $3), $4)
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY u (c, t, n) ORDER BY n
        """;

    private static readonly string Options = $"HighlightAll=true, StartSel={Begin}, StopSel={End}";

    public Task<List<ShownHit>> Show(IReadOnlyList<SearchHit> hits, SearchText text, CancellationToken ct) => hits.Count == 0 ? Task.FromResult<List<ShownHit>>([]) : reading.Read<List<ShownHit>>(ReadPool.Search, async connection =>
    {
        var summaries = await Read(connection, hits, ct);
        // One that was withdrawn since it was found is passed over.
        var shown = hits.Where(h => summaries.ContainsKey(h.Id)).Select(h => Texts(summaries[h.Id])).ToList();
        var spaced = shown.SelectMany(s => new[] { Words.Spaced(s.Headline), Words.Spaced(s.Standfirst ?? "") }).ToArray();
        await using var command = new NpgsqlCommand(Marked, connection);
        command.Parameters.Add(new() { Value = shown.SelectMany(s => new[] { s.Config, s.Config }).ToArray() });
        command.Parameters.Add(new() { Value = spaced });
        command.Parameters.Add(new() { Value = text.Wanted });
        command.Parameters.Add(new() { Value = Options });
        var marked = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct)) marked.Add(reader.GetString(0));
        return [.. shown.Select((s, i) => new ShownHit(s.Json, Html(s.Headline, marked[2 * i], text.Beginning), s.Standfirst is { } lines ? Html(lines, marked[(2 * i) + 1], text.Beginning) : null))];
    }, ct);

    private static async Task<Dictionary<Guid, byte[]>> Read(NpgsqlConnection connection, IReadOnlyList<SearchHit> hits, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Summaries, connection);
        command.Parameters.Add(new() { Value = hits.Select(h => h.Id).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var summaries = new Dictionary<Guid, byte[]>(hits.Count);
        while (await reader.ReadAsync(ct)) summaries[reader.GetGuid(0)] = reader.GetFieldValue<byte[]>(1);
        return summaries;
    }

    private static (byte[] Json, string Config, string Headline, string? Standfirst) Texts(byte[] json)
    {
        using var summary = JsonDocument.Parse(json);
        var root = summary.RootElement;
        return (json, Stemming.Of(root.GetProperty("language").GetString() ?? ""), root.GetProperty("headline").GetString() ?? "", root.GetProperty("standfirst").GetString());
    }

    /// <param name="text">As it was written.</param>
    /// <param name="marked">Its words as PostgreSQL marked them.</param>
    /// <param name="beginning">Marks the words that begin so too; folded.</param>
    private static string Html(string text, string marked, string? beginning)
    {
        var spaced = Words.Spaced(text, out var origins);
        if (marked.Replace($"{Begin}", "", StringComparison.Ordinal).Replace($"{End}", "", StringComparison.Ordinal) != spaced) marked = spaced;
        var (html, done, isFitting) = (new StringBuilder(), 0, false);
        for (var (at, i) = (0, 0); i < marked.Length;)
        {
            if (marked[i] is Begin or End) isFitting = marked[i] == Begin;
            if (marked[i] is Begin or End or ' ')
            {
                if (marked[i++] == ' ') at++;
                continue;
            }

            var length = marked.AsSpan(i).IndexOfAny(' ', Begin, End) is var end and >= 0 ? end : marked.Length - i;
            if (isFitting || (beginning is not null && Folding.Fold(spaced.Substring(at, length)).StartsWith(beginning, StringComparison.Ordinal)))
            {
                var (from, to) = (origins[at], origins[at + length - 1] + 1);
                SafeText.WriteText(html, text[done..from]);
                SafeText.WriteText(html.Append("<mark>"), text[from..to]);
                html.Append("</mark>");
                done = to;
            }

            (at, i) = (at + length, i + length);
        }

        SafeText.WriteText(html, text[done..]);
        return html.ToString();
    }
}
