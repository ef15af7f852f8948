using System.Globalization;
using Npgsql;

namespace Cms.Bench;

/// <summary>
/// What the archive is searched by: words whose frequencies fall as those of a language do (Zipf), each with its places in an article of 900 words.
/// They carry digits, so that no stemming changes them.
/// </summary>
internal static class Words
{
    private const int Vocabulary = 200_000, PerArticle = 900, InHeadline = 10;

    // Mandelbrot's correction: the first words of a language are not as frequent as Zipf's law alone says.
    private const double Shift = 2.7;

    private static readonly double[] Cumulative = Accumulate();

    /// <summary>The word of a rank; the first is the most frequent.</summary>
    public static string Of(int rank) => string.Create(CultureInfo.InvariantCulture, $"m{rank}");

    /// <summary>Fills the search rows of the archive's articles.</summary>
    /// <param name="connection">Its own login's.</param>
    /// <param name="rows">How many articles.</param>
    /// <param name="row">An article's id and time.</param>
    /// <param name="section">The section that lists them all.</param>
    public static async Task Fill(NpgsqlConnection connection, int rows, Func<int, (Guid Id, DateTimeOffset At)> row, Guid section)
    {
        var order = new Order(1);
        await using var writer = await connection.BeginTextImportAsync(
            "COPY delivery.search (id, config, language, first_published_at, targets, fingerprint, vector) FROM STDIN");
        for (var i = 0; i < rows; i++)
        {
            var (id, at) = row(i);
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{id}\tfrench\tfr\t{at:O}\t{{{section}}}\t\\\\x00\t{Vector(order)}"));
        }
    }

    private static string Vector(Order order)
    {
        var places = new Dictionary<int, List<int>>(PerArticle);
        for (var place = 1; place <= PerArticle; place++)
        {
            var at = Array.BinarySearch(Cumulative, order.Share() * Cumulative[^1]);
            var rank = at < 0 ? ~at : at;
            if (places.TryGetValue(rank, out var known)) known.Add(place);
            else places[rank] = [place];
        }

        var words = places.Select(p => $"'{Of(p.Key)}':{string.Join(',', p.Value.Select(place => place <= InHeadline ? $"{place}A" : $"{place}"))}");
        return string.Join(' ', words.Concat(places.Where(p => p.Value[0] <= InHeadline).Select(p => $"'={Of(p.Key)}'")));
    }

    private static double[] Accumulate()
    {
        var sum = 0.0;
        return [.. Enumerable.Range(0, Vocabulary).Select(rank => sum += 1 / (rank + 1 + Shift))];
    }
}
