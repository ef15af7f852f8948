using Cms.Domain;
using Cms.Domain.Articles;
using Cms.Infrastructure.Postgres;
using Cms.Infrastructure.Search;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Writes what readers get, within the caller's transaction and under the publishing lock. Nobody else writes the delivery schema.
/// </summary>
internal sealed class DeliveryWriter(CmsDbContext db, TimeProvider time, ILogger log)
{
    private readonly DeliveryNames names = new(db);
    private readonly DeliveryLists lists = new(db);

    /// <summary>Renders what is being published.</summary>
    public Task Render(Publication publication, CancellationToken ct) => Render([publication], ct);

    // Those that are not published are passed over.
    private async Task Render(IReadOnlyCollection<Guid> articleIds, CancellationToken ct) => await Render(
        await db.Publications.AsNoTracking()
            .Where(p => articleIds.Contains(p.ArticleId) && db.Articles.Any(a => a.Id == p.ArticleId && a.Status == ArticleStatus.Published))
            .ToListAsync(ct),
        ct);

    private async Task Render(List<Publication> publications, CancellationToken ct)
    {
        if (publications.Count == 0) return;

        var ids = publications.Select(p => p.ArticleId).ToArray();
        var sources = await RenderSources.Load(db, publications, ct);
        var renderer = new ArticleRenderer(sources);
        var standing = await Standing.Load(NewBatch(), ids, ct);
        await using var batch = NewBatch();
        var now = time.Now();
        foreach (var publication in publications) Add(batch, renderer.Render(publication), standing[publication.ArticleId], now);
        Command(batch, DeliveryLists.Pin, (object)ids);
        lists.Pinned(await Texts(batch, ct));
        await names.Show(sources, [.. standing.Values.SelectMany(s => s.Stored?.Targets ?? []).Distinct()], ct);
    }

