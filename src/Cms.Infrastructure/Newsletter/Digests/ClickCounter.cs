using System.Collections.Concurrent;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Counts clicks on a digest's articles, where the site asks for it: a number by edition and article, and nothing of whoever clicked. Clicks are added up in memory and
/// stored every few seconds, so a reader never waits for a write, and thousands at once write one row and not each other's. A node that dies loses those seconds.
/// An edition's rows are made when it is frozen; when they are past their time nothing brings them back, and its links go on leading to its articles.
/// </summary>
internal sealed class ClickCounter(JobContexts jobs, TimeProvider time, ILogger<ClickCounter> log) : WriteBehind(TimeSpan.FromSeconds(5), "Clicks", time, log)
{
    private const int MaxEditions = 16;

    private readonly ConcurrentDictionary<(long Edition, Guid ArticleId), long> counted = new();

    // A frozen edition says the same for ever, and nearly all clicks are on the newest ones.
    private readonly ConcurrentDictionary<long, IReadOnlyDictionary<Guid, string>> editions = new();

    /// <summary>Where an article of an edition is; null when the edition does not count clicks or did not carry it.</summary>
    public async Task<string?> UrlOf(CmsDbContext db, long edition, Guid articleId, CancellationToken ct)
    {
        if (!editions.TryGetValue(edition, out var urls))
        {
            var json = await db.Editions.Where(e => e.Number == edition).Select(e => EF.Property<string?>(e, EditionMapping.Content)).SingleOrDefaultAsync(ct);
            if (json is null) return null;
            // One that does not count is remembered as well: whoever asks for it again costs nothing.
            urls = JsonColumn.Read<EditionContent>(json) is { CountsClicks: true } content ? All(content).ToDictionary(a => a.Id, a => a.Url) : [];
            if (editions.Count >= MaxEditions) editions.Clear(); // memory does not grow with what is asked for
            editions[edition] = urls;
        }

        return urls.GetValueOrDefault(articleId);
    }

    /// <summary>Counts one click on an article that the edition carried.</summary>
    public void Count(long edition, Guid articleId) => counted.AddOrUpdate((edition, articleId), 1, (_, n) => n + 1);

    /// <summary>The rows of an edition that counts.</summary>
    public static Task Prepare(CmsDbContext db, long edition, EditionContent content, CancellationToken ct)
    {
        var ids = All(content).Select(a => a.Id).ToArray();
        return db.Database.ExecuteSqlAsync($"INSERT INTO cms.digest_clicks (edition, article_id) SELECT {edition}, v.id FROM unnest({ids}) v (id)", ct);
    }

    /// <summary>Clicks by article; none when the edition does not count them, or its rows are past their time.</summary>
    public static async Task<IReadOnlyDictionary<Guid, long>> Of(CmsDbContext db, long edition, CancellationToken ct) =>
        await db.Database.SqlQuery<Clicks>($"SELECT article_id, clicks AS number FROM cms.digest_clicks WHERE edition = {edition}").ToDictionaryAsync(c => c.ArticleId, c => c.Number, ct);

    private sealed record Clicks(Guid ArticleId, long Number);

    /// <inheritdoc />
    protected override async Task Write(CancellationToken ct)
    {
        var batch = new List<((long Edition, Guid ArticleId) Key, long Number)>();
        foreach (var key in counted.Keys)
            if (counted.TryRemove(key, out var number)) batch.Add((key, number));
        if (batch.Count == 0) return;

        var (numbers, ids, clicks) = (batch.Select(b => b.Key.Edition).ToArray(), batch.Select(b => b.Key.ArticleId).ToArray(), batch.Select(b => b.Number).ToArray());
        try
        {
            await using var db = jobs.Open();
            // Nodes take the rows in one order, or two would wait for each other.
            await db.Database.ExecuteSqlAsync($"""
                WITH held AS MATERIALIZED (SELECT c.edition, c.article_id, v.clicks FROM unnest({numbers}, {ids}, {clicks}) v (edition, article_id, clicks)
                  JOIN cms.digest_clicks c ON c.edition = v.edition AND c.article_id = v.article_id ORDER BY c.edition, c.article_id FOR UPDATE OF c)
                UPDATE cms.digest_clicks c SET clicks = c.clicks + h.clicks FROM held h WHERE c.edition = h.edition AND c.article_id = h.article_id
                """, ct);
        }
        catch
        {
            foreach (var (key, number) in batch) counted.AddOrUpdate(key, number, (_, n) => n + number);
            throw;
        }
    }

    // An article may be new and corrected in one edition: once.
    private static IEnumerable<EditionArticle> All(EditionContent content) => content.Articles.Concat(content.Corrections).DistinctBy(a => a.Id);
}
