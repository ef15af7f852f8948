using Cms.Api.Http;
using Cms.Domain.Tags;
using Cms.Domain.Text;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Tags;

/// <summary>Tags by name, as an editor types it: one range of the unique key's index, with or without a beginning of the name.</summary>
internal static class TagList
{
    public static readonly TextParameter Beginning = new("q", "How the name begins, whatever its case and accents.", Tag.NameMaxLength);

    // The last Unicode scalar: a noncharacter, so no name holds it, and everything that begins alike sorts before it (collation C).
    private const string Last = "\U0010FFFF";

    public static async Task<Page<TagView>> Read(Query query, CmsDbContext db, CancellationToken ct)
    {
        var prefix = Folding.Key(query.Text(Beginning) ?? "");
        var (from, after) = query.After is { } last ? (last.Text, last.Id) : (prefix, Guid.Empty);
        var rows = await Range(db, from, after, prefix + Last).Take(query.Limit + 1).ToListAsync(ct);
        return Page.Of(rows, query, TagView.Of, t => new Position(DateTimeOffset.MinValue, t.Id, t.Key));
    }

    // Bounds and no LIKE: prepared, with a parameter for its pattern, LIKE may lose the index.
    internal static IQueryable<Tag> Range(CmsDbContext db, string from, Guid after, string to) => db.Tags.AsNoTracking()
        .Where(t => EF.Functions.GreaterThan(ValueTuple.Create(t.Key, t.Id), ValueTuple.Create(from, after))
            && EF.Functions.LessThan(ValueTuple.Create(t.Key, t.Id), ValueTuple.Create(to, Guid.Empty)))
        .OrderBy(t => t.Key);
}
