using System.Data;
using Npgsql;
using NpgsqlTypes;

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
/// <param name="ChangedAt">Of an article: when the tag became this one; never the same second as of the one before.</param>
/// <param name="Body">The bytes.</param>
internal sealed record Stored(string ETag, DateTimeOffset? ChangedAt, byte[] Body)
{
    /// <summary>Of an article: what who mines texts may do with it; null where nobody says anything.</summary>
    public TdmHeaders? Tdm { get; init; }

    /// <summary>The bytes were not read: the client holds them.</summary>
    public bool IsTagAlone { get; init; }
}

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
/// <param name="Filter">What it is of: kind, such as <c>tag</c>, and slug; null for all.</param>
/// <param name="Languages">Any of these; <see cref="AllLanguages"/> alone for all.</param>
/// <param name="Order">Which comes first.</param>
/// <param name="From">First published then or later; not with <see cref="ListOrder.Updated"/>.</param>
/// <param name="To">First published before; not with <see cref="ListOrder.Updated"/>.</param>
/// <param name="After">The last one of the page before.</param>
/// <param name="Limit">At most this many.</param>
internal sealed record ListQuestion(
    (string Kind, string Slug)? Filter, string[] Languages, ListOrder Order, DateTimeOffset? From, DateTimeOffset? To, (DateTimeOffset At, Guid Id)? After, int Limit)
{
    /// <summary>What it is of, where that is known by its id instead.</summary>
    public Guid? Target { get; init; }

    /// <summary>Stands for every language.</summary>
    public const string AllLanguages = "";
}

/// <summary>A page of a list.</summary>
/// <param name="Target">What its filter names; null when readers know of no such thing.</param>
/// <param name="Rows">In order.</param>
internal sealed record ListPage(Guid? Target, IReadOnlyList<ListRow> Rows);

/// <summary>A row of a list.</summary>
/// <param name="At">What the list is ordered by.</param>
/// <param name="Id">The article.</param>
/// <param name="Json">Its summary.</param>
internal readonly record struct ListRow(DateTimeOffset At, Guid Id, byte[] Json);

/// <summary>An article's last change.</summary>
internal sealed record ChangeRow(long Number, Guid Id, string Slug, bool Gone, DateTimeOffset At);

/// <summary>
/// Reads what readers get, and can read nothing else: its connections run as a role that may SELECT in schema <c>delivery</c> alone.
/// One SQL per question, each answered by one range of one index, or by one for each language that is asked for. One per request.
/// </summary>
internal sealed class DeliveryStore(DeliveryReading reading)
{
    // The words are this class's own.
    private static readonly RowSql[]
        Articles = Forms("articles", "a.body"), ArticlesUnlessHeld = Forms("articles", "CASE WHEN a.etag <> $2 THEN a.body END"), Pages = Forms("pages", "a.body"), Heads = Forms("heads", "a.body"),
        Documents = [.. new[] { "json", "br", "gzip" }.Select(column => RowSql.Of($"a.etag, a.changed_at, a.{column}, NULL::text", "delivery.documents a", "a.key = $1"))];

    internal const string ChangesSince = """
        SELECT c.number, c.forgotten, r.number, r.article_id, r.slug, r.gone, r.at
        FROM delivery.clock c LEFT JOIN LATERAL (
          SELECT * FROM delivery.changes h WHERE (h.number, h.article_id) > ($1, $2) ORDER BY h.number, h.article_id LIMIT $3) r ON true
        ORDER BY r.number, r.article_id
        """;

    /// <summary>How long a withdrawal is told.</summary>
    public static readonly TimeSpan TombstonesKeptFor = TimeSpan.FromDays(90);

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

    internal static readonly string
        Newest = ListSql("first_published_at", "DESC", "<", ">="), Oldest = ListSql("first_published_at", "ASC", ">", "<"), Updated = ListSql("updated_at", "DESC", "<", ">=");

