using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Slugs;

/// <summary>
/// Gives out slugs. The primary key decides, never a look before an insert: <c>ON CONFLICT DO NOTHING</c> waits for a rival in flight,
/// and whoever comes second takes the next number. Runs in the caller's transaction.
/// </summary>
public sealed class SlugRegistry(CmsDbContext db)
{
    /// <summary>The kinds of resource that have slugs of their own.</summary>
    public const string Articles = "article", Sections = "section", Authors = "author", Tags = "tag", Lists = "list";

    // Beyond this many twins of one slug an editor should choose one.
    private const int MaxNumber = 10_000;

    // Unicode's end: after whatever follows a prefix, in the column's order, which is that of bytes.
    private const string LastCharacter = "\U0010FFFF";

    /// <summary>Takes the slug for the owner, or the first free <c>-2</c>, <c>-3</c> … of it.</summary>
    public async Task<Slug> Derive(string kind, Guid ownerId, Slug wanted, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (await Claim(kind, ownerId, wanted, ct)) return wanted;

        var taken = await Twins(kind, ownerId, wanted, ct);
        for (var n = 2; n <= MaxNumber; n++)
        {
            var numbered = wanted.Numbered(n);
            if (!taken.Contains(numbered.Value) && await Claim(kind, ownerId, numbered, ct)) return numbered;
        }

        throw new Domain.RuleBrokenException("slug-taken", $"More than {MaxNumber} slugs begin alike. Give one of your own.");
    }

    /// <summary>Takes a slug for each owner as <see cref="Derive"/> does; only twins cost commands of their own.</summary>
    public async Task<IReadOnlyList<Slug>> DeriveAll(string kind, IReadOnlyList<(Guid OwnerId, Slug Wanted)> owners, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(owners);
        var (ids, wanted) = (owners.Select(o => o.OwnerId).ToArray(), owners.Select(o => o.Wanted.Value).ToArray());
        var got = await db.Database.SqlQuery<Guid>($"""
            INSERT INTO cms.slugs (kind, slug, owner_id) SELECT {kind}, s, o FROM unnest({wanted}, {ids}) WITH ORDINALITY u (s, o, n) ORDER BY n
            ON CONFLICT DO NOTHING RETURNING owner_id AS "Value"
            """).ToListAsync(ct);
        var slugs = new List<Slug>(owners.Count);
        foreach (var (ownerId, plain) in owners) slugs.Add(got.Contains(ownerId) ? plain : await Derive(kind, ownerId, plain, ct));
        return slugs;
    }

    /// <summary>Takes exactly this slug.</summary>
    /// <exception cref="Domain.RuleBrokenException"><c>slug-taken</c>: it is somebody else's.</exception>
    public async Task Give(string kind, Guid ownerId, Slug slug, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(slug);
        if (!await Claim(kind, ownerId, slug, ct))
            throw new Domain.RuleBrokenException("slug-taken", $"Another {kind} has or had the slug \"{slug.Value}\". Give another, or none to have one derived.");
    }

    /// <summary>
    /// The slug of something that has a name: a given one is taken as it is; absent, the present one stays, and something new gets one
    /// derived from its name.
    /// </summary>
    /// <exception cref="Domain.RuleBrokenException"><c>slug-taken</c>.</exception>
    public async Task<Slug> Choose(string kind, Guid ownerId, string? given, Slug? present, string? name, CancellationToken ct)
    {
        if (given is null) return present ?? await Derive(kind, ownerId, Slug.Derive(ownerId, name), ct);

        var slug = Slug.Parse(given);
        if (slug != present) await Give(kind, ownerId, slug, ct);
        return slug;
    }

    /// <summary>The slug that <see cref="Derive"/> would give now, and whether the plain one is taken.</summary>
    public async Task<(Slug Slug, bool Taken)> Preview(string kind, Slug wanted, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var taken = await Twins(kind, Guid.Empty, wanted, ct);
        if (!taken.Contains(wanted.Value)) return (wanted, false);

        var free = Enumerable.Range(2, MaxNumber).Select(wanted.Numbered).FirstOrDefault(s => !taken.Contains(s.Value), wanted);
        return (free, true);
    }

    /// <summary>Frees a slug, unless readers know it as an address.</summary>
    public Task Free(string kind, Guid ownerId, Slug slug, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(slug);
        return db.Database.ExecuteSqlAsync($"""
            DELETE FROM cms.slugs WHERE kind = {kind} AND slug = {slug.Value} AND owner_id = {ownerId}
            AND NOT EXISTS (SELECT FROM delivery.addresses a WHERE a.kind = {kind} AND a.slug = {slug.Value})
            """, ct);
    }

    /// <summary>Frees all that a deleted owner held.</summary>
    public Task FreeAll(Guid ownerId, CancellationToken ct) => db.SlugClaims.Where(c => c.OwnerId == ownerId).ExecuteDeleteAsync(ct);

    private async Task<bool> Claim(string kind, Guid ownerId, Slug slug, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO cms.slugs (kind, slug, owner_id) VALUES ({kind}, {slug.Value}, {ownerId}) ON CONFLICT DO NOTHING", ct) == 1
        || await db.SlugClaims.AnyAsync(c => c.Kind == kind && c.Slug == slug.Value && c.OwnerId == ownerId, ct);

    private async Task<HashSet<string>> Twins(string kind, Guid ownerId, Slug wanted, CancellationToken ct)
    {
        // A number may cut the end off a long slug, so its twins are looked for by what every number leaves whole.
        var whole = wanted.Value.Length <= Slug.MaxLength - 8;
        var end = whole ? wanted.Value.Length : Slug.MaxLength - 16;
        if (char.IsHighSurrogate(wanted.Value[end - 1])) end--;
        var from = wanted.Value[..end] + (whole ? "-" : "");
        var to = from + LastCharacter;
        // One range of the key; LIKE would be none once the plan is a generic one.
        var taken = await db.Database.SqlQuery<string>($"""
            SELECT slug AS "Value" FROM cms.slugs WHERE kind = {kind} AND slug = {wanted.Value} AND owner_id <> {ownerId}
            UNION ALL
            (SELECT slug FROM cms.slugs WHERE kind = {kind} AND slug >= {from} AND slug < {to} AND owner_id <> {ownerId} ORDER BY slug LIMIT {MaxNumber})
            """).ToListAsync(ct);
        return [.. taken];
    }
}
