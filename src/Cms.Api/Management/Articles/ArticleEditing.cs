using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Domain;
using Cms.Domain.Articles;
using Cms.Domain.Text;
using Cms.Infrastructure;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Articles;

/// <summary>Turns what an editor sends into the article's draft: one path for POST, PUT, PATCH and the sample newsroom.</summary>
internal sealed class ArticleEditing(CmsDbContext db, SlugRegistry slugs, Tagging tagging, IValidator<ArticleInput> validator, TimeProvider time)
{
    /// <summary>Every rule that the input breaks, by pointer: of its fields, and of what it names.</summary>
    public async Task<List<FieldError>> Faults(ArticleInput input, Article? present, CancellationToken ct)
    {
        var faults = await validator.Faults(input, ct);
        faults.AddRange(await ReferenceFaults(input, present, ct));
        return faults;
    }

    /// <summary>A new draft of an input without faults.</summary>
    public async Task<Article> Create(ArticleInput input, string? createdBy, CancellationToken ct)
    {
        var now = time.Now();
        var id = Guid.CreateVersion7(now);
        var slug = await SlugOf(input, id, null, ct);
        var article = Article.Create(id, slug, input.Slug is not null, createdBy, now);
        article.Translate(await TextOf(input, article, ct));
        await Fill(article, input, slug, input.Slug is not null, now, ct);
        db.Add(article);
        await db.SaveChangesAsync(ct);
        return article;
    }

    /// <summary>Replaces the draft by an input without faults.</summary>
    public async Task Revise(Article article, ArticleInput input, CancellationToken ct)
    {
        var old = article.Slug;
        var given = IsGiven(input, article);
        var text = await TextOf(input, article, ct);
        await KeepTranslations(article, text?.Group ?? article.Id, ct);
        article.Translate(text);
        var slug = await SlugOf(input, article.Id, article, ct);
        await Fill(article, input, slug, given, time.Now(), ct);
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        if (old != slug) await slugs.Free(SlugRegistry.Articles, article.Id, old, ct);
    }

    /// <summary>Returns the draft to what readers see.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>, <c>has-translations</c>.</exception>
    public async Task DiscardDraft(Article article, CancellationToken ct)
    {
        var published = await db.Publications.FindAsync([article.Id], ct) ?? throw new RuleBrokenException("wrong-status", "The article was never published.");
        var old = article.Slug;
        await KeepTranslations(article, published.TranslationGroup, ct);
        article.DiscardDraft(published, time.Now());
        await db.SaveChangesAsync(ct);
        if (old != article.Slug) await slugs.Free(SlugRegistry.Articles, article.Id, old, ct);
    }

    /// <summary>The text that the article is to translate.</summary>
    private async Task<(Guid Original, Guid Group)?> TextOf(ArticleInput input, Article article, CancellationToken ct)
    {
        if (input.TranslationOf is not { } original) return null;
        if (original == article.TranslationOf) return (original, article.TranslationGroup); // the original itself may be deleted since

        // The lock makes an original that is about to leave its group wait, or this article see where it went.
        var groups = await db.Database.SqlQuery<Guid>($"SELECT translation_group AS \"Value\" FROM cms.articles WHERE id = {original} FOR SHARE").ToListAsync(ct);
        return groups is [var group] ? (original, group) : throw new RuleBrokenException("reference-gone", "The article that translationOf names was deleted at this moment.");
    }

    /// <summary>An article that others translate leaves its group only after them: they would stay behind, and a language could stand in the text twice.</summary>
    private async Task KeepTranslations(Article article, Guid group, CancellationToken ct)
    {
        if (group == article.TranslationGroup) return;
        await db.Database.ExecuteSqlAsync($"SELECT FROM cms.articles WHERE id = {article.Id} FOR UPDATE", ct);
        if (await db.Articles.AnyAsync(a => a.TranslationGroup == article.TranslationGroup && a.TranslationOf == article.Id, ct))
            throw new RuleBrokenException("has-translations", "Other articles are translations of this one. Change their translationOf first.");
    }

