using System.Diagnostics;

namespace Cms.Bench;

/// <summary>The rows on search: different queries one after the other on one connection, as the service answers them over HTTP.</summary>
internal sealed class Searching(Child service, int articles)
{
    private const int Queries = 1_000, Phrased = 200, WarmUp = 1_000;

    // Ranks of the vocabulary: in a fifth of the articles to all, in some of a hundred, in some of a hundred thousand.
    private static readonly (int From, int To) Common = (0, 300), Middle = (2_000, 10_000), Rare = (60_000, 190_000);

    /// <summary>All rows.</summary>
    public IEnumerable<Row> Measure()
    {
        var (order, asked) = (new Order(2), new HashSet<string>(StringComparer.Ordinal));
        Ask(Different(WarmUp, Mixed)); // the dictionary, plans, code
        var mixed = Ask(Different(Queries, Mixed));
        var phrased = Ask(Different(Phrased, Phrase));
        // At a hundred thousand the tail has to hold, at a million the middle.
        yield return Row($"search, newest first, {Queries:N0} different queries, {articles:N0} articles", mixed, 20, 20);
        yield return Row($"phrases of common words, {articles:N0} articles", phrased, 40, 250);

        List<string> Different(int count, Func<Order, string> make)
        {
            var queries = new List<string>(count);
            while (queries.Count < count)
                if (make(order) is var query && asked.Add(query)) queries.Add(query);
            return queries;
        }
    }

    private Row Row(string work, List<double> took, double tail, double middle)
    {
        var (p50, p99, isLarge) = (Share(took, 0.5), Share(took, 0.99), articles >= 1_000_000);
        var (figure, must, name) = isLarge ? (p50, middle, "p50") : (p99, tail, "p99");
        return new(work, $"{name} {figure:0.0} ms", $"{name} ≤ {must:0} ms", figure <= must, $"p50 {p50:0.0} ms, p99 {p99:0.0} ms, longest {took.Max():0.0} ms");
    }

    private List<double> Ask(List<string> queries)
    {
        using var client = new HttpClient { BaseAddress = new($"http://localhost:{service.Port}") };
        return [.. queries.Select(query =>
        {
            var at = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/delivery/v1/search?q={query}");
            using var answer = client.Send(request);
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{query} answers {answer.StatusCode}.");
            return Stopwatch.GetElapsedTime(at).TotalMilliseconds;
        })];
    }

    // A space at its end: words, not beginnings.
    private static string Mixed(Order order) => order.Below(6) switch
    {
        0 => $"{Word(order, Rare)}%20",
        1 => $"{Word(order, Middle)}%20",
        2 => $"{Word(order, Common)}%20",
        3 => $"{Word(order, Common)}%20{Word(order, Middle)}%20",
        4 => $"{Word(order, Middle)}%20{Word(order, Middle)}%20",
        _ => $"{Word(order, Common)}%20{Word(order, Common)}%20",
    };

    private static string Phrase(Order order) => $"%22{Word(order, Common)}%20{Word(order, Common)}%22";

    private static string Word(Order order, (int From, int To) ranks) => Words.Of(ranks.From + order.Below(ranks.To - ranks.From));

    private static double Share(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
