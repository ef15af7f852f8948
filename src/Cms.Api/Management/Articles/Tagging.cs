using Cms.Domain;
using Cms.Domain.Tags;
using Cms.Domain.Text;
using Cms.Infrastructure;
using Cms.Infrastructure.Slugs;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Articles;

/// <summary>Finds the tags that an editor names, and makes those that nobody named before.</summary>
internal sealed class Tagging(CmsDbContext db, SlugRegistry slugs, TimeProvider time)
{
    /// <summary>Ids in the order of the names; a tag named twice stands once.</summary>
    public async Task<IReadOnlyList<Guid>> Ids(IReadOnlyList<string> names, CancellationToken ct)
    {
        if (names.Count == 0) return [];

        var byKey = names.Select(n => n.Trim()).GroupBy(Folding.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var known = await Known(byKey.Keys, ct);
        if (known.Count < byKey.Count)
        {
            // Two editors may name the same new tag at one time: the second waits here, and then finds it.
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.Tags})", ct);
            known = await Known(byKey.Keys, ct);
            foreach (var tag in await Coin([.. byKey.Where(n => !known.ContainsKey(n.Key)).Select(n => n.Value)], ct)) known[tag.Key] = tag.Id;
        }

        return [.. names.Select(n => known[Folding.Key(n)]).Distinct()];
    }

    /// <summary>Names in the order of the ids.</summary>
    public async Task<IReadOnlyList<string>> Names(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        if (ids.Count == 0) return [];

        var wanted = ids.ToArray();
        var names = await db.Tags.AsNoTracking().Where(t => wanted.Contains(t.Id)).ToDictionaryAsync(t => t.Id, t => t.Name, ct);
        return [.. ids.Where(names.ContainsKey).Select(id => names[id])];
    }

    private Task<Dictionary<string, Guid>> Known(IEnumerable<string> keys, CancellationToken ct)
    {
        var wanted = keys.ToArray();
        return db.Tags.AsNoTracking().Where(t => wanted.Contains(t.Key)).ToDictionaryAsync(t => t.Key, t => t.Id, ct);
    }

    private async Task<List<Tag>> Coin(IReadOnlyList<string> names, CancellationToken ct)
    {
        var now = time.Now();
        var owners = names.Select(n => (Id: Guid.CreateVersion7(now), Name: n)).ToList();
        var chosen = await slugs.DeriveAll(SlugRegistry.Tags, [.. owners.Select(o => (o.Id, Slug.Derive(o.Id, o.Name)))], ct);
        var tags = owners.Zip(chosen, (owner, slug) => Tag.Coin(owner.Id, owner.Name, slug, now)).ToList();
        db.AddRange(tags);
        await db.SaveChangesAsync(ct);
        return tags;
    }
}
