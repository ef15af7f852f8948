namespace Cms.Infrastructure.Search;

/// <summary>What is asked of one language's vectors. The first six parameters are those of <see cref="Fitting"/>.</summary>
internal static class SearchSql
{
    /// <summary>The query as this language understands it, where it has words to look for; what is all stop words or exclusions has none.</summary>
    public const string Understood = """
        SELECT c, q::text, (SELECT greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = ('delivery.search_' || c)::regclass)
        FROM unnest($1::text[]) c
        CROSS JOIN LATERAL (SELECT ('delivery.' || c)::regconfig AS config) stemming
        CROSS JOIN LATERAL (SELECT CASE WHEN $4::text IS NULL THEN websearch_to_tsquery(config, $2)
          ELSE websearch_to_tsquery(config, $2) || (websearch_to_tsquery(config, $3) && $4::tsquery) END AS q) query
        WHERE querytree(q) NOT IN ('', 'T') AND (SELECT true FROM delivery.search s WHERE s.config = c LIMIT 1)
        """;

    private const string Filters = """
        s.config = $1 AND ($3::uuid IS NULL OR s.targets @> ARRAY[$3::uuid]) AND ($4::text[] IS NULL OR s.language = ANY ($4::text[]))
          AND s.first_published_at >= $5 AND s.first_published_at < $6
        """;

    private const string Fitting = $"""
        FROM delivery.search s WHERE {Filters} AND s.vector @@ $2::tsquery
        """;

    /// <summary>A phrase is expected where all its words are.</summary>
    public const string Expected = $"EXPLAIN (FORMAT JSON) SELECT {Fitting}";

    // Materialised, so that no order or limit outside tempts the planner away from the words' index.
    private const string Hits = $"WITH hits AS MATERIALIZED (SELECT s.first_published_at AS at, s.id {Fitting})";

    /// <summary>A page by time, and how many hits there are, up to one more than are counted ($10).</summary>
    public const string Newest = $"""
        {Hits}
        SELECT counted.n, page.at, page.id, 0::float8 FROM (SELECT count(*)::int AS n FROM (SELECT FROM hits LIMIT $10) few) counted
        LEFT JOIN (SELECT at, id FROM hits WHERE (at, id) < ($7, $8) ORDER BY at DESC, id DESC LIMIT $9) page ON true
        ORDER BY page.at DESC, page.id DESC
        """;

    /// <summary>The newest $9 with their ranks.</summary>
    public const string Ranked = $"""
        {Hits}
        SELECT counted.n, page.at, page.id, page.rank FROM (SELECT count(*)::int AS n FROM (SELECT FROM hits LIMIT $10) few) counted
        LEFT JOIN (SELECT newest.at, newest.id, ts_rank(v.vector, $2::tsquery)::float8 AS rank
          FROM (SELECT at, id FROM hits WHERE (at, id) < ($7, $8) ORDER BY at DESC, id DESC LIMIT $9) newest
          JOIN delivery.search v ON v.id = newest.id AND v.config = $1) page ON true
        """;

    /// <summary>
    /// The newest articles one by one, $10 at most, until $9 fit. The function stands for the operator, which would bring the words' index.
    /// </summary>
    public const string Walked = $"""
        SELECT NULL::int, at, id, ts_rank(vector, $2::tsquery)::float8
        FROM (SELECT s.first_published_at AS at, s.id, s.vector FROM delivery.search s
          WHERE {Filters} AND (s.first_published_at, s.id) < ($7, $8) ORDER BY s.first_published_at DESC, s.id DESC LIMIT $10) walked
        WHERE ts_match_vq(vector, $2::tsquery) LIMIT $9
        """;

    /// <summary>
    /// Of the articles that have all words of a phrase, the newest $9, and whether they have it: the rank, or null. Counted are those that have all words.
    /// </summary>
    public const string Phrases = $"""
        WITH hits AS MATERIALIZED (SELECT s.first_published_at AS at, s.id FROM delivery.search s
          WHERE {Filters} AND s.vector @@ regexp_replace($2, '<(-|\d+)>', '&', 'g')::tsquery)
        SELECT counted.n, page.at, page.id, page.rank FROM (SELECT count(*)::int AS n FROM (SELECT FROM hits LIMIT $10) few) counted
        LEFT JOIN (SELECT newest.at, newest.id, CASE WHEN ts_match_vq(v.vector, $2::tsquery) THEN ts_rank(v.vector, $2::tsquery)::float8 END AS rank
          FROM (SELECT at, id FROM hits WHERE (at, id) < ($7, $8) ORDER BY at DESC, id DESC LIMIT $9) newest
          JOIN delivery.search v ON v.id = newest.id AND v.config = $1) page ON true
        """;

    /// <summary>As <see cref="Phrases"/>, of the newest $9 articles whatever words they have: of words that nearly all have.</summary>
    public const string PhrasesWalked = $"""
        SELECT $10::int, at, id, CASE WHEN ts_match_vq(vector, $2::tsquery) THEN ts_rank(vector, $2::tsquery)::float8 END
        FROM (SELECT s.first_published_at AS at, s.id, s.vector FROM delivery.search s
          WHERE {Filters} AND (s.first_published_at, s.id) < ($7, $8) ORDER BY s.first_published_at DESC, s.id DESC LIMIT $9) walked
        """;
}
