using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>What readers have of an article now: what a new rendering is compared with.</summary>
/// <param name="Stored">Its stored form; null while readers do not see it.</param>
/// <param name="Slugs">Every slug that readers know it by, present and past.</param>
internal sealed record Standing(StoredArticle? Stored, IReadOnlyList<string> Slugs)
{
    // A part that an older release did not write counts as another: the next rendering writes it.
    private const string Of = """
        SELECT a.id, a.slug, CASE WHEN t.id IS NULL OR n.id IS NULL THEN '' ELSE a.etag END, coalesce(p.etag, ''), coalesce(h.etag, ''), coalesce(s.etag, ''), a.tdm,
          ARRAY(SELECT DISTINCT l.target FROM delivery.listings l WHERE l.article_id = a.id ORDER BY l.target),
          ARRAY(SELECT m.shown FROM delivery.mentions m WHERE m.article_id = a.id ORDER BY m.shown)
        FROM delivery.articles a
          LEFT JOIN delivery.pages p USING (id) LEFT JOIN delivery.heads h USING (id) LEFT JOIN delivery.summaries s USING (id)
          LEFT JOIN delivery.texts t ON t.id = a.id LEFT JOIN delivery.nearness n ON n.id = a.id
        WHERE a.id = ANY ($1)
        """;

    private const string SlugsOf = "SELECT target, slug FROM delivery.addresses WHERE target = ANY ($1) AND kind = 'article'";

    /// <summary>The keys of its addresses.</summary>
    public IEnumerable<string> Keys => Slugs.Select(s => DeliveryKey.Address("article", s));

    /// <param name="batch">An empty one on the caller's connection; disposed here.</param>
    /// <param name="ids">Of which articles.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<IReadOnlyDictionary<Guid, Standing>> Load(NpgsqlBatch batch, Guid[] ids, CancellationToken ct)
    {
        await using var _ = batch;
        foreach (var sql in new[] { Of, SlugsOf })
            batch.BatchCommands.Add(new(sql) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } } });
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var stored = new Dictionary<Guid, StoredArticle>();
        while (await reader.ReadAsync(ct))
            stored[reader.GetGuid(0)] = new(
                reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetFieldValue<Guid[]>(7), reader.GetFieldValue<Guid[]>(8));
        await reader.NextResultAsync(ct);
        var slugs = new List<(Guid Id, string Slug)>();
        while (await reader.ReadAsync(ct)) slugs.Add((reader.GetGuid(0), reader.GetString(1)));
        var known = slugs.ToLookup(s => s.Id, s => s.Slug);
        return ids.ToDictionary(id => id, id => new Standing(stored.GetValueOrDefault(id), [.. known[id]]));
    }
}

/// <summary>An article's stored form, by the tags of its parts.</summary>
internal sealed record StoredArticle(string Slug, string ETag, string PageTag, string HeadTag, string SummaryTag, string? Tdm, Guid[] Targets, Guid[] Shows);
