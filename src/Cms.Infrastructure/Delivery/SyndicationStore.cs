using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>Reads what feeds and sitemaps are made of, by the readers' role. Each question is one range of one index.</summary>
internal sealed class SyndicationStore(DeliveryReading reading)
{
    // As DeliveryStore.Newest, with the whole page of each article: it holds the HTML.
    internal const string NewestPages = """
        SELECT r.at, r.id, p.body FROM (
          SELECT one.at, one.id FROM unnest($2::text[]) AS wanted (language) CROSS JOIN LATERAL (
            SELECT l.first_published_at AS at, l.article_id AS id FROM delivery.listings l
            WHERE l.target = $1 AND l.language = wanted.language AND (l.first_published_at, l.article_id) < ($3, $4)
            ORDER BY l.first_published_at DESC, l.article_id DESC LIMIT $5) one
          ORDER BY one.at DESC, one.id DESC LIMIT $5) r
        JOIN delivery.pages p ON p.id = r.id
        ORDER BY r.at DESC, r.id DESC
        """;

    private const string ArticleOfId = "SELECT body FROM delivery.articles WHERE id = $1";

    private static readonly DateTimeOffset End = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    /// <summary>Articles with their HTML, newest first.</summary>
    public Task<List<ListRow>> NewestWhole(Guid target, string[] languages, (DateTimeOffset At, Guid Id)? after, int limit, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        var (at, id) = after ?? (End, LastId);
        await using var command = new NpgsqlCommand(NewestPages, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = target });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = languages });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<ListRow>(limit);
        while (await reader.ReadAsync(ct)) rows.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)));
        return rows;
    }, ct);

    /// <summary>A published article's JSON; null when readers see none of this id.</summary>
    public Task<byte[]?> ArticleById(Guid id, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(ArticleOfId, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await command.ExecuteScalarAsync(ct) as byte[];
    }, ct);
}
