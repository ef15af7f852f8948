using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>A row of a list of authors or tags.</summary>
/// <param name="Slug">What the list is ordered by.</param>
/// <param name="Json">Its answer.</param>
internal readonly record struct NameRow(string Slug, byte[] Json);

/// <summary>Reads authors and tags as readers get them, as <see cref="DeliveryStore"/> reads articles.</summary>
internal sealed class NameStore(DeliveryReading reading)
{
    private const string BySlug = "SELECT json FROM delivery.names WHERE kind = $1 AND slug = $2";

    private const string Present = """
        SELECT n.slug FROM delivery.addresses a JOIN delivery.names n ON n.id = a.target WHERE a.kind = $1 AND a.slug = $2
        """;

    private const string After = "SELECT slug, json FROM delivery.names WHERE kind = $1 AND slug > $2 ORDER BY slug LIMIT $3";

    /// <summary>Null when no published article shows it.</summary>
    public Task<byte[]?> Name(string kind, string slug, CancellationToken ct) => One<byte[]>(BySlug, kind, slug, ct);

    /// <summary>The present slug of what once had this one; null when readers know nothing of it.</summary>
    public Task<string?> Moved(string kind, string slug, CancellationToken ct) => One<string>(Present, kind, slug, ct);

    /// <summary>A page of all, in the order of their slugs.</summary>
    /// <param name="kind">Such as <c>author</c>.</param>
    /// <param name="after">The last slug of the page before; empty for the first.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="ct">Cancels.</param>
    public Task<List<NameRow>> List(string kind, string after, int limit, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(After, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<NameRow>(limit);
        while (await reader.ReadAsync(ct)) rows.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        return rows;
    }, ct);

    private Task<T?> One<T>(string sql, string kind, string slug, CancellationToken ct) where T : class => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        return await command.ExecuteScalarAsync(ct) as T;
    }, ct);
}
