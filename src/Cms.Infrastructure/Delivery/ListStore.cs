using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>A list as others name it.</summary>
/// <param name="Id">Stays for ever.</param>
/// <param name="Slug">The last part of its address here.</param>
/// <param name="Name">Such as "La une".</param>
internal sealed record ListName(Guid Id, string Slug, string Name);

/// <summary>A list with its articles.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Tail">Whose listing fills it; <see cref="Guid.Empty"/> for all; null when nothing does.</param>
/// <param name="Items">Summaries, in order.</param>
internal sealed record ShownList(ListName Name, Guid? Tail, IReadOnlyList<byte[]> Items);

/// <summary>Reads lists as readers get them, as <see cref="DeliveryStore"/> reads articles.</summary>
internal sealed class ListStore(DeliveryReading reading)
{
    // A row for the list by its key, one range of its pins, one of the tail's listing, a summary by its key for each article shown.
    private const string Whole = """
        SELECT l.id, l.slug, l.name, l.tail, i.json FROM delivery.lists l LEFT JOIN LATERAL (
          SELECT r.place, r.at, r.id, s.json FROM (
            (SELECT p.position AS place, NULL::timestamptz AS at, p.article_id AS id FROM delivery.list_pins p
             WHERE p.list_id = l.id ORDER BY p.position LIMIT l.size)
            UNION ALL
            (SELECT NULL, t.first_published_at, t.article_id FROM delivery.listings t
             WHERE t.target = l.tail AND t.language = l.language
               AND t.article_id <> ALL (ARRAY(SELECT p.article_id FROM delivery.list_pins p WHERE p.list_id = l.id))
             ORDER BY t.first_published_at DESC, t.article_id DESC LIMIT l.size)
            ORDER BY place NULLS LAST, at DESC, id DESC LIMIT l.size) r
          JOIN delivery.summaries s ON s.id = r.id) i ON true

        """;

    internal const string BySlug = Whole + "WHERE l.slug = $1 ORDER BY i.place NULLS LAST, i.at DESC, i.id DESC";

    internal const string OfSection = Whole + "WHERE l.section_id = $1 ORDER BY i.place NULLS LAST, i.at DESC, i.id DESC";

    private const string Present = "SELECT l.slug FROM delivery.addresses a JOIN delivery.lists l ON l.id = a.target WHERE a.kind = 'list' AND a.slug = $1";

    private const string After = "SELECT id, slug, name FROM delivery.lists WHERE slug > $1 ORDER BY slug LIMIT $2";

    /// <summary>Null when there is none.</summary>
    public Task<ShownList?> List(string slug, CancellationToken ct) => Read(BySlug, slug, ct);

    /// <summary>The list that is a section's front; null when there is none.</summary>
    public Task<ShownList?> Front(Guid sectionId, CancellationToken ct) => Read(OfSection, sectionId, ct);

    /// <summary>The present slug of what once had this one; null when there never was one.</summary>
    public Task<string?> Moved(string slug, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(Present, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        return await command.ExecuteScalarAsync(ct) as string;
    }, ct);

    /// <summary>A page of all, in the order of their slugs.</summary>
    /// <param name="after">The last slug of the page before; empty for the first.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="ct">Cancels.</param>
    public Task<List<ListName>> Names(string after, int limit, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(After, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<ListName>(limit);
        while (await reader.ReadAsync(ct)) rows.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        return rows;
    }, ct);

    private Task<ShownList?> Read<T>(string sql, T which, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = which });
        await using var reader = await command.ExecuteReaderAsync(ct);
        ShownList? list = null;
        var items = new List<byte[]>();
        while (await reader.ReadAsync(ct))
        {
            list ??= new(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2)), reader.IsDBNull(3) ? null : reader.GetGuid(3), items);
            if (!reader.IsDBNull(4)) items.Add(reader.GetFieldValue<byte[]>(4));
        }

        return list;
    }, ct);
}