    // Each language is one range of one index, cut at the page's length before they are merged. The words are this class's own.
    private static string ListSql(string at, string order, string after, string until) => $"""
        SELECT c.number, t.target, r.at, r.id, r.json
        FROM delivery.clock c
        CROSS JOIN (SELECT CASE WHEN $8 IS NOT NULL THEN $8 WHEN $1 = '' THEN '{Guid.Empty}' ELSE (SELECT a.target FROM delivery.addresses a WHERE a.kind = $1 AND a.slug = $2) END AS target) t
        LEFT JOIN LATERAL (
          SELECT p.at, p.id, s.json FROM (
            SELECT one.at, one.id FROM unnest($3::text[]) AS wanted (language) CROSS JOIN LATERAL (
              SELECT l.{at} AS at, l.article_id AS id FROM delivery.listings l
              WHERE l.target = t.target AND l.language = wanted.language AND (l.{at}, l.article_id) {after} ($4, $5) AND l.{at} {until} $6
              ORDER BY l.{at} {order}, l.article_id {order} LIMIT $7) one
            ORDER BY one.at {order}, one.id {order} LIMIT $7) p
          JOIN delivery.summaries s ON s.id = p.id) r ON true
        ORDER BY r.at {order}, r.id {order}
        """;

    // Npgsql's infinity conversion is off, so the ends of .NET's time are not the database's: these lie beyond every article.
    private static readonly DateTimeOffset End = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), Beginning = new(1, 2, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    /// <summary>Who is asked, and the clock's number in what was read.</summary>
    public DeliveryReading Reading => reading;

    /// <inheritdoc cref="DeliveryReading.ReadClock" />
    public Task ReadClock(CancellationToken ct) => reading.ReadClock(ct);

    /// <summary>The article's JSON alone.</summary>
    public Task<Stored?> Article(string slug, Coding coding, CancellationToken ct) => Read(Articles[(int)coding], slug, ct);

    /// <summary>The article's JSON alone, or its tag alone where that is the one the client holds.</summary>
    public Task<Stored?> ArticleUnlessHeld(string slug, Coding coding, string held, CancellationToken ct) => Read(ArticlesUnlessHeld[(int)coding], slug, ct, held);

    /// <summary>The article with its HTML and head.</summary>
    public Task<Stored?> Page(string slug, Coding coding, CancellationToken ct) => Read(Pages[(int)coding], slug, ct);

    /// <summary>The head alone.</summary>
    public Task<Stored?> Head(string slug, Coding coding, CancellationToken ct) => Read(Heads[(int)coding], slug, ct);

    /// <summary>Where an article's slug leads that <see cref="Article"/> does not know; null when it never was one.</summary>
    public Task<Elsewhere?> ArticleMoved(string slug, CancellationToken ct) => Moved(ArticleElsewhere, slug, ct);

    public Task<Stored?> Document(string key, Coding coding, CancellationToken ct) => Read(Documents[(int)coding], key, ct);

    /// <inheritdoc cref="ArticleMoved" />
    public Task<Elsewhere?> SectionMoved(string slug, CancellationToken ct) => Moved(SectionElsewhere, slug, ct);

    /// <summary>What a filter's slug names; null when readers know nothing of it.</summary>
    public Task<Guid?> Target(string kind, string slug, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(TargetBySlug, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        return await command.ExecuteScalarAsync(ct) as Guid?;
    }, ct);

    public Task<ListPage> List(ListQuestion question, CancellationToken ct) => reading.Read(async (source, seen) =>
    {
        // Ids are never zero, so the empty one keeps out what stands at the end of the span, and lets in what stands at its beginning.
        var (start, until) = question.Order == ListOrder.Oldest
            ? (question.After ?? (question.From ?? Beginning, Guid.Empty), question.To ?? End)
            : (question.After ?? (question.To is { } to ? (to, Guid.Empty) : (End, LastId)), question.From ?? Beginning);
        await using var command = source.CreateCommand(question.Order switch
        {
            ListOrder.Oldest => Oldest,
            ListOrder.Updated => Updated,
            _ => Newest,
        });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question.Filter?.Kind ?? "" });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = question.Filter?.Slug ?? "" });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = question.Languages });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = start.At });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = start.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = question.Limit });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid, Value = question.Target ?? (object)DBNull.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (rows, target) = (new List<ListRow>(question.Limit), (Guid?)null);
        while (await reader.ReadAsync(ct))
        {
            seen.Saw(reader.GetInt64(0));
            if (!reader.IsDBNull(1)) target = reader.GetGuid(1);
            if (!reader.IsDBNull(2)) rows.Add(new(reader.GetFieldValue<DateTimeOffset>(2), reader.GetGuid(3), reader.GetFieldValue<byte[]>(4)));
        }

        return new ListPage(target, rows);
    });

    /// <summary>Articles that changed after a position, the clock's number, and the one up to which withdrawals are forgotten.</summary>
    public Task<((long Number, long Forgotten) Clock, List<ChangeRow> Rows)> Changes(long number, Guid id, int limit, CancellationToken ct) => reading.Read(async (source, seen) =>
    {
        await using var command = source.CreateCommand(ChangesSince);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (clock, rows) = ((Number: 0L, Forgotten: 0L), new List<ChangeRow>());
        while (await reader.ReadAsync(ct))
        {
            clock = (seen.Saw(reader.GetInt64(0)), reader.GetInt64(1));
            if (!reader.IsDBNull(2))
                rows.Add(new(reader.GetInt64(2), reader.GetGuid(3), reader.GetString(4), reader.GetBoolean(5), reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return (clock, rows);
    });

    private Task<Stored?> Read(RowSql sql, string key, CancellationToken ct, string? held = null) => reading.Read(async (source, seen) =>
    {
        await using var command = source.CreateCommand(seen.AsksClock ? sql.WithClock : sql.Alone);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        if (held is not null) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = held });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, ct);
        if (!await reader.ReadAsync(ct)) return seen.AsksClock ? throw new InvalidOperationException("Delivery has no clock.") : (Stored?)null;
        if (seen.AsksClock) seen.Saw(reader.GetInt64(4));
        if (reader.IsDBNull(0)) return null;
        var (etag, at, isTagAlone) = (reader.GetString(0), reader.IsDBNull(1) ? (DateTimeOffset?)null : reader.GetFieldValue<DateTimeOffset>(1), reader.IsDBNull(2));
        return new Stored(etag, at, isTagAlone ? [] : reader.GetFieldValue<byte[]>(2)) { IsTagAlone = isTagAlone, Tdm = reader.IsDBNull(3) ? null : TdmHeaders.Read(reader.GetString(3)) };
    });

    private static RowSql[] Forms(string form, string body) =>
        [.. new[] { form, $"{form}_br", $"{form}_gzip" }.Select(table => RowSql.Of($"a.etag, a.changed_at, {body}, a.tdm", $"delivery.{table} a", "a.slug = $1"))];

    // What a snapshot holds the clock in it tells, where that has to be asked.
    private sealed record RowSql(string Alone, string WithClock)
    {
        public static RowSql Of(string columns, string table, string condition) => new(
            $"SELECT {columns} FROM {table} WHERE {condition}", $"SELECT {columns}, c.number FROM delivery.clock c LEFT JOIN {table} ON {condition}");
    }

    private Task<Elsewhere?> Moved(string sql, string slug, CancellationToken ct) => reading.Read(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        await using var reader = await command.ExecuteReaderAsync(ct);
        Elsewhere? found = null;
        while (await reader.ReadAsync(ct))
            found = new(reader.IsDBNull(0) ? found?.Slug : reader.GetString(0));
        return found;
    }, ct);
}
