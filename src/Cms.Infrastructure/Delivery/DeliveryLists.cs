using Cms.Domain.Lists;
using Cms.Infrastructure.Slugs;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Lists as readers get them: what is pinned and published, and where the tail begins. A draft that is pinned is not there; its publication
/// adds it, its withdrawal takes it out, in the same transaction and under the same lock.
/// </summary>
internal sealed class DeliveryLists(CmsDbContext db)
{
    /// <summary>Shows a list as it is now.</summary>
    public async Task Show(ArticleList list, CancellationToken ct)
    {
        var tail = list.Tail is { } rest ? rest.SectionId ?? Guid.Empty : (Guid?)null;
        var former = await FrontOf(list.Id, ct);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO delivery.lists (id, slug, name, size, tail, language, section_id)
            VALUES ({list.Id}, {list.Slug.Value}, {list.Name}, {list.Size}, {tail}, {list.TailLanguage ?? ListQuestion.AllLanguages}, {list.SectionId})
            ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, size = excluded.size, tail = excluded.tail,
            language = excluded.language, section_id = excluded.section_id
            """, ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM delivery.list_pins WHERE list_id = {list.Id}", ct);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO delivery.list_pins (list_id, position, article_id)
            SELECT {list.Id}, p.position, a.id FROM unnest({list.PinnedIds.ToArray()}) WITH ORDINALITY p (id, position) JOIN delivery.articles a ON a.id = p.id
            """, ct);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO delivery.addresses (kind, slug, target) VALUES ({SlugRegistry.Lists}, {list.Slug.Value}, {list.Id}) ON CONFLICT (kind, slug) DO UPDATE SET target = excluded.target
            """, ct);
        await Touch([list.Id, .. new[] { former, list.SectionId }.OfType<Guid>()], ct);
    }

    /// <summary>Forgets a list and its addresses.</summary>
    public async Task Forget(ArticleList list, CancellationToken ct)
    {
        await Touch([list.Id, .. new[] { list.SectionId }.OfType<Guid>()], ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM delivery.lists WHERE id = {list.Id}", ct);
        await db.Database.ExecuteSqlAsync($"DELETE FROM delivery.addresses WHERE target = {list.Id}", ct);
    }

    /// <summary>Puts articles that are rendered in the same batch into the lists that pin them. The slugs that it returns are for <see cref="Pinned"/>.</summary>
    public const string Pin = """
        WITH pinned AS (
          SELECT l.id AS list_id, l.slug, p.position, a.id FROM cms.lists l CROSS JOIN unnest(l.pinned_ids) WITH ORDINALITY p (id, position)
          JOIN delivery.articles a ON a.id = p.id WHERE p.id = ANY ($1)),
        added AS (
          INSERT INTO delivery.list_pins (list_id, position, article_id) SELECT list_id, position, id FROM pinned ON CONFLICT DO NOTHING)
        SELECT DISTINCT slug FROM pinned
        """;

    /// <summary>These lists show what was just rendered.</summary>
    public void Pinned(IReadOnlyCollection<string> slugs) => TouchAll(slugs);

    /// <summary>Says that lists will not show an article any more, which is about to go, and its pins with it.</summary>
    public async Task Unpin(Guid articleId, CancellationToken ct) => TouchAll(await db.Database.SqlQuery<string>($"""
        SELECT l.slug AS "Value" FROM delivery.list_pins p JOIN delivery.lists l ON l.id = p.list_id WHERE p.article_id = {articleId}
        """).ToListAsync(ct));

    private async Task<Guid?> FrontOf(Guid listId, CancellationToken ct) =>
        (await db.Database.SqlQuery<Guid?>($"SELECT section_id AS \"Value\" FROM delivery.lists WHERE id = {listId}").ToListAsync(ct)).FirstOrDefault();

    private void TouchAll(IReadOnlyCollection<string> slugs)
    {
        foreach (var slug in slugs) db.DeliveryChanges.Touch(DeliveryKey.Address(SlugRegistry.Lists, slug));
    }

    // Past addresses too, and the sections that it was or is the front of.
    private async Task Touch(Guid[] changed, CancellationToken ct)
    {
        db.DeliveryChanges.Touch(DeliveryKey.Names(SlugRegistry.Lists));
        foreach (var address in await db.Database.SqlQuery<AddressRow>($"SELECT kind, slug FROM delivery.addresses WHERE target = ANY ({changed})").ToListAsync(ct))
            db.DeliveryChanges.Touch(DeliveryKey.Address(address.Kind, address.Slug));
    }

    private sealed record AddressRow(string Kind, string Slug);
}
