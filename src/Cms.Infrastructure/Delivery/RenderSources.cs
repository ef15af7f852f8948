using Cms.Domain.Articles;
using Cms.Domain.Authors;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Delivery;

/// <summary>What one published article shows of another.</summary>
internal sealed record ShownArticle(
    Guid Id, Slug Slug, string Language, string? Kicker, string Headline, Guid? SectionId, Guid TranslationGroup, DateTimeOffset FirstPublishedAt);

/// <summary>Everything of others that a batch of articles shows, read in a constant number of queries. Of articles: publications only.</summary>
internal sealed record RenderSources(
    SiteSettings Site, SectionTree Sections, IReadOnlyDictionary<Guid, Tag> Tags, IReadOnlyDictionary<Guid, Author> Authors,
    IReadOnlyDictionary<Guid, ShownArticle> Articles, ILookup<Guid, ShownArticle> Translations)
{
    public static async Task<RenderSources> Load(CmsDbContext db, IReadOnlyCollection<Publication> batch, CancellationToken ct)
    {
        var tagIds = batch.SelectMany(p => p.Content.TagIds).Distinct().ToArray();
        var authorIds = batch.SelectMany(p => p.Content.Credits).Select(c => c.AuthorId).OfType<Guid>().Distinct().ToArray();
        var articleIds = batch.SelectMany(p => p.Content.ShownArticleIds()).Distinct().ToArray();
        var groups = batch.Select(p => p.TranslationGroup).Distinct().ToArray();

        var site = await db.Sites.AsNoTracking().SingleAsync(ct);
        var sections = await db.Sections.AsNoTracking().OrderBy(s => s.Id).Take(Section.MaxCount).ToListAsync(ct);
        var tags = tagIds.Length == 0 ? [] : await db.Tags.AsNoTracking().Where(t => tagIds.Contains(t.Id)).ToDictionaryAsync(t => t.Id, ct);
        var authors = authorIds.Length == 0 ? [] : await db.Authors.AsNoTracking().Where(a => authorIds.Contains(a.Id)).ToDictionaryAsync(a => a.Id, ct);
        var shown = await Shown(db, articleIds, groups, ct);
        return new(site.Settings, new SectionTree(sections), tags, authors, shown.ToDictionary(s => s.Id), shown.ToLookup(s => s.TranslationGroup));
    }

    // An unreadable publication, one without headline or language, is shown by nobody. The columns are read out of the JSON where it is stored: a shown article's body must not travel with its headline.
    private static async Task<List<ShownArticle>> Shown(CmsDbContext db, Guid[] articleIds, Guid[] groups, CancellationToken ct)
    {
        var rows = await db.Database.SqlQuery<ShownRow>($"""
            SELECT p.article_id AS id, p.slug, p.content->>'language' AS language, p.content->>'kicker' AS kicker,
                p.content->>'headline' AS headline, (p.content->>'sectionId')::uuid AS section_id, p.translation_group, p.first_published_at
            FROM cms.publications p JOIN cms.articles a ON a.id = p.article_id AND a.status = 'published'
            WHERE p.article_id = ANY ({articleIds}) AND p.content->>'headline' IS NOT NULL AND p.content->>'language' IS NOT NULL
            UNION
            SELECT p.article_id, p.slug, p.content->>'language', p.content->>'kicker',
                p.content->>'headline', (p.content->>'sectionId')::uuid, p.translation_group, p.first_published_at
            FROM cms.publications p JOIN cms.articles a ON a.id = p.article_id AND a.status = 'published'
            WHERE p.translation_group = ANY ({groups}) AND p.content->>'headline' IS NOT NULL AND p.content->>'language' IS NOT NULL
            """).ToListAsync(ct);
        return [.. rows.Select(r => new ShownArticle(
            r.Id, Slug.Parse(r.Slug), r.Language, r.Kicker, r.Headline, r.SectionId, r.TranslationGroup, r.FirstPublishedAt))];
    }

    private sealed record ShownRow(
        Guid Id, string Slug, string Language, string? Kicker, string Headline, Guid? SectionId, Guid TranslationGroup, DateTimeOffset FirstPublishedAt);
}
