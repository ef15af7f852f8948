using System.Text.Json;
using Cms.Domain.Newsletter;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Makes an edition of what readers see already: delivery's own rows and nothing else, so that no draft can get into a mail. What is new is whatever was
/// published for the first time since the edition before and was in no edition of this frequency.
/// </summary>
internal sealed class EditionSource(CmsDbContext db)
{
    // A publication that committed while the edition before was being frozen bears an earlier time than it; none takes an hour.
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    // More new articles than anybody reads in a mail: what lies beyond is not even looked at.
    private const int Looked = 500;

    private sealed record Row(Guid Id, Guid TranslationGroup, byte[] Json, Guid[] Listed, int? Pin);

    /// <summary>What the edition says if it is frozen now.</summary>
    /// <param name="edition">Which.</param>
    /// <param name="site">The settings.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<EditionContent> Make(Edition edition, SiteSettings site, CancellationToken ct)
    {
        var tree = new SectionTree(await db.Sections.AsNoTracking().OrderBy(s => s.Id).Take(Section.MaxCount).ToListAsync(ct));
        var addresses = new SiteAddresses(site);
        var sections = InOrder(tree, null).Select(s => new EditionSection(s.Id, s.Name, addresses.Absolute(addresses.Section(s.Language, s.Slug, s.Id)))).ToList();
        var wishes = edition.Wishes;
        var known = sections.Select(s => s.Id).ToHashSet();

        var (since, isFirst) = await Since(edition, ct);
        var fresh = await Fresh(edition.Frequency, since, ct);
        var older = isFirst ? await Older(edition.Frequency, since, ct) : [];
        var asked = await Asked([.. wishes.ArticleIds.Except(fresh.Select(r => r.Id))], ct);
        var rank = wishes.ArticleIds.Select((id, i) => (id, i)).ToDictionary(w => w.id, w => w.i);
        var ordered = fresh.Concat(asked).OrderBy(r => rank.GetValueOrDefault(r.Id, int.MaxValue)).Select(r => (Row: r, Article: Read(r, known))).ToList();
        var dropped = ordered.Where(r => wishes.DroppedIds.Contains(r.Row.Id)).Select(r => new LeftOutArticle(r.Row.Id, r.Article.Headline, "dropped"));
        var kept = ordered.Where(r => !wishes.DroppedIds.Contains(r.Row.Id)).Select(r => r.Article).ToList();
        // What editors put first is first in the mail: its section comes before the others.
        var leads = kept.Where(a => a.SectionId is not null && rank.ContainsKey(a.Id)).GroupBy(a => a.SectionId ?? Guid.Empty).ToDictionary(g => g.Key, g => g.Min(a => rank[a.Id]));
        var tooOld = older.Where(r => !wishes.ArticleIds.Contains(r.Id) && !wishes.DroppedIds.Contains(r.Id)).Select(r => new LeftOutArticle(r.Id, Read(r, known).Headline, "tooOld"));
        var corrections = await Asked([.. wishes.Corrections.Select(c => c.ArticleId)], ct);

        return new(
            site.Name, site.BaseUrl, site.Language, edition.Date, edition.Frequency, wishes.Subject, wishes.Intro, site.Publisher is { PostalAddress: { Length: > 0 } at } sender ? $"{sender.Name}, {at}" : site.Publisher.Name,
            [.. sections.OrderBy(s => leads.GetValueOrDefault(s.Id, int.MaxValue))],
            [.. kept.Take(EditionContent.MaxArticles)],
            [.. corrections.Select(r => Read(r, known) with { Correction = wishes.Corrections.First(c => c.ArticleId == r.Id).Text })],
            [.. dropped, .. kept.Skip(EditionContent.MaxArticles).Select(a => new LeftOutArticle(a.Id, a.Headline, "tooMany")), .. tooOld], site.DigestClicks);
    }

