using Cms.Domain.Newsletter;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>A section as an edition names it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">As readers know it.</param>
/// <param name="Url">Its page.</param>
internal sealed record EditionSection(Guid Id, string Name, string Url);

/// <summary>The picture beside an article.</summary>
internal sealed record EditionImage(string Url, string? Alt, int? Width, int? Height);

/// <summary>An article as it stood when the edition was frozen.</summary>
/// <param name="Id">Which.</param>
/// <param name="Group">The text, whatever its language.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="SectionId">The section it belongs to first of all.</param>
/// <param name="In">Every section it is listed in, those above it too.</param>
/// <param name="Headline">Its headline.</param>
/// <param name="Kicker">The words above it.</param>
/// <param name="Url">Its canonical address.</param>
/// <param name="Standfirst">The words below it.</param>
/// <param name="Image">Its picture.</param>
/// <param name="Byline">Who wrote it.</param>
/// <param name="Minutes">How long it takes to read.</param>
/// <param name="Correction">What was corrected; null for what is new.</param>
internal sealed record EditionArticle(
    Guid Id, Guid Group, string Language, Guid? SectionId, IReadOnlyList<Guid> In, string Headline, string? Kicker, string Url, string? Standfirst, EditionImage? Image, string? Byline,
    int? Minutes, string? Correction = null);

/// <summary>An article that does not come into an edition.</summary>
/// <param name="Id">Which.</param>
/// <param name="Headline">Its headline.</param>
/// <param name="Reason">
/// <c>dropped</c> by an editor; <c>tooMany</c>: there is room for <see cref="EditionContent.MaxArticles"/>; <c>tooOld</c>: the first edition of all looks back a day, or seven for a weekly one.
/// </param>
internal sealed record LeftOutArticle(Guid Id, string Headline, string Reason);

/// <summary>What an edition says, frozen before its first mail.</summary>
/// <param name="SiteName">Whose.</param>
/// <param name="SiteUrl">Its front page.</param>
/// <param name="Language">The site's: what readers get of a text that is not there in theirs.</param>
/// <param name="Date">In the site's time zone.</param>
/// <param name="Frequency">Whose.</param>
/// <param name="Subject">An editor's; null: the first headline.</param>
/// <param name="Intro">An editor's.</param>
/// <param name="AddressLine">Who sends it, and from where.</param>
/// <param name="Sections">In the order of the tree, but for those of what editors put first.</param>
/// <param name="Articles">In their order: within each section as they stand here.</param>
/// <param name="Corrections">For readers whose edition carried the error.</param>
/// <param name="LeftOut">What does not come in, and why.</param>
/// <param name="CountsClicks">Its links to articles lead through <see cref="ClickCounter"/>.</param>
internal sealed record EditionContent(
    string SiteName, string SiteUrl, string Language, DateOnly Date, Frequency Frequency, string? Subject, string? Intro, string? AddressLine, IReadOnlyList<EditionSection> Sections,
    IReadOnlyList<EditionArticle> Articles, IReadOnlyList<EditionArticle> Corrections, IReadOnlyList<LeftOutArticle> LeftOut, bool CountsClicks = false)
{
    /// <summary>Articles of an edition, at most: a mail of them all stays below the 102 KB at which Gmail cuts.</summary>
    public const int MaxArticles = EditionWishes.MaxArticles;

    /// <summary>Nothing to tell anybody.</summary>
    public bool IsEmpty => Articles.Count == 0 && Corrections.Count == 0;

    /// <summary>
    /// What a reader gets: of each text one language, theirs if it is there, else the site's, else the first; and each article under the section that it
    /// belongs to, or, when they follow only another of its sections, under that one.
    /// </summary>
    /// <param name="language">The reader's.</param>
    /// <param name="follows">Sections of interest; none means all.</param>
    /// <param name="corrected">Corrections that are for them.</param>
    public IReadOnlyList<EditionPart> For(string language, IReadOnlyCollection<Guid> follows, IReadOnlyCollection<Guid> corrected)
    {
        var chosen = Articles.GroupBy(a => a.Group).SelectMany(g => g.Take(1).Select(_ => Best(g, language))).ToHashSet();
        var placed = Articles.Where(chosen.Contains).Where(a => follows.Count == 0 || a.In.Any(follows.Contains)).ToLookup(a => HeadingOf(a, follows));
        var corrections = Corrections.Where(c => corrected.Contains(c.Id)).ToList();
        var parts = Sections.Select(s => s.Id).Append(Guid.Empty).Where(id => placed[id].Any()).Select(id => new EditionPart(SectionOf(id), [.. placed[id]]));
        return corrections.Count == 0 ? [.. parts] : [.. corrections.GroupBy(c => c.SectionId ?? Guid.Empty).Select(g => new EditionPart(SectionOf(g.Key), [.. g])), .. parts];
    }

    private EditionArticle Best(IGrouping<Guid, EditionArticle> texts, string language) =>
        texts.FirstOrDefault(t => Speaks(t, language)) ?? texts.FirstOrDefault(t => Speaks(t, Language)) ?? texts.First();

    private static bool Speaks(EditionArticle text, string language) =>
        text.Language.Split('-')[0].Equals(language.Split('-')[0], StringComparison.OrdinalIgnoreCase);

    private static Guid HeadingOf(EditionArticle article, IReadOnlyCollection<Guid> follows)
    {
        var first = article.SectionId ?? Guid.Empty;
        return follows.Count == 0 || follows.Contains(first) || article.In.Count == 0 ? first : article.In.First(follows.Contains);
    }

    private EditionSection SectionOf(Guid id) => Sections.FirstOrDefault(s => s.Id == id) ?? new(Guid.Empty, SiteName, SiteUrl);
}

/// <summary>A section's part of a mail.</summary>
/// <param name="Section">Which.</param>
/// <param name="Articles">In their order.</param>
internal sealed record EditionPart(EditionSection Section, IReadOnlyList<EditionArticle> Articles);
