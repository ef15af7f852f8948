namespace Cms.Infrastructure.Search;

/// <summary>Which hit comes first.</summary>
internal enum SearchOrder
{
    /// <summary>By first publication, latest first.</summary>
    Newest,

    /// <summary>By how well it fits and how new it is, of the newest <see cref="SearchQuestion.MaxRanked"/>.</summary>
    Relevance,
}

/// <summary>One page of what a reader searches.</summary>
/// <param name="Text">What is searched.</param>
/// <param name="Languages">Any of these; none for all.</param>
/// <param name="Target">A section, tag or author whose articles are searched; null for all.</param>
/// <param name="From">First published then or later.</param>
/// <param name="To">First published before.</param>
/// <param name="Order">Which comes first.</param>
/// <param name="AsOf">By relevance, what is new is new at this time, on every page.</param>
/// <param name="After">The last hit of the page before.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record SearchQuestion(
    SearchText Text, string[] Languages, Guid? Target, DateTimeOffset? From, DateTimeOffset? To, SearchOrder Order, DateTimeOffset AsOf, SearchHit? After, int Limit)
{
    /// <summary>Hits that are counted, at most.</summary>
    public const int MaxTotal = 1_000;

    /// <summary>Hits that are ranked by relevance, at most: each costs the unpacking of its vector.</summary>
    public const int MaxRanked = 500;
}

/// <summary>An article that fits.</summary>
/// <param name="At">Its first publication.</param>
/// <param name="Id">The article.</param>
/// <param name="Score">By relevance, the higher the better; else 0.</param>
internal sealed record SearchHit(DateTimeOffset At, Guid Id, double Score = 0) : IComparable<SearchHit>
{
    /// <summary>Less is earlier on the page.</summary>
    public int CompareTo(SearchHit? other) => other is null ? -1 : (other.Score, other.At, other.Id).CompareTo((Score, At, Id));
}

/// <summary>What was found.</summary>
/// <param name="Hits">The page.</param>
/// <param name="Next">The last hit that was looked at, where there are more; it need not be on the page.</param>
/// <param name="Total">Hits, at most <see cref="SearchQuestion.MaxTotal"/>.</param>
/// <param name="TotalIsMore">There are more than that.</param>
internal sealed record SearchFindings(IReadOnlyList<SearchHit> Hits, SearchHit? Next, int Total, bool TotalIsMore)
{
    /// <summary>Nothing fits.</summary>
    public static readonly SearchFindings None = new([], null, 0, false);
}
