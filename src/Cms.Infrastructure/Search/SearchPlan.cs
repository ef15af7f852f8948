namespace Cms.Infrastructure.Search;

/// <summary>
/// How one language's vectors are searched. Measured at 100,000 and 1,000,000 articles: left to itself, the planner walks the index of dates
/// where the words' index takes a hundredth of the time, and the other way round, for it does not know what the unpacking of a vector costs.
/// So the way is chosen here, and each statement of <see cref="SearchSql"/> allows one way alone.
/// </summary>
/// <param name="Config">The stemming: <see cref="Stemming"/>.</param>
/// <param name="Query">A tsquery.</param>
/// <param name="Rows">Articles of the language, as PostgreSQL last counted.</param>
internal sealed record SearchPlan(string Config, string Query, double Rows)
{
    /// <summary>Below this many every way is fast, and an estimate would cost more than it saves.</summary>
    private const double Few = 10_000;

    /// <summary>What the unpacking of a vector costs, in hits that the words' index gives (20 µs to 0.4 µs).</summary>
    private const double Unpacking = 50;

    /// <summary>Rows that a walk looks at, at most: past them the estimate was wrong, and the words' index is asked after all.</summary>
    private const int LongestWalk = 2_000;

    // Common words come in clusters.
    private const int Leeway = 100;

    /// <summary>Hits that the planner expects; 0 when it was not asked.</summary>
    public double Expected { get; init; }

    /// <summary>So many that a common word is possible.</summary>
    public bool IsLarge => Rows >= Few;

    /// <summary>Words beside each other: the index knows which articles have them all, each of those has to be looked at.</summary>
    public bool IsPhrase => Query.Contains('<', StringComparison.Ordinal) && !Query.Contains('!', StringComparison.Ordinal);

    /// <summary>Nearly every article has all words of the phrase: the index would name most of the archive, so the newest are looked at as they are.</summary>
    public bool IsEverywhere => IsLarge && Expected > Rows / 4;

    /// <summary>More hits than are counted, as far as one can tell without counting.</summary>
    public bool IsCommon => Expected >= Few;

    /// <summary>How many of the newest articles to look at one by one for so many hits; null: the words' index is faster.</summary>
    public int? Walk(int hits) => IsCommon && Expected * Expected > Unpacking * hits * Rows && (2 * hits * Rows / Expected) + Leeway is var steps and <= LongestWalk
        ? (int)steps
        : null;
}
