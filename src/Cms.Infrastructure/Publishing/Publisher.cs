using Cms.Domain;
using Cms.Domain.Articles;
using Cms.Domain.Lists;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Slugs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Publishing;

/// <summary>
/// The one bridge between the newsroom's store and the readers'. Everything that changes what readers see passes here, in the caller's
/// transaction, under one lock: so a rename and a publication cannot miss each other, two articles that show each other cannot
/// deadlock, and the delivery schema changes in commit order. A publication takes some milliseconds; newsrooms do not feel the queue.
/// </summary>
public sealed class Publisher
{
    // Past this many the rest follows in the background, so that one withdrawal cannot hold the lock for seconds.
    private const int AtOnce = 200;

    private readonly CmsDbContext db;
    private readonly DeliveryWriter delivery;
    private readonly SiteDocuments documents;
    private readonly DeliveryLists lists;
    private readonly SlugRegistry slugs;
    private readonly TimeProvider time;

    /// <summary>One per request or command.</summary>
    public Publisher(CmsDbContext db, SlugRegistry slugs, TimeProvider time, ILogger<Publisher> log)
    {
        (this.db, this.slugs, this.time) = (db, slugs, time);
        delivery = new DeliveryWriter(db, time, log);
        documents = new SiteDocuments(db, delivery);
        lists = new DeliveryLists(db);
    }

    /// <summary>Shows readers the article's draft as it is now.</summary>
    /// <returns>False when readers see it already: nothing is written then.</returns>
    /// <exception cref="RuleBrokenException"><c>not-ready</c>.</exception>
    public Task<bool> Publish(Article article, CancellationToken ct) => PublishAsOf(article, time.Now(), ct);

    /// <summary>Publishes with a time of the past: for an import, which brings articles that readers saw before.</summary>
    /// <inheritdoc cref="Publish" />
    public async Task<bool> PublishAsOf(Article article, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(article);
        await Lock(db, ct);
        if (!article.Publish(now)) return false;

        // Alone: its WHERE names the version, so that an article deleted while this waited is a 412, and no publication of nothing.
        await db.SaveChangesAsync(ct);
        // Where it left a group, those that stay must stop naming it.
        var publication = await db.Publications.FindAsync([article.Id], ct);
        var group = publication?.TranslationGroup ?? article.TranslationGroup;
        if (publication is not null) publication.Renew(article, now);
        else db.Publications.Add(publication = Publication.Of(article, now));
        await db.SaveChangesAsync(ct);
        await delivery.Render(publication, ct);
        await RenderShowing([article.Id, article.TranslationGroup, group], article.Id, ct);
        return true;
    }

    /// <summary>Takes the article from readers, and out of whatever shows it.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>.</exception>
    public async Task Withdraw(Article article, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(article);
        await Lock(db, ct);
        article.Withdraw(time.Now());
        await db.SaveChangesAsync(ct);
        await delivery.Remove(article.Id, ct);
        var group = await db.Publications.Where(p => p.ArticleId == article.Id).Select(p => p.TranslationGroup).SingleAsync(ct);
        await RenderShowing([article.Id, group], article.Id, ct);
    }

    /// <summary>Deletes an article that readers do not see, with its addresses.</summary>
    public async Task Delete(Article article, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(article);
        if (article.Status == ArticleStatus.Published)
            throw new RuleBrokenException("article-published", "Readers see this article. Withdraw it first.");
        await Lock(db, ct);
        var pinning = await db.Lists.FromSql($"SELECT *, xmin FROM cms.lists WHERE pinned_ids @> ARRAY[{article.Id}]").ToListAsync(ct);
        foreach (var list in pinning) list.Unpin(article.Id, time.Now());
        db.Remove(article);
        await db.SaveChangesAsync(ct);
        foreach (var list in pinning) await lists.Show(list, ct); // those behind it moved up
        await slugs.FreeAll(article.Id, ct);
        await delivery.Forget(article.Id, ct);
    }

    /// <summary>Shows a section's, tree's or site's change at once, and leaves the articles that show it to the background.</summary>
    /// <param name="subjects">Whatever changed and articles show: section, author, tag, or the site.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Changed(IReadOnlyCollection<Guid> subjects, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        foreach (var subject in subjects) db.Outbox.Add(OutboxEvent.Of(OutboxEvent.Rerender, subject, time.Now()));
        await db.SaveChangesAsync(ct);
        await documents.Render(ct);
    }

    /// <summary>Shows an author's or tag's change at once, and leaves the articles that show it to the background.</summary>
    public async Task Renamed(Guid id, CancellationToken ct)
    {
        await delivery.Rename(id, ct);
        db.Outbox.Add(OutboxEvent.Of(OutboxEvent.Rerender, id, time.Now()));
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Shows a list as it is now.</summary>
    public Task Show(ArticleList list, CancellationToken ct) => lists.Show(list, ct);

    /// <summary>Deletes a list, with its addresses.</summary>
    public async Task Delete(ArticleList list, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(list);
        await Lock(db, ct);
        db.Remove(list);
        await db.SaveChangesAsync(ct);
        await slugs.FreeAll(list.Id, ct);
        await lists.Forget(list, ct);
    }

    /// <summary>Makes the present slug of an author or tag known to readers who know an older one.</summary>
    public Task Moved(string kind, string slug, Guid id, CancellationToken ct) => delivery.Moved(kind, slug, id, ct);

    /// <summary>Forgets the addresses of a deleted section, author or tag. A section's documents go with the next <see cref="Changed"/>.</summary>
    public async Task Deleted(Guid id, CancellationToken ct)
    {
        await slugs.FreeAll(id, ct);
        await delivery.Forget(id, ct);
    }

    /// <summary>What delivery would answer if the draft were published now, by the same renderer.</summary>
    internal async Task<RenderedArticle> Preview(Article article, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(article);
        var publication = Publication.Of(article, time.Now());
        var sources = await RenderSources.Load(db, [publication], ct);
        return new ArticleRenderer(sources).Render(publication);
    }

    /// <summary>What networks would get if the draft were published now.</summary>
    public async Task<Domain.Sharing.EffectiveShare> PreviewShare(Article article, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(article);
        var publication = Publication.Of(article, time.Now());
        var sources = await RenderSources.Load(db, [publication], ct);
        return new ArticleRenderer(sources).Effective(publication);
    }

    /// <summary>Takes the lock under which all of delivery changes, until the transaction ends.</summary>
    public Task Lock(CancellationToken ct) => Lock(db, ct);

    internal static Task Lock(CmsDbContext db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.Publishing})", ct);

    private async Task RenderShowing(Guid[] subjects, Guid except, CancellationToken ct)
    {
        Guid[] different = [.. subjects.Distinct()];
        foreach (var (subject, showing) in different.Zip(await delivery.Showing(different, AtOnce + 1, ct)))
        {
            await delivery.RenderReadable([.. showing.Take(AtOnce).Where(id => id != except)], ct);
            if (showing.Count <= AtOnce) continue;

            var rest = OutboxEvent.Of(OutboxEvent.Rerender, subject, time.Now());
            rest.Progress = showing[AtOnce - 1];
            db.Outbox.Add(rest);
            await db.SaveChangesAsync(ct);
        }
    }
}
