using System.Data;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>How the bytes of an answer are coded.</summary>
internal enum Coding
{
    Plain,
    Brotli,
    Gzip,
}

/// <summary>Bytes ready to send.</summary>
/// <param name="ETag">Of the plain bytes, without quotes.</param>
/// <param name="ChangedAt">When the tag became this one; never the same second as of the one before.</param>
/// <param name="Body">The bytes.</param>
internal sealed record Stored(string ETag, DateTimeOffset ChangedAt, byte[] Body);

/// <summary>Where an address leads that is no article's present one.</summary>
/// <param name="Slug">The present slug; null when it is gone.</param>
internal sealed record Elsewhere(string? Slug);

/// <summary>One page of a list, newest or oldest first.</summary>
/// <param name="Target">A section, tag, author; <see cref="Guid.Empty"/> for all.</param>
/// <param name="Language">Empty for all.</param>
/// <param name="OldestFirst">The other way round.</param>
/// <param name="After">The last one of the page before.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record ListQuestion(Guid Target, string Language, bool OldestFirst, (DateTimeOffset At, Guid Id)? After, int Limit);

/// <summary>A row of a list.</summary>
internal readonly record struct ListRow(DateTimeOffset FirstPublishedAt, Guid Id, byte[] Json);

/// <summary>
/// Reads what readers get, and can read nothing else: its connections run as a role that may SELECT in schema <c>delivery</c> alone.
/// One SQL per question, each answered by one range of one index.
/// </summary>
internal sealed class DeliveryStore(Databases databases)
{
    private const string ArticlePlain = "SELECT etag, changed_at, json FROM delivery.articles WHERE slug = $1";
    private const string ArticleBrotli = "SELECT etag, changed_at, body FROM delivery.articles_br WHERE slug = $1";
    private const string ArticleGzip = "SELECT etag, changed_at, body FROM delivery.articles_gzip WHERE slug = $1";
    private const string DocumentPlain = "SELECT etag, changed_at, json FROM delivery.documents WHERE key = $1";
    private const string DocumentBrotli = "SELECT etag, changed_at, br FROM delivery.documents WHERE key = $1";
    private const string DocumentGzip = "SELECT etag, changed_at, gzip FROM delivery.documents WHERE key = $1";
    private const string TargetBySlug = "SELECT target FROM delivery.addresses WHERE kind = $1 AND slug = $2";

    private const string ArticleElsewhere = """
        SELECT a.slug FROM delivery.addresses d LEFT JOIN delivery.articles a ON a.id = d.target AND NOT d.gone
        WHERE d.kind = 'article' AND d.slug = $1
        """;

    private const string SectionElsewhere = """
        SELECT (SELECT substr(s.key, 9) FROM delivery.documents s WHERE s.key = 'section:' || n.slug)
        FROM delivery.addresses o JOIN delivery.addresses n ON n.target = o.target AND n.kind = 'section'
        WHERE o.kind = 'section' AND o.slug = $1
        """;

    internal const string Newest = """
        SELECT l.first_published_at, l.article_id, s.json FROM delivery.listings l JOIN delivery.summaries s ON s.id = l.article_id
        WHERE l.target = $1 AND l.language = $2 AND (l.first_published_at, l.article_id) < ($3, $4)
        ORDER BY l.first_published_at DESC, l.article_id DESC LIMIT $5
        """;

    internal const string Oldest = """
        SELECT l.first_published_at, l.article_id, s.json FROM delivery.listings l JOIN delivery.summaries s ON s.id = l.article_id
        WHERE l.target = $1 AND l.language = $2 AND (l.first_published_at, l.article_id) > ($3, $4)
        ORDER BY l.first_published_at, l.article_id LIMIT $5
        """;

    // Npgsql's infinity conversion is off, so the ends of .NET's time are not the database's: these lie beyond every article.
    private static readonly DateTimeOffset End = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), Beginning = new(1, 2, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    public Task<Stored?> Article(string slug, Coding coding, CancellationToken ct) => Read(coding switch
    {
        Coding.Brotli => ArticleBrotli,
        Coding.Gzip => ArticleGzip,
        _ => ArticlePlain,
    }, slug, ct);

    /// <summary>Where an article's slug leads that <see cref="Article"/> does not know; null when it never was one.</summary>
    public Task<Elsewhere?> ArticleMoved(string slug, CancellationToken ct) => Moved(ArticleElsewhere, slug, ct);

    public Task<Stored?> Document(string key, Coding coding, CancellationToken ct) => Read(coding switch
    {
        Coding.Brotli => DocumentBrotli,
        Coding.Gzip => DocumentGzip,
        _ => DocumentPlain,
    }, key, ct);

    /// <inheritdoc cref="ArticleMoved" />
    public Task<Elsewhere?> SectionMoved(string slug, CancellationToken ct) => Moved(SectionElsewhere, slug, ct);

    /// <summary>What a filter's slug names; null when readers know nothing of it.</summary>
    public Task<Guid?> Target(string kind, string slug, CancellationToken ct) => Twice(async () =>
    {
        await using var command = databases.Delivery.CreateCommand(TargetBySlug);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        return await command.ExecuteScalarAsync(ct) as Guid?;
    });

    public Task<List<ListRow>> List(ListQuestion question, CancellationToken ct) => Twice(async () =>
    {
        var (at, id) = question.After ?? (question.OldestFirst ? (Beginning, Guid.Empty) : (End, LastId));
        await using var command = databases.Delivery.CreateCommand(question.OldestFirst ? Oldest : Newest);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = question.Target });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question.Language });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = question.Limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<ListRow>(question.Limit);
        while (await reader.ReadAsync(ct))
            rows.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)));
        return rows;
    });

    private Task<T> Twice<T>(Func<Task<T>> read) => DatabaseFault.ReadTwice(databases.Delivery, read);

    private Task<Stored?> Read(string sql, string key, CancellationToken ct) => Twice(async () =>
    {
        await using var command = databases.Delivery.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, ct);
        return await reader.ReadAsync(ct)
            ? new Stored(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<byte[]>(2))
            : null;
    });

    private Task<Elsewhere?> Moved(string sql, string slug, CancellationToken ct) => Twice(async () =>
    {
        await using var command = databases.Delivery.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        await using var reader = await command.ExecuteReaderAsync(ct);
        Elsewhere? found = null;
        while (await reader.ReadAsync(ct))
            found = new(reader.IsDBNull(0) ? found?.Slug : reader.GetString(0));
        return found;
    });
}
