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

/// <summary>The order of a list.</summary>
internal enum ListOrder
{
    /// <summary>By first publication, latest first.</summary>
    Newest,

    /// <summary>By first publication.</summary>
    Oldest,

    /// <summary>By latest publication, latest first.</summary>
    Updated,
}

/// <summary>One page of a list.</summary>
/// <param name="Target">A section, tag, author; <see cref="Guid.Empty"/> for all.</param>
/// <param name="Languages">Any of these; <see cref="AllLanguages"/> alone for all.</param>
/// <param name="Order">Which comes first.</param>
/// <param name="From">First published then or later; not with <see cref="ListOrder.Updated"/>.</param>
/// <param name="To">First published before; not with <see cref="ListOrder.Updated"/>.</param>
/// <param name="After">The last one of the page before.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record ListQuestion(
    Guid Target, string[] Languages, ListOrder Order, DateTimeOffset? From, DateTimeOffset? To, (DateTimeOffset At, Guid Id)? After, int Limit)
{
    /// <summary>Stands for every language.</summary>
    public const string AllLanguages = "";
}

/// <summary>A row of a list.</summary>
/// <param name="At">What the list is ordered by.</param>
/// <param name="Id">The article.</param>
/// <param name="Json">Its summary.</param>
internal readonly record struct ListRow(DateTimeOffset At, Guid Id, byte[] Json);

/// <summary>
/// Reads what readers get, and can read nothing else: its connections run as a role that may SELECT in schema <c>delivery</c> alone.
/// One SQL per question, each answered by one range of one index, or by one for each language that is asked for.
/// </summary>
internal sealed class DeliveryStore(Databases databases)
{
    private const string ArticlePlain = "SELECT etag, changed_at, json FROM delivery.articles WHERE slug = $1";
    private const string ArticleBrotli = "SELECT etag, changed_at, body FROM delivery.articles_br WHERE slug = $1";
    private const string ArticleGzip = "SELECT etag, changed_at, body FROM delivery.articles_gzip WHERE slug = $1";
    private const string PagePlain = "SELECT etag, changed_at, body FROM delivery.pages WHERE slug = $1";
    private const string PageBrotli = "SELECT etag, changed_at, body FROM delivery.pages_br WHERE slug = $1";
    private const string PageGzip = "SELECT etag, changed_at, body FROM delivery.pages_gzip WHERE slug = $1";
    private const string HeadPlain = "SELECT etag, changed_at, body FROM delivery.heads WHERE slug = $1";
    private const string HeadBrotli = "SELECT etag, changed_at, body FROM delivery.heads_br WHERE slug = $1";
    private const string HeadGzip = "SELECT etag, changed_at, body FROM delivery.heads_gzip WHERE slug = $1";
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

    // Each language is one range of one index, cut at the page's length before they are merged.
    internal const string Newest = """
        SELECT r.at, r.id, s.json FROM (
          SELECT one.at, one.id FROM unnest($2::text[]) AS wanted (language) CROSS JOIN LATERAL (
            SELECT l.first_published_at AS at, l.article_id AS id FROM delivery.listings l
            WHERE l.target = $1 AND l.language = wanted.language AND (l.first_published_at, l.article_id) < ($3, $4) AND l.first_published_at >= $5
            ORDER BY l.first_published_at DESC, l.article_id DESC LIMIT $6) one
          ORDER BY one.at DESC, one.id DESC LIMIT $6) r
        JOIN delivery.summaries s ON s.id = r.id
        ORDER BY r.at DESC, r.id DESC
        """;

    internal const string Oldest = """
        SELECT r.at, r.id, s.json FROM (
          SELECT one.at, one.id FROM unnest($2::text[]) AS wanted (language) CROSS JOIN LATERAL (
            SELECT l.first_published_at AS at, l.article_id AS id FROM delivery.listings l
            WHERE l.target = $1 AND l.language = wanted.language AND (l.first_published_at, l.article_id) > ($3, $4) AND l.first_published_at < $5
            ORDER BY l.first_published_at, l.article_id LIMIT $6) one
          ORDER BY one.at, one.id LIMIT $6) r
        JOIN delivery.summaries s ON s.id = r.id
        ORDER BY r.at, r.id
        """;

    internal const string Updated = """
        SELECT r.at, r.id, s.json FROM (
          SELECT one.at, one.id FROM unnest($2::text[]) AS wanted (language) CROSS JOIN LATERAL (
            SELECT l.updated_at AS at, l.article_id AS id FROM delivery.listings l
            WHERE l.target = $1 AND l.language = wanted.language AND (l.updated_at, l.article_id) < ($3, $4) AND l.updated_at >= $5
            ORDER BY l.updated_at DESC, l.article_id DESC LIMIT $6) one
          ORDER BY one.at DESC, one.id DESC LIMIT $6) r
        JOIN delivery.summaries s ON s.id = r.id
        ORDER BY r.at DESC, r.id DESC
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

    /// <summary>The article with its HTML and head.</summary>
    public Task<Stored?> Page(string slug, Coding coding, CancellationToken ct) => Read(coding switch
    {
        Coding.Brotli => PageBrotli,
        Coding.Gzip => PageGzip,
        _ => PagePlain,
    }, slug, ct);

    /// <summary>The head alone.</summary>
    public Task<Stored?> Head(string slug, Coding coding, CancellationToken ct) => Read(coding switch
    {
        Coding.Brotli => HeadBrotli,
        Coding.Gzip => HeadGzip,
        _ => HeadPlain,
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
        // Ids are never zero, so the empty one keeps out what stands at the end of the span, and lets in what stands at its beginning.
        var (start, until) = question.Order == ListOrder.Oldest
            ? (question.After ?? (question.From ?? Beginning, Guid.Empty), question.To ?? End)
            : (question.After ?? (question.To is { } to ? (to, Guid.Empty) : (End, LastId)), question.From ?? Beginning);
        await using var command = databases.Delivery.CreateCommand(question.Order switch
        {
            ListOrder.Oldest => Oldest,
            ListOrder.Updated => Updated,
            _ => Newest,
        });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = question.Target });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = question.Languages });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = start.At });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = start.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
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
