using System.Text.Json;
using Cms.Domain.Authors;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Authors and tags as readers get them: those alone that a published article shows. A row comes with the first article that is listed
/// under it and goes with the last, in the same transaction and under the same lock. So a read is one range of one key, and nobody learns
/// whom a draft credits.
/// </summary>
internal sealed class DeliveryNames(CmsDbContext db)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = ArticleRenderer.Json.Encoder };

    /// <summary>An author's answer. Never the e-mail.</summary>
    /// <param name="Id">Stays for ever.</param>
    /// <param name="Slug">The last part of its address here.</param>
    /// <param name="Name">As the byline shows it.</param>
    /// <param name="Path">On the newsroom's own site, percent-encoded.</param>
    /// <param name="Url">The same with the site's base URL: what links lead to.</param>
    /// <param name="Bio">A few lines; plain text.</param>
    /// <param name="Website">The author's own page elsewhere.</param>
    public sealed record AuthorDocument(Guid Id, string Slug, string Name, string Path, string Url, string? Bio, string? Website);

    /// <summary>A tag's answer.</summary>
    /// <param name="Id">Stays for ever.</param>
    /// <param name="Slug">The last part of its address here.</param>
    /// <param name="Name">As it was first written, or renamed.</param>
    /// <param name="Path">On the newsroom's own site, percent-encoded.</param>
    /// <param name="Url">The same with the site's base URL: what links lead to.</param>
    public sealed record TagDocument(Guid Id, string Slug, string Name, string Path, string Url);

    private sealed record Name(string Kind, string Slug, Guid Id, byte[] Bytes);

    /// <summary>Shows whom and what the articles just rendered name, and hides what no article shows any more.</summary>
    /// <param name="sources">What the articles were rendered from.</param>
    /// <param name="listedBefore">What listed them before.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Show(RenderSources sources, IReadOnlyCollection<Guid> listedBefore, CancellationToken ct)
    {
        var addresses = new SiteAddresses(sources.Site);
        Name[] names = [.. sources.Authors.Values.Select(a => Of(a, addresses)), .. sources.Tags.Values.Select(t => Of(t, addresses))];
        var (kinds, slugs, ids, bytes) = (names.Select(n => n.Kind).ToArray(), names.Select(n => n.Slug).ToArray(), names.Select(n => n.Id).ToArray(), names.Select(n => n.Bytes).ToArray());
        var shown = names.Length == 0 ? [] : await db.Database.SqlQuery<Guid>($"""
            INSERT INTO delivery.names AS stored (kind, slug, id, json) SELECT * FROM unnest({kinds}, {slugs}, {ids}, {bytes})
            ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, json = excluded.json WHERE (stored.slug, stored.json) <> (excluded.slug, excluded.json)
            RETURNING id AS "Value"
            """).ToListAsync(ct);
        await Touch([.. shown, .. await Hide(listedBefore, ct)], ct);
    }

    /// <summary>Hides what no article shows any more.</summary>
    /// <param name="listedBefore">What listed the articles that just went.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Leave(IReadOnlyCollection<Guid> listedBefore, CancellationToken ct) => await Touch(await Hide(listedBefore, ct), ct);

    /// <summary>Shows an author's or tag's change at once, where readers know it.</summary>
    public async Task Rename(Guid id, CancellationToken ct)
    {
        var addresses = new SiteAddresses((await db.Sites.AsNoTracking().SingleAsync(ct)).Settings);
        var name = await db.Authors.FindAsync([id], ct) is { } author ? Of(author, addresses)
            : await db.Tags.FindAsync([id], ct) is { } tag ? Of(tag, addresses) : null;
        if (name is null) return;
        await Touch(await db.Database.SqlQuery<Guid>($"""
            UPDATE delivery.names SET slug = {name.Slug}, json = {name.Bytes} WHERE id = {id} AND (slug, json) <> ({name.Slug}, {name.Bytes}) RETURNING id AS "Value"
            """).ToListAsync(ct), ct);
    }

    private async Task<List<Guid>> Hide(IReadOnlyCollection<Guid> listedBefore, CancellationToken ct) => listedBefore.Count == 0 ? [] : await db.Database.SqlQuery<Guid>($"""
        WITH hidden AS (
          DELETE FROM delivery.names n WHERE n.id = ANY ({listedBefore.ToArray()}) AND NOT EXISTS (SELECT FROM delivery.listings l WHERE l.target = n.id) RETURNING n.id),
        unspelt AS (DELETE FROM delivery.spellings s USING hidden WHERE s.target = hidden.id)
        SELECT id AS "Value" FROM hidden
        """).ToListAsync(ct);

    // Past addresses too: where they lead changed.
    private async Task Touch(List<Guid> changed, CancellationToken ct)
    {
        if (changed.Count == 0) return;

        var ids = changed.ToArray();
        foreach (var address in await db.Database.SqlQuery<AddressRow>($"SELECT kind, slug FROM delivery.addresses WHERE target = ANY ({ids})").ToListAsync(ct))
            db.DeliveryChanges.Touch(DeliveryKey.Address(address.Kind, address.Slug), DeliveryKey.Names(address.Kind));
    }

    private sealed record AddressRow(string Kind, string Slug);

    private static Name Of(Author author, SiteAddresses addresses)
    {
        var path = addresses.Author(author.Slug, author.Id);
        var document = new AuthorDocument(author.Id, author.Slug.Value, author.Name, path, addresses.Absolute(path), author.Bio, author.Url);
        return new(Slugs.SlugRegistry.Authors, author.Slug.Value, author.Id, JsonSerializer.SerializeToUtf8Bytes(document, Json));
    }

    private static Name Of(Tag tag, SiteAddresses addresses)
    {
        var path = addresses.Tag(tag.Slug, tag.Id);
        var document = new TagDocument(tag.Id, tag.Slug.Value, tag.Name, path, addresses.Absolute(path));
        return new(Slugs.SlugRegistry.Tags, tag.Slug.Value, tag.Id, JsonSerializer.SerializeToUtf8Bytes(document, Json));
    }
}
