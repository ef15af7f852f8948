using Cms.Domain.Articles;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Writes what readers get, within the caller's transaction and under the publishing lock. Nobody else writes the delivery schema.
/// </summary>
internal sealed class DeliveryWriter(CmsDbContext db)
{
    /// <summary>Renders these articles as they were published. Those that are not published are passed over.</summary>
    public async Task Render(IReadOnlyCollection<Guid> articleIds, CancellationToken ct)
    {
        if (articleIds.Count == 0) return;

        var publications = await db.Publications.AsNoTracking()
            .Where(p => articleIds.Contains(p.ArticleId) && db.Articles.Any(a => a.Id == p.ArticleId && a.Status == ArticleStatus.Published))
            .ToListAsync(ct);
        var renderer = new ArticleRenderer(await RenderSources.Load(db, publications, ct));
        await using var batch = NewBatch();
        foreach (var publication in publications) Add(batch, renderer.Render(publication));
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Takes an article from readers; its addresses answer 410 from now on.</summary>
    public async Task Remove(Guid articleId, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, "UPDATE delivery.addresses SET gone = true WHERE kind = 'article' AND target = $1", articleId);
        Command(batch, "DELETE FROM delivery.articles WHERE id = $1", articleId);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Forgets every address of something deleted: it answers 404 from now on.</summary>
    public async Task Forget(Guid id, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, "DELETE FROM delivery.addresses WHERE target = $1", id);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Makes a section's, author's or tag's present address known, where readers know one of it already or <paramref name="publish"/> says so.</summary>
    public async Task Address(string kind, string slug, Guid id, bool publish, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, """
            INSERT INTO delivery.addresses (kind, slug, target)
            SELECT $1, $2, $3 WHERE $4 OR EXISTS (SELECT FROM delivery.addresses WHERE target = $3)
            ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target, gone = false
            """, kind, slug, id, publish);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Stores a document of its own, such as the tree of sections. Unchanged bytes write nothing.</summary>
    public async Task Document(string key, byte[] json, DateTimeOffset now, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, """
            INSERT INTO delivery.documents (key, etag, json, changed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (key) DO UPDATE SET etag = excluded.etag, json = excluded.json, changed_at = excluded.changed_at
            WHERE documents.etag <> excluded.etag
            """, key, Compressed.Tag(json), json, now);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Drops the documents of a kind whose keys are not among these.</summary>
    public async Task KeepDocuments(string prefix, string[] keys, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, "DELETE FROM delivery.documents WHERE starts_with(key, $1) AND key <> ALL ($2)", prefix, keys);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Published articles that show something, after a given one, in the order of their ids.</summary>
    public async Task<List<Guid>> Showing(Guid subject, Guid? after, int limit, CancellationToken ct)
    {
        await using var command = NewBatch();
        Command(command, subject == Everything ? ShowingAll : ShowingOne, subject, after ?? Guid.Empty, limit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>The subject that every published article shows: the site.</summary>
    public static readonly Guid Everything = Domain.Sites.Site.OnlyId;

    private const string ShowingOne = "SELECT article_id FROM delivery.mentions WHERE shown = $1 AND article_id > $2 ORDER BY article_id LIMIT $3";

    private const string ShowingAll = "SELECT id FROM delivery.articles WHERE $1::uuid IS NOT NULL AND id > $2 ORDER BY id LIMIT $3";

    private static void Add(NpgsqlBatch batch, RenderedArticle article)
    {
        var coded = Compressed.Of(article.Json);
        Command(batch, """
            INSERT INTO delivery.articles (id, slug, etag, published_at, json) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, etag = excluded.etag, published_at = excluded.published_at, json = excluded.json
            """, article.Id, article.Slug, coded.ETag, article.PublishedAt, coded.Plain);
        Command(batch, CodedSql("br"), article.Id, article.Slug, coded.ETag, article.PublishedAt, coded.Brotli);
        Command(batch, CodedSql("gzip"), article.Id, article.Slug, coded.ETag, article.PublishedAt, coded.Gzip);
        Command(batch, """
            INSERT INTO delivery.summaries (id, json) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET json = excluded.json
            """, article.Id, article.Summary);
        Command(batch, """
            INSERT INTO delivery.addresses (kind, slug, target) VALUES ('article', $1, $2)
            ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target
            """, article.Slug, article.Id);
        Command(batch, "UPDATE delivery.addresses SET gone = false WHERE kind = 'article' AND target = $1 AND gone", article.Id);
        foreach (var (kind, slug, id) in article.Addresses)
            Command(batch, """
                INSERT INTO delivery.addresses (kind, slug, target) VALUES ($1, $2, $3)
                ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target
                """, kind, slug, id);
        // Empty stands for "all": one range of one key answers every list, with or without a language.
        Command(batch, "DELETE FROM delivery.listings WHERE article_id = $1", article.Id);
        Command(batch, """
            INSERT INTO delivery.listings (target, language, first_published_at, updated_at, article_id)
            SELECT t, l, $3, $4, $5 FROM unnest($1::uuid[]) t, unnest($2::text[]) l
            """, article.ListedUnder.Append(Guid.Empty).ToArray(), new[] { ListQuestion.AllLanguages, article.Language }, article.FirstPublishedAt, article.PublishedAt, article.Id);
        Command(batch, "DELETE FROM delivery.mentions WHERE article_id = $1", article.Id);
        Command(batch, "INSERT INTO delivery.mentions (shown, article_id) SELECT s, $2 FROM unnest($1::uuid[]) s", article.Shows.ToArray(), article.Id);
    }

    private static string CodedSql(string coding) => coding == "br" ? """
        INSERT INTO delivery.articles_br (id, slug, etag, published_at, body) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, etag = excluded.etag, published_at = excluded.published_at, body = excluded.body
        """ : """
        INSERT INTO delivery.articles_gzip (id, slug, etag, published_at, body) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, etag = excluded.etag, published_at = excluded.published_at, body = excluded.body
        """;

    private NpgsqlBatch NewBatch() => new((NpgsqlConnection)db.Database.GetDbConnection())
    {
        Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction(),
    };

    private static void Command(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }
}
