using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>What readers see of the articles that were first published in one month.</summary>
/// <param name="Month">Its first day, UTC.</param>
/// <param name="Articles">How many.</param>
/// <param name="UpdatedAt">The latest change of any of them.</param>
/// <param name="Version">Grows with every change.</param>
internal sealed record SitemapMonth(DateOnly Month, int Articles, DateTimeOffset UpdatedAt, long Version)
{
    /// <summary>In the order of publication: the first instant of the month, and of the next.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Span => (new(Month, TimeOnly.MinValue, TimeSpan.Zero), new(Month.AddMonths(1), TimeOnly.MinValue, TimeSpan.Zero));
}

/// <summary>Reads what sitemaps are made of, by the readers' role: in pages, so that no answer holds an archive.</summary>
internal sealed class SitemapStore(DeliveryReading reading)
{
    // A century has 1,200.
    private const string AllMonths = "SELECT month, articles, updated_at, version FROM delivery.sitemap_months WHERE articles > 0 ORDER BY month LIMIT 5000";

    private const string OneMonth = "SELECT month, articles, updated_at, version FROM delivery.sitemap_months WHERE articles > 0 AND month = $1";

    // Only within one month, and only where it has more than one part.
    internal const string EndOfPart = """
        SELECT l.first_published_at, l.article_id FROM delivery.listings l
        WHERE l.target = '00000000-0000-0000-0000-000000000000' AND l.language = '' AND l.first_published_at >= $1 AND l.first_published_at < $2
        ORDER BY l.first_published_at, l.article_id OFFSET $3 LIMIT 1
        """;

    internal const string NextArticles = """
        SELECT r.at, r.id, s.json FROM (
          SELECT l.first_published_at AS at, l.article_id AS id FROM delivery.listings l
          WHERE l.target = '00000000-0000-0000-0000-000000000000' AND l.language = '' AND (l.first_published_at, l.article_id) > ($1, $2) AND l.first_published_at < $3
          ORDER BY l.first_published_at, l.article_id LIMIT $4) r
        JOIN delivery.summaries s ON s.id = r.id
        ORDER BY r.at, r.id
        """;

    internal const string LatestChanges = """
        SELECT wanted.target, (SELECT l.updated_at FROM delivery.listings l WHERE l.target = wanted.target AND l.language = '' ORDER BY l.updated_at DESC LIMIT 1)
        FROM unnest($1::uuid[]) AS wanted (target)
        """;

    public Task<List<SitemapMonth>> Months(CancellationToken ct) => Read(AllMonths, Month, ct);

    /// <summary>Null when readers see no article of it.</summary>
    public async Task<SitemapMonth?> OfMonth(DateOnly month, CancellationToken ct) =>
        await Read(OneMonth, Month, ct, new NpgsqlParameter<DateOnly> { TypedValue = month }) is [var found] ? found : null;

    /// <summary>The last article of the first so many of a month; null when it has fewer.</summary>
    public async Task<(DateTimeOffset At, Guid Id)?> EndOf(SitemapMonth month, int articles, CancellationToken ct) => await Read(
        EndOfPart, r => (r.GetFieldValue<DateTimeOffset>(0), r.GetGuid(1)), ct, new NpgsqlParameter<DateTimeOffset> { TypedValue = month.Span.From },
        new NpgsqlParameter<DateTimeOffset> { TypedValue = month.Span.To }, new NpgsqlParameter<int> { TypedValue = articles - 1 }) is [var end] ? end : null;

    /// <summary>Articles in the order of their first publication, after one and before an instant.</summary>
    public Task<List<ListRow>> After((DateTimeOffset At, Guid Id) after, DateTimeOffset before, int limit, CancellationToken ct) => Read(
        NextArticles, r => new ListRow(r.GetFieldValue<DateTimeOffset>(0), r.GetGuid(1), r.GetFieldValue<byte[]>(2)), ct,
        new NpgsqlParameter<DateTimeOffset> { TypedValue = after.At }, new NpgsqlParameter<Guid> { TypedValue = after.Id },
        new NpgsqlParameter<DateTimeOffset> { TypedValue = before }, new NpgsqlParameter<int> { TypedValue = limit });

    /// <summary>When a list last changed, by what it lists; those that are empty are left out.</summary>
    public async Task<Dictionary<Guid, DateTimeOffset>> LatestChange(IReadOnlyCollection<Guid> targets, CancellationToken ct) =>
        (await Read(LatestChanges, r => (Target: r.GetGuid(0), At: r.IsDBNull(1) ? (DateTimeOffset?)null : r.GetFieldValue<DateTimeOffset>(1)), ct, new NpgsqlParameter<Guid[]> { TypedValue = [.. targets] }))
        .Where(r => r.At is not null).ToDictionary(r => r.Target, r => r.At.GetValueOrDefault());

    private static SitemapMonth Month(NpgsqlDataReader r) => new(r.GetFieldValue<DateOnly>(0), r.GetInt32(1), r.GetFieldValue<DateTimeOffset>(2), r.GetInt64(3));

    private Task<List<T>> Read<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params NpgsqlParameter[] parameters) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter.Clone());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }, ct);
}
