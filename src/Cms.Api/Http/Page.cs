namespace Cms.Api.Http;

/// <summary>What a list is made of, for the <c>Link</c> header.</summary>
internal interface IPage
{
    string? Next { get; }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">At most <c>limit</c>.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next) : IPage;

internal static class Page
{
    /// <summary>Rows per page, at most, and unless asked otherwise.</summary>
    public const int MaxLimit = 100, DefaultLimit = 20;

    /// <summary>Makes a page of one row more than it shows: the extra one tells that there is a next page.</summary>
    public static Page<TView> Of<TRow, TView>(IReadOnlyList<TRow> rows, Query query, Func<TRow, TView> view, Func<TRow, Position> position)
    {
        var limit = query.Limit;
        var shown = rows.Take(limit).ToList();
        return new([.. shown.Select(view)], rows.Count > limit ? Cursor.Write(query.Fingerprint, position(shown[^1])) : null);
    }
}
