using Cms.Infrastructure.Delivery;
using Npgsql;

namespace Cms.Infrastructure.Search;

/// <summary>Articles beside another.</summary>
internal sealed class RelatedStore(DeliveryReading reading)
{
    /// <summary>Articles that are shown, at most, and unless asked otherwise.</summary>
    public const int MaxLimit = 20, DefaultLimit = 6;

    // The editor's choice, in order; then, of the newest that share a tag or the section, those that share most. However large the archive, no more
    // is read: forty of each tag and a hundred of the section, then two hundred of them.
    internal const string Near = """
        WITH me AS MATERIALIZED (SELECT n.* FROM delivery.articles a JOIN delivery.nearness n ON n.id = a.id WHERE a.slug = $1),
        chosen AS (
          SELECT c.id, c.place FROM me CROSS JOIN LATERAL unnest(me.chosen) WITH ORDINALITY c (id, place)
          JOIN delivery.nearness o ON o.id = c.id WHERE o.translation_group <> me.translation_group),
        candidates AS (
          SELECT l.article_id, l.first_published_at FROM me CROSS JOIN LATERAL unnest(me.tags) t CROSS JOIN LATERAL (
            SELECT article_id, first_published_at FROM delivery.listings WHERE target = t AND language = me.language
            ORDER BY first_published_at DESC, article_id DESC LIMIT 40) l
          UNION
          SELECT l.article_id, l.first_published_at FROM me CROSS JOIN LATERAL (
            SELECT article_id, first_published_at FROM delivery.listings WHERE target = me.section AND language = me.language
            ORDER BY first_published_at DESC, article_id DESC LIMIT 100) l),
        newest AS MATERIALIZED (SELECT * FROM candidates ORDER BY first_published_at DESC, article_id DESC LIMIT 200),
        near AS (
          SELECT n.article_id AS id, n.first_published_at AS at,
            (SELECT count(*) FROM unnest(o.tags) t WHERE t = ANY (me.tags)) AS tags,
            (o.section IS NOT DISTINCT FROM me.section)::int AS section,
            (SELECT count(*) FROM unnest(o.words) w WHERE w = ANY (me.words)) AS words
          FROM me CROSS JOIN newest n JOIN delivery.nearness o ON o.id = n.article_id
          WHERE o.translation_group <> me.translation_group AND n.article_id NOT IN (SELECT id FROM chosen)),
        beside AS (
          (SELECT id, place, 0::bigint AS tags, 0 AS section, 0::bigint AS words, NULL::timestamptz AS at FROM chosen ORDER BY place LIMIT $2)
          UNION ALL
          (SELECT id, NULL, tags, section, words, at FROM near ORDER BY tags DESC, section DESC, words DESC, at DESC, id DESC LIMIT $2))
        SELECT NULL::bytea FROM me
        UNION ALL (
          SELECT s.json FROM beside b JOIN delivery.summaries s ON s.id = b.id
          ORDER BY b.place NULLS LAST, b.tags DESC, b.section DESC, b.words DESC, b.at DESC, b.id DESC LIMIT $2)
        """;

    /// <returns>Their summaries, nearest first; null when readers know no article by this slug.</returns>
    public Task<List<byte[]>?> Beside(string slug, int limit, CancellationToken ct) => reading.Read<List<byte[]>?>(ReadPool.Search, async connection =>
    {
        await using var command = new NpgsqlCommand(Near, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = slug });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<byte[]>? beside = null;
        while (await reader.ReadAsync(ct))
        {
            // The first row tells that there is such an article.
            if (reader.IsDBNull(0)) beside = [];
            else beside?.Add(reader.GetFieldValue<byte[]>(0));
        }

        return beside;
    }, ct);
}