    // What the one command of the batch that answers says.
    private static async Task<List<string>> Texts(NpgsqlBatch batch, CancellationToken ct)
    {
        var texts = new List<string>();
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) texts.Add(reader.GetString(0));
        return texts;
    }

    /// <summary>
    /// Renders what shows something that changed. A publication that cannot be read stops neither the change nor the others: it stays as
    /// readers see it, and the log names it for people to see.
    /// </summary>
    public async Task RenderReadable(IReadOnlyList<Guid> articleIds, CancellationToken ct)
    {
        var unreadable = await CountUnreadable(articleIds, ct);
        if (unreadable > 0) log.LogError("{Unreadable} of {Articles} articles could not be rendered, and stay as readers see them.", unreadable, articleIds.Count);
    }

    // By halves, so that one among many costs few tries.
    private async Task<int> CountUnreadable(IReadOnlyList<Guid> articleIds, CancellationToken ct)
    {
        if (articleIds.Count == 0 || await FaultOf(articleIds, ct) is not { } fault) return 0;
        if (articleIds is [var one])
        {
            // Never the message: it may hold values of rows.
            log.LogError("Article {Article} could not be rendered: {Fault}.", one, DatabaseFault.Name(fault));
            return 1;
        }

        var half = articleIds.Count / 2;
        return await CountUnreadable([.. articleIds.Take(half)], ct) + await CountUnreadable([.. articleIds.Skip(half)], ct);
    }

    private async Task<Exception?> FaultOf(IReadOnlyList<Guid> articleIds, CancellationToken ct)
    {
        const string Savepoint = "render";
        var transaction = db.Database.CurrentTransaction ?? throw new InvalidOperationException("Delivery changes in a transaction.");
        await transaction.CreateSavepointAsync(Savepoint, ct);
        try
        {
            await Render(articleIds, ct);
            await transaction.ReleaseSavepointAsync(Savepoint, ct);
            return null;
        }
        catch (Exception e) when (IsOfStoredRow(e)) // whatever a corrupt row may do to whoever reads it
        {
            await transaction.RollbackToSavepointAsync(Savepoint, ct);
            return e;
        }
    }

    // PostgreSQL's classes of wrong data, broken constraints and corruption; its other faults are of the moment, and tried again as a whole.
    private static bool IsOfStoredRow(Exception e) => e is not OperationCanceledException
        && DatabaseFault.In(e) is null or PostgresException { SqlState: ['2', '2' or '3', ..] or ['X', 'X', ..] };

    /// <summary>Takes an article from readers; its addresses answer 410 from now on.</summary>
    public async Task Remove(Guid articleId, CancellationToken ct)
    {
        var standing = (await Standing.Load(NewBatch(), [articleId], ct))[articleId];
        await lists.Unpin(articleId, ct);
        await using var batch = NewBatch();
        Command(batch, "UPDATE delivery.addresses SET gone = true WHERE kind = 'article' AND target = $1", articleId);
        Command(batch, "DELETE FROM delivery.articles WHERE id = $1", articleId);
        await batch.ExecuteNonQueryAsync(ct);
        if (standing.Stored is not { } stored) return;
        db.DeliveryChanges.Article(articleId, stored.Slug, gone: true);
        db.DeliveryChanges.Touch([.. standing.Keys, .. stored.Targets.Select(DeliveryKey.Listing)]);
        await names.Leave(stored.Targets, ct);
    }

    /// <summary>Forgets every address of something deleted: it answers 404 from now on.</summary>
    public async Task Forget(Guid id, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, "DELETE FROM delivery.addresses WHERE target = $1 RETURNING kind, slug", id);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) db.DeliveryChanges.Touch(DeliveryKey.Address(reader.GetString(0), reader.GetString(1)));
    }

    /// <summary>Shows an author's or tag's change at once where it stands alone.</summary>
    public Task Rename(Guid id, CancellationToken ct) => names.Rename(id, ct);

    /// <summary>Makes an author's or tag's present address known, where readers know one of it already.</summary>
    public async Task Moved(string kind, string slug, Guid id, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, """
            INSERT INTO delivery.addresses (kind, slug, target)
            SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM delivery.addresses WHERE target = $3)
            ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target, gone = false
            """, kind, slug, id);
        await batch.ExecuteNonQueryAsync(ct);
        db.DeliveryChanges.Touch(DeliveryKey.Address(kind, slug));
    }

    /// <summary>Stores all documents, such as the tree of sections, and the sections' addresses. What has the same bytes is left alone.</summary>
    /// <param name="documents">By key; stored ones that are not among them go.</param>
    /// <param name="sections">Slug and id of each section.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Documents(IReadOnlyDictionary<string, byte[]> documents, IReadOnlyCollection<(string Slug, Guid Id)> sections, CancellationToken ct)
    {
        var stored = await db.Database.SqlQuery<StoredTag>($"SELECT key, etag AS e_tag FROM delivery.documents").ToDictionaryAsync(d => d.Key, d => d.ETag, ct);
        await using var batch = NewBatch();
        var now = time.Now();
        foreach (var key in stored.Keys.Where(k => !documents.ContainsKey(k))) db.DeliveryChanges.Touch(SiteDocuments.Surrogate(key));
        foreach (var (key, json) in documents.Where(d => stored.GetValueOrDefault(d.Key) != Compressed.Tag(d.Value)))
        {
            db.DeliveryChanges.Touch(SiteDocuments.Surrogate(key));
            var coded = Compressed.Of(json);
            Command(batch, """
                INSERT INTO delivery.documents (key, etag, changed_at, json, br, gzip) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (key) DO UPDATE SET etag = excluded.etag, json = excluded.json, br = excluded.br, gzip = excluded.gzip,
                changed_at = greatest(excluded.changed_at, date_trunc('second', documents.changed_at) + interval '1 second')
                """, key, coded.ETag, now, coded.Plain, coded.Brotli, coded.Gzip);
        }

        Command(batch, "DELETE FROM delivery.documents WHERE key <> ALL ($1)", (object)documents.Keys.ToArray());
        Command(batch, """
            INSERT INTO delivery.addresses (kind, slug, target) SELECT 'section', s, t FROM unnest($1::text[], $2::uuid[]) u (s, t)
            ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target, gone = false WHERE addresses.target <> excluded.target OR addresses.gone
            """, sections.Select(s => s.Slug).ToArray(), sections.Select(s => s.Id).ToArray());
        // Where a section moved, all its past addresses lead elsewhere.
        Command(batch, "SELECT p.slug FROM delivery.addresses p WHERE p.kind = 'section' AND p.target IN (SELECT a.target FROM delivery.addresses a WHERE a.kind = 'section' AND a.slug = ANY ($1))",
            (object)documents.Keys.Except(stored.Keys).Concat(stored.Keys.Except(documents.Keys)).Select(SiteDocuments.SectionOf).OfType<string>().ToArray());
        foreach (var past in await Texts(batch, ct)) db.DeliveryChanges.Touch(DeliveryKey.Address("section", past));
    }

    private sealed record StoredTag(string Key, string ETag);

    /// <summary>Published articles that show something, after a given one: the newest first, by their ids (UUIDv7).</summary>
    public async Task<List<Guid>> Showing(Guid subject, Guid? after, int limit, CancellationToken ct)
    {
        await using var batch = NewBatch();
        Command(batch, subject == Everything ? ShowingAll : ShowingOne, subject, after ?? LastId, limit);
        return (await Showing(batch, ct))[0];
    }

    /// <summary>The same of several subjects, each from the newest on.</summary>
    public async Task<IReadOnlyList<List<Guid>>> Showing(IReadOnlyList<Guid> subjects, int limit, CancellationToken ct)
    {
        await using var batch = NewBatch();
        foreach (var subject in subjects) Command(batch, ShowingOne, subject, LastId, limit);
        return await Showing(batch, ct);
    }

    private static async Task<IReadOnlyList<List<Guid>>> Showing(NpgsqlBatch batch, CancellationToken ct)
    {
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var all = new List<List<Guid>>();
        do
        {
            var ids = new List<Guid>();
            while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
            all.Add(ids);
        }
        while (await reader.NextResultAsync(ct));
        return all;
    }

    /// <summary>The subject that every published article shows: the site.</summary>
    public static readonly Guid Everything = Domain.Sites.Site.OnlyId;

    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private const string ShowingOne = "SELECT article_id FROM delivery.mentions WHERE shown = $1 AND article_id < $2 ORDER BY article_id DESC LIMIT $3";

    private const string ShowingAll = "SELECT id FROM delivery.articles WHERE $1::uuid IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3";

    // What has the same bytes is neither compressed nor written: most of a re-render finds nothing to do.
    private void Add(NpgsqlBatch batch, RenderedArticle article, Standing standing, DateTimeOffset now)
    {
        var stored = standing.Stored;
        var isChanged = AddBytes(batch, article, stored, now);
        var summary = Compressed.Tag(article.Summary);
        Guid[] targets = [.. article.ListedUnder.Append(Guid.Empty).Distinct().Order()];
        var isListedAnew = stored is null || stored.SummaryTag != summary || !stored.Targets.SequenceEqual(targets);
        if (isListedAnew) AddListings(batch, article, summary, targets, stored);
        if (isChanged || isListedAnew)
            foreach (var (sql, values) in SearchRows.Of(article)) Command(batch, sql, values);
        if (stored is null || stored.Slug != article.Slug) AddAddress(batch, article, standing);
        AddNames(batch, article, stored);
        Guid[] shows = [.. article.Shows.Order()];
        if (stored is not null && stored.Shows.SequenceEqual(shows)) return;
        Command(batch, "DELETE FROM delivery.mentions WHERE article_id = $1", article.Id);
        Command(batch, "INSERT INTO delivery.mentions (shown, article_id) SELECT s, $2 FROM unnest($1::uuid[]) s", shows, article.Id);
    }

    private bool AddBytes(NpgsqlBatch batch, RenderedArticle article, StoredArticle? stored, DateTimeOffset now)
    {
        var isChanged = false;
        foreach (var (form, plain, tag) in new[] { ("articles", article.Json, stored?.ETag), ("pages", article.Page, stored?.PageTag), ("heads", article.Head, stored?.HeadTag) })
        {
            if (tag == Compressed.Tag(plain) && stored?.Slug == article.Slug && stored.Tdm == article.Tdm) continue;
            isChanged = true;
            var coded = Compressed.Of(plain);
            foreach (var (table, bytes) in new[] { (form, coded.Plain), ($"{form}_br", coded.Brotli), ($"{form}_gzip", coded.Gzip) })
                Command(batch, FormSql(table), article.Id, article.Slug, coded.ETag, now, bytes, (object?)article.Tdm ?? DBNull.Value);
        }

        if (!isChanged) return false;
        Command(batch, """
            INSERT INTO delivery.texts AS stored (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body WHERE stored.body <> excluded.body
            """, article.Id, article.Text);
        db.DeliveryChanges.Article(article.Id, article.Slug, gone: false);
        db.DeliveryChanges.Touch(DeliveryKey.Address("article", article.Slug));
        return true;
    }

    // Empty stands for "all": one range of one key answers every list, with or without a language.
    private void AddListings(NpgsqlBatch batch, RenderedArticle article, string summaryTag, Guid[] targets, StoredArticle? stored)
    {
        Command(batch, """
            INSERT INTO delivery.summaries (id, etag, json) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, json = excluded.json
            """, article.Id, summaryTag, article.Summary);
        Command(batch, "DELETE FROM delivery.listings WHERE article_id = $1", article.Id);
        Command(batch, """
            INSERT INTO delivery.listings (target, language, first_published_at, updated_at, article_id)
            SELECT t, l, $3, $4, $5 FROM unnest($1::uuid[]) t, unnest($2::text[]) l
            """, targets, new[] { ListQuestion.AllLanguages, article.Language }, article.FirstPublishedAt, article.PublishedAt, article.Id);
        db.DeliveryChanges.Touch([.. targets.Concat(stored?.Targets ?? []).Distinct().Select(DeliveryKey.Listing)]);
    }

    private void AddAddress(NpgsqlBatch batch, RenderedArticle article, Standing standing)
    {
        Command(batch, """
            INSERT INTO delivery.addresses (kind, slug, target) VALUES ('article', $1, $2)
            ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target
            """, article.Slug, article.Id);
        Command(batch, "UPDATE delivery.addresses SET gone = false WHERE kind = 'article' AND target = $1 AND gone", article.Id);
        db.DeliveryChanges.Touch([.. standing.Keys, DeliveryKey.Address("article", article.Slug)]);
    }

    // Readers get to know a tag or author with the first article that shows it.
    private void AddNames(NpgsqlBatch batch, RenderedArticle article, StoredArticle? stored)
    {
        foreach (var (kind, slug, id) in article.Addresses)
        {
            Command(batch, """
                INSERT INTO delivery.addresses (kind, slug, target) VALUES ($1, $2, $3)
                ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target WHERE addresses.target <> excluded.target
                """, kind, slug, id);
            if (stored is null || !stored.Targets.Contains(id)) db.DeliveryChanges.Touch(DeliveryKey.Address(kind, slug));
        }
    }

    // The name is this class's own. HTTP's dates have seconds, so a second change within one counts as the next second's: else a client
    // that holds the first would be told that nothing changed.
    private static string FormSql(string table) => $"""
        INSERT INTO delivery.{table} AS stored (id, slug, etag, changed_at, body, tdm) VALUES ($1, $2, $3, $4, $5, $6::text)
        ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, etag = excluded.etag, body = excluded.body, tdm = excluded.tdm,
        changed_at = greatest(excluded.changed_at, date_trunc('second', stored.changed_at) + interval '1 second')
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
