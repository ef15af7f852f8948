using Cms.Domain.Articles;
using Cms.Domain.Tags;
using Cms.Domain.Text;

namespace Cms.Infrastructure.Search;

/// <summary>What makes other articles an article's neighbours.</summary>
/// <param name="TranslationGroup">Its translations, which are no neighbours.</param>
/// <param name="Section">The main one.</param>
/// <param name="Tags">Of which neighbours share some.</param>
/// <param name="Chosen">The editor's choice, in order.</param>
/// <param name="Telling">Words of the headline that say most: the longest, folded.</param>
internal sealed record Nearness(Guid TranslationGroup, Guid? Section, Guid[] Tags, Guid[] Chosen, string[] Telling)
{
    private const int MaxTelling = 12, TellingLength = 4;

    public static Nearness Of(Publication article, Guid? sectionId, IReadOnlyList<Tag> tags) => new(
        article.TranslationGroup, sectionId, [.. tags.Select(t => t.Id)], [.. article.Content.RelatedIds.Where(id => id != article.ArticleId)],
        [.. Words.Of($"{article.Content.Kicker} {article.Content.Headline}").Select(Folding.Fold).Where(w => w.Length >= TellingLength)
            .Distinct(StringComparer.Ordinal).OrderByDescending(w => w.Length).ThenBy(w => w, StringComparer.Ordinal).Take(MaxTelling)]);
}
