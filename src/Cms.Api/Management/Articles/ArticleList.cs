using Cms.Api.Http;
using Cms.Domain.Articles;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;

namespace Cms.Api.Management.Articles;

/// <summary>The editors' list of articles: each filter and order is one range of an index, with the rest checked on its rows.</summary>
internal static class ArticleList
{
    private static readonly WordsParameter Status = new("status", "Where they stand.", ["draft", "published", "withdrawn"], Several: true);
    private static readonly IdParameter Section = new("section", "Main or further section, by id.");
    private static readonly IdParameter Tag = new("tag", "By id.");
    private static readonly IdParameter Author = new("author", "By id.");
    private static readonly LanguageParameter Language = new("language", "BCP 47.");
    private static readonly TextParameter Words = new("q", "Words of kicker and headline, each by its beginning.", 200);
    private static readonly TextParameter ExternalId = new("externalId", "The newsroom's own id, exactly.", Article.ExternalIdMaxLength);
    private static readonly InstantParameter UpdatedSince = new("updatedSince", "Changed at or after this time.");
    private static readonly WordsParameter Sort = new("sort", "`newest` (default) and `oldest` by creation, `updated` by the latest change first.", ["newest", "oldest", "updated"], Several: false);

    public static readonly QueryParameter[] Parameters = [Status, Section, Tag, Author, Language, Words, ExternalId, UpdatedSince, Sort];

    public static async Task<Page<ArticleSummary>> Read(Query query, CmsDbContext db, CancellationToken ct)
    {
        var articles = Filter(db.Articles.AsNoTracking(), query, db);
        var sort = query.Text(Sort) ?? "newest";
        articles = (sort, query.After) switch
        {
            ("oldest", { } p) => articles.Where(a => a.Id > p.Id),
            ("updated", { } p) => articles.Where(a => EF.Functions.LessThan(ValueTuple.Create(a.UpdatedAt, a.Id), ValueTuple.Create(p.Time, p.Id))),
            (_, { } p) => articles.Where(a => a.Id < p.Id),
            _ => articles,
        };
        articles = sort switch
        {
            "oldest" => articles.OrderBy(a => a.Id),
            "updated" => articles.OrderByDescending(a => a.UpdatedAt).ThenByDescending(a => a.Id),
            _ => articles.OrderByDescending(a => a.Id),
        };
        var rows = await articles.Take(query.Limit + 1).Select(a => new ArticleSummary(
            a.Id, a.Status, a.Slug.Value, a.Draft.Language, a.Draft.Kicker, a.Draft.Headline, a.Draft.Standfirst, a.Draft.SectionId, a.ExternalId, a.WordCount,
            a.Status == ArticleStatus.Published && a.DraftFingerprint != a.PublishedFingerprint, a.CreatedAt, a.UpdatedAt, a.FirstPublishedAt, a.PublishedAt)).ToListAsync(ct);
        return Page.Of(rows, query, a => a, a => new Position(a.UpdatedAt, a.Id));
    }

    private static IQueryable<Article> Filter(IQueryable<Article> articles, Query query, CmsDbContext db)
    {
        if (query.Words(Status) is { Length: > 0 } words)
        {
            var statuses = words.Select(w => Enum.Parse<ArticleStatus>(w, ignoreCase: true)).ToArray();
            articles = statuses is [var one] ? articles.Where(a => a.Status == one) : articles.Where(a => statuses.Contains(a.Status));
        }

        if (query.Id(Section) is { } section)
            articles = articles.Where(a => db.ArticleSections.Any(l => l.SectionId == section && !l.Published && l.ArticleId == a.Id));
        if (query.Id(Tag) is { } tag) articles = articles.Where(a => db.ArticleTags.Any(l => l.TagId == tag && !l.Published && l.ArticleId == a.Id));
        if (query.Id(Author) is { } author)
            articles = articles.Where(a => db.ArticleAuthors.Any(l => l.AuthorId == author && !l.Published && l.ArticleId == a.Id));
        if (query.Text(Language) is { } language) articles = articles.Where(a => a.Draft.Language == language);
        if (query.Text(ExternalId) is { } externalId) articles = articles.Where(a => a.ExternalId == externalId);
        if (query.Instant(UpdatedSince) is { } since) articles = articles.Where(a => a.UpdatedAt >= since);
        if (query.Text(Words) is { } text)
        {
            var prefixes = Prefixes(text);
            articles = articles.Where(a => EF.Property<NpgsqlTsVector>(a, "Search").Matches(EF.Functions.ToTsQuery("simple", prefixes)));
        }

        return articles;
    }

    // Letters and digits only, so that nothing an editor types is an operator of the search language.
    private static string Prefixes(string text)
    {
        var words = new string([.. text.Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(" & ", words.Select(w => w + ":*"));
    }
}