    private async Task Fill(Article article, ArticleInput input, Slug slug, bool slugGiven, DateTimeOffset now, CancellationToken ct)
    {
        var body = BodyWriter.Write(input.Body ?? [], article.Draft.Body);
        var draft = new ArticleContent
        {
            Language = input.Language ?? (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings.Language,
            Kicker = Blank(input.Kicker),
            Headline = input.Headline ?? "",
            Standfirst = Blank(input.Standfirst),
            SectionId = input.SectionId,
            OtherSectionIds = input.OtherSectionIds ?? [],
            TagIds = await tagging.Ids(input.Tags ?? [], ct),
            Credits = [.. (input.Credits ?? []).Select(c => new Credit(c.Role.GetValueOrDefault(), c.Name, c.AuthorId))],
            Sources = [.. (input.Sources ?? []).Select(s => new Source(s.Name ?? "", s.Url))],
            LeadImage = input.LeadImage is { Url: { } url } i ? new(url, Blank(i.Alt), Blank(i.Caption), Blank(i.Credit), i.Width, i.Height) : null,
            RelatedIds = input.RelatedIds ?? [],
            Corrections = [.. (input.Corrections ?? []).Select(c => new Correction(c.Text ?? "", c.At ?? now, c.Kind ?? CorrectionKind.Minor))],
            Extra = (input.Extra ?? new Dictionary<string, ExtraValue>()).ToDictionary(e => e.Key, e => e.Value.Value),
            Body = body,
            Share = article.Draft.Share,
            Reuse = ReuseInput.ToTerms(input.Reuse),
        };
        article.Revise(draft, slug, slugGiven, input.ExternalId, BodyWriter.WordCount(body), now);
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    /// <summary>Sending the present slug back does not make a derived one given; after the first publication absent keeps it.</summary>
    private static bool IsGiven(ArticleInput input, Article article) => input.Slug is null
        ? article.FirstPublishedAt is not null && article.SlugGiven
        : article.SlugGiven || input.Slug != article.Slug.Value;

    private async Task<Slug> SlugOf(ArticleInput input, Guid id, Article? present, CancellationToken ct)
    {
        var derives = present is null ? input.Slug is null : !IsGiven(input, present) && present.FirstPublishedAt is null;
        if (derives)
        {
            var stays = present is { SlugGiven: false } && present.Draft.Kicker == Blank(input.Kicker) && present.Draft.Headline == input.Headline;
            return stays && present is not null ? present.Slug : await slugs.Derive(SlugRegistry.Articles, id, Slug.Derive(id, input.Kicker, input.Headline), ct);
        }

        if (input.Slug is null || input.Slug == present?.Slug.Value) return present?.Slug ?? throw new InvalidOperationException("A new article's slug is given or derived.");

        var given = Slug.Parse(input.Slug);
        await slugs.Give(SlugRegistry.Articles, id, given, ct);
        return given;
    }

    private async Task<List<FieldError>> ReferenceFaults(ArticleInput input, Article? present, CancellationToken ct)
    {
        var faults = new List<FieldError>();
        var sections = Pointed("/sectionId", input.SectionId).Concat(Pointed("/otherSectionIds", input.OtherSectionIds)).ToList();
        var authors = (input.Credits ?? []).Select((c, i) => (Pointer: $"/credits/{i}/authorId", Id: c?.AuthorId ?? Guid.Empty)).Where(r => r.Id != Guid.Empty).ToList();
        var blocks = (input.Body ?? []).Select((b, i) => (Pointer: $"/body/{i}/articleId", Id: (b as RelatedInput)?.ArticleId ?? Guid.Empty)).Where(r => r.Id != Guid.Empty).ToList();
        var articles = Pointed("/relatedIds", input.RelatedIds)
            .Concat(blocks)
            .Concat(Pointed("/translationOf", input.TranslationOf == present?.TranslationOf ? null : input.TranslationOf)).ToList();

        var (sectionIds, authorIds, articleIds) = (Ids(sections), Ids(authors), Ids(articles));
        faults.AddRange(Missing(sections, sectionIds.Length == 0 ? [] : await db.Sections.Where(s => sectionIds.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct), "section"));
        faults.AddRange(Missing(authors, authorIds.Length == 0 ? [] : await db.Authors.Where(a => authorIds.Contains(a.Id)).Select(a => a.Id).ToListAsync(ct), "author"));
        // What the article names already may have been deleted since: sending it back is no fault.
        var known = articleIds.Length == 0 ? [] : await db.Articles.Where(a => articleIds.Contains(a.Id)).Select(a => a.Id).ToListAsync(ct);
        faults.AddRange(Missing(articles, [.. known, .. present?.Draft.ShownArticleIds() ?? []], "article"));
        if (input.SectionId is { } main && input.OtherSectionIds?.Contains(main) == true)
            faults.Add(new("/otherSectionIds", "duplicate", "The main section stands here too; leave it out."));
        if (present is not null && input.TranslationOf == present.Id)
            faults.Add(new("/translationOf", "self", "An article is no translation of itself."));
        if (present is not null && input.RelatedIds?.Contains(present.Id) == true)
            faults.Add(new("/relatedIds", "self", "An article is not related to itself."));
        faults.AddRange(blocks.Where(b => b.Id == present?.Id).Select(b => new FieldError(b.Pointer, "self", "An article is not related to itself.")));
        return faults;
    }

    private static IEnumerable<(string Pointer, Guid Id)> Pointed(string pointer, Guid? id) => id is { } one ? [(pointer, one)] : [];

    private static IEnumerable<(string Pointer, Guid Id)> Pointed(string pointer, IReadOnlyList<Guid>? ids) => (ids ?? []).Select((id, i) => ($"{pointer}/{i}", id));

    private static Guid[] Ids(IEnumerable<(string Pointer, Guid Id)> references) => [.. references.Select(r => r.Id).Distinct()];

    private static IEnumerable<FieldError> Missing(IEnumerable<(string Pointer, Guid Id)> references, List<Guid> known, string kind) =>
        references.Where(r => !known.Contains(r.Id)).Select(r => new FieldError(r.Pointer, "notFound", $"There is no such {kind}."));
}