    // Pinned by editors in a list first, in their order, then the newest.
    private async Task<List<Row>> Fresh(Frequency frequency, DateTimeOffset since, CancellationToken ct)
    {
        var name = frequency.ToString();
        return await db.Database.SqlQuery<Row>($"""
            SELECT l.article_id AS id, n.translation_group, s.json, ARRAY(SELECT DISTINCT m.target FROM delivery.listings m WHERE m.article_id = l.article_id AND m.language = '') AS listed,
              (SELECT min(p.position) FROM delivery.list_pins p WHERE p.article_id = l.article_id) AS pin
            FROM delivery.listings l JOIN delivery.summaries s ON s.id = l.article_id JOIN delivery.nearness n ON n.id = l.article_id
            WHERE l.target = uuid '00000000-0000-0000-0000-000000000000' AND l.language = '' AND l.first_published_at > {since}
              AND NOT EXISTS (SELECT FROM cms.edition_articles e WHERE e.frequency = {name} AND e.article_id = l.article_id)
            ORDER BY pin NULLS LAST, l.first_published_at DESC, l.article_id DESC LIMIT {Looked}
            """).ToListAsync(ct);
    }

    // The newest of what is older than a first edition looks back: that it is not in there must not be a riddle.
    private async Task<List<Row>> Older(Frequency frequency, DateTimeOffset since, CancellationToken ct)
    {
        var name = frequency.ToString();
        return await db.Database.SqlQuery<Row>($"""
            SELECT l.article_id AS id, n.translation_group, s.json, ARRAY[]::uuid[] AS listed, NULL::int AS pin
            FROM delivery.listings l JOIN delivery.summaries s ON s.id = l.article_id JOIN delivery.nearness n ON n.id = l.article_id
            WHERE l.target = uuid '00000000-0000-0000-0000-000000000000' AND l.language = '' AND l.first_published_at <= {since}
              AND NOT EXISTS (SELECT FROM cms.edition_articles e WHERE e.frequency = {name} AND e.article_id = l.article_id)
            ORDER BY l.first_published_at DESC, l.article_id DESC LIMIT {EditionContent.MaxArticles}
            """).ToListAsync(ct);
    }

    private async Task<List<Row>> Asked(Guid[] ids, CancellationToken ct) => ids.Length == 0 ? [] : await db.Database.SqlQuery<Row>($"""
        SELECT s.id, n.translation_group, s.json, ARRAY(SELECT DISTINCT m.target FROM delivery.listings m WHERE m.article_id = s.id AND m.language = '') AS listed, NULL::int AS pin
        FROM delivery.summaries s JOIN delivery.nearness n ON n.id = s.id WHERE s.id = ANY ({ids}) ORDER BY s.id
        """).ToListAsync(ct);

    private async Task<(DateTimeOffset Since, bool IsFirst)> Since(Edition edition, CancellationToken ct)
    {
        var last = await db.Editions.Where(e => e.Frequency == edition.Frequency && e.FrozenAt != null && e.Date < edition.Date && (e.Status != EditionStatus.Skipped))
            .OrderByDescending(e => e.Date).Select(e => e.FrozenAt).FirstOrDefaultAsync(ct);
        return ((last ?? edition.DueAt.AddDays(edition.Frequency == Frequency.Daily ? -1 : -7)) - Overlap, last is null);
    }

    private static IEnumerable<Section> InOrder(SectionTree tree, Guid? parent) =>
        (parent is { } id ? tree.ChildrenOf(id) : tree.Roots).SelectMany(s => InOrder(tree, s.Id).Prepend(s));

    private static EditionArticle Read(Row row, HashSet<Guid> known)
    {
        using var json = JsonDocument.Parse(row.Json);
        var article = json.RootElement;
        var image = article.GetProperty("leadImage");
        return new(
            row.Id, row.TranslationGroup, Text(article, "language") ?? "", article.GetProperty("section") is { ValueKind: JsonValueKind.Object } section ? section.GetProperty("id").GetGuid() : null,
            [.. row.Listed.Where(known.Contains)], Text(article, "headline") ?? "", Text(article, "kicker"), Text(article, "url") ?? "", Text(article, "standfirst"),
            image.ValueKind == JsonValueKind.Object ? new(Text(image, "url") ?? "", Text(image, "alt"), Number(image, "width"), Number(image, "height")) : null,
            Byline(article), article.GetProperty("readingMinutes").GetInt32());
    }

    private static string? Byline(JsonElement article)
    {
        var names = article.GetProperty("credits").EnumerateArray().Where(c => Text(c, "role") == "author").Select(c => Text(c, "name")).OfType<string>().ToList();
        return names.Count == 0 ? null : string.Join(", ", names);
    }

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}
