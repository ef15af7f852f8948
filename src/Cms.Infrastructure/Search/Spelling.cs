using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;
using Npgsql;

namespace Cms.Infrastructure.Search;

/// <summary>What a mistyped word may have meant: a word of a tag's or author's name, of those that readers know.</summary>
internal sealed class Spelling(DeliveryReading reading)
{
    private const int Shortest = 4, OneFaultUpTo = 4, MostWords = 5;

    // The likest by trigrams, which an index finds; which of them is nearest letter by letter is decided beside.
    private const string Like = """
        SELECT u.w, near.word, near.spelling FROM unnest($1::text[]) u (w) CROSS JOIN LATERAL (
          SELECT n.word, n.spelling FROM delivery.spellings n
          WHERE n.word % u.w AND EXISTS (SELECT FROM delivery.listings l WHERE l.target = n.target)
          ORDER BY similarity(n.word, u.w) DESC, n.word LIMIT 10) near
        """;

    /// <returns>The query with the words that were meant; null when none is near.</returns>
    public async Task<string?> Correct(string q, SearchText text, CancellationToken ct)
    {
        string[] words = [.. text.Terms.Where(t => t.Length >= Shortest).Distinct(StringComparer.Ordinal).Take(MostWords)];
        if (words.Length == 0) return null;
        var meant = (await reading.Read(ReadPool.Search, connection => Near(connection, [.. words.Select(Folding.Fold)], ct), ct))
            .GroupBy(n => n.Word, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.MinBy(n => n.Distance), StringComparer.Ordinal);
        var corrected = words.Aggregate(q, (query, word) => meant.TryGetValue(Folding.Fold(word), out var near) && near.Distance > 0 ? Replace(query, word, near.Spelling) : query);
        return corrected == q ? null : corrected;
    }

    // Whole words: what is a word here may be a part of another.
    private static string Replace(string query, string word, string meant)
    {
        for (var at = query.IndexOf(word, StringComparison.Ordinal); at >= 0; at = query.IndexOf(word, at, StringComparison.Ordinal))
        {
            var isWhole = !Continues(query[..at], ^1) && !Continues(query[(at + word.Length)..], 0);
            if (isWhole) query = query[..at] + meant + query[(at + word.Length)..];
            at += isWhole ? meant.Length : word.Length;
        }

        return query;

        static bool Continues(string part, Index at) => part.Length > 0 && char.IsLetterOrDigit(part[at]);
    }

    private static async Task<List<(string Word, string Spelling, int Distance)>> Near(NpgsqlConnection connection, string[] words, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Like, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = words });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var near = new List<(string Word, string Spelling, int Distance)>();
        while (await reader.ReadAsync(ct))
        {
            var (word, distance) = (reader.GetString(0), Words.Distance(reader.GetString(0), reader.GetString(1)));
            if (distance <= (word.Length <= OneFaultUpTo ? 1 : 2)) near.Add((word, reader.GetString(2), distance));
        }

        return near;
    }
}
