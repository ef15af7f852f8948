using System.Buffers.Binary;
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
    private static readonly IdsParameter Section = new("section", "Main or further section, by id; any of several.");
    private static readonly IdsParameter Tag = new("tag", "By id; any of several.");
    private static readonly IdsParameter Author = new("author", "By id; any of several.");
    private static readonly LanguagesParameter Language = new("language", "BCP 47; any of several.");
    private static readonly InstantParameter From = new("from", "Created at or after this time; not with `sort=updated`.");
    private static readonly InstantParameter To = new("to", "Created before this time; not with `sort=updated`.");
    private static readonly TextParameter Words = new("q", "Words of kicker and headline, each by its beginning.", 200);
    private static readonly TextParameter ExternalId = new("externalId", "The newsroom's own id, exactly.", Article.ExternalIdMaxLength);
    private static readonly InstantParameter UpdatedSince = new("updatedSince", "Changed at or after this time.");
    private static readonly WordsParameter Sort = new("sort", "`newest` (default) and `oldest` by creation, `updated` by the latest change first.", ["newest", "oldest", "updated"], Several: false);

    public static readonly QueryParameter[] Parameters = [Status, Section, Tag, Author, Language, From, To, Words, ExternalId, UpdatedSince, Sort];

    /// <summary>What no one range of an index answers.</summary>
    public static IEnumerable<FieldError> Faults(Query query)
    {
        if (query.Text(Sort) != "updated") yield break;
        foreach (var bound in new[] { From, To })
            if (query.Text(bound) is not null) yield return new(bound.Name, "sort", "It bounds the creation: sort by newest or oldest, or use updatedSince.");
    }

    public static async Task<Page<ArticleSummary>> Read(Query query, CmsDbContext db, CancellationToken ct)
    {
        var sort = query.Text(Sort) ?? "newest";
        var articles = sort != "updated" && Named(query, db) is { } named
            ? PageOf(named, sort, query, db)
            : Filter(db.Articles.AsNoTracking(), query, db);
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

    // The articles of one section, tag or author, where nothing else is asked for.
    private static IQueryable<Guid>? Named(Query query, CmsDbContext db)
    {
        if (Parameters.Where(p => p != Sort && query.Text(p) is not null).ToList() is not [IdsParameter only] || query.Ids(only) is not [var id]) return null;
        return only == Section ? db.ArticleSections.Where(l => l.SectionId == id && !l.Published).Select(l => l.ArticleId)
            : only == Tag ? db.ArticleTags.Where(l => l.TagId == id && !l.Published).Select(l => l.ArticleId)
            : db.ArticleAuthors.Where(l => l.AuthorId == id && !l.Published).Select(l => l.ArticleId);
    }

    // The page is cut before the articles are looked up: left to itself, PostgreSQL takes a section's articles to be spread evenly, and walks
    // through all newer ones to those of a section that has none (98,042 rows for a page of 21, measured).
    private static IQueryable<Article> PageOf(IQueryable<Guid> named, string sort, Query query, CmsDbContext db)
    {
        var after = query.After?.Id;
        var page = sort == "oldest"
            ? named.Where(id => after == null || id > after).OrderBy(id => id)
            : named.Where(id => after == null || id < after).OrderByDescending(id => id);
        var ids = page.Take(query.Limit + 1);
        return db.Articles.AsNoTracking().Where(a => ids.Contains(a.Id));
    }

    private static IQueryable<Article> Filter(IQueryable<Article> articles, Query query, CmsDbContext db)
    {
        if (query.Values(Status) is { Length: > 0 } words)
        {
            var statuses = words.Select(w => Enum.Parse<ArticleStatus>(w, ignoreCase: true)).ToArray();
            articles = statuses is [var one] ? articles.Where(a => a.Status == one) : articles.Where(a => statuses.Contains(a.Status));
        }

        articles = query.Ids(Section) switch
        {
            [] => articles,
            [var section] => articles.Where(a => db.ArticleSections.Any(l => l.SectionId == section && !l.Published && l.ArticleId == a.Id)),
            var sections => articles.Where(a => db.ArticleSections.Any(l => sections.Contains(l.SectionId) && !l.Published && l.ArticleId == a.Id)),
        };
        articles = query.Ids(Tag) switch
        {
            [] => articles,
            [var tag] => articles.Where(a => db.ArticleTags.Any(l => l.TagId == tag && !l.Published && l.ArticleId == a.Id)),
            var tags => articles.Where(a => db.ArticleTags.Any(l => tags.Contains(l.TagId) && !l.Published && l.ArticleId == a.Id)),
        };
        articles = query.Ids(Author) switch
        {
            [] => articles,
            [var author] => articles.Where(a => db.ArticleAuthors.Any(l => l.AuthorId == author && !l.Published && l.ArticleId == a.Id)),
            var authors => articles.Where(a => db.ArticleAuthors.Any(l => authors.Contains(l.AuthorId) && !l.Published && l.ArticleId == a.Id)),
        };
        articles = query.Values(Language) switch
        {
            [] => articles,
            [var language] => articles.Where(a => a.Draft.Language == language),
            var languages => articles.Where(a => languages.Contains(a.Draft.Language)),
        };
        if (query.Instant(From) is { } from)
        {
            var first = FirstId(from);
            articles = articles.Where(a => a.Id >= first && a.CreatedAt >= from);
        }

        if (query.Instant(To) is { } to)
        {
            var end = FirstId(to.AddMilliseconds(1));
            articles = articles.Where(a => a.Id < end && a.CreatedAt < to);
        }

        if (query.Text(ExternalId) is { } externalId) articles = articles.Where(a => a.ExternalId == externalId);
        if (query.Instant(UpdatedSince) is { } since) articles = articles.Where(a => a.UpdatedAt >= since);
        if (query.Text(Words) is { } text)
        {
            var prefixes = Prefixes(text);
            articles = articles.Where(a => EF.Property<NpgsqlTsVector>(a, "Search").Matches(EF.Functions.ToTsQuery("simple", prefixes)));
        }

        return articles;
    }

    // An id begins with the millisecond of its creation (RFC 9562, 5.7), so a span of time is a range of the key; created_at has the rest of it.
    private static Guid FirstId(DateTimeOffset at)
    {
        Span<byte> id = stackalloc byte[16];
        id.Clear();
        BinaryPrimitives.WriteInt64BigEndian(id, Math.Max(0, at.ToUnixTimeMilliseconds()) << 16);
        return new(id, bigEndian: true);
    }

    // Letters and digits only, so that nothing an editor types is an operator of the search language.
    private static string Prefixes(string text)
    {
        var words = new string([.. text.Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(" & ", words.Select(w => w + ":*"));
    }
}
