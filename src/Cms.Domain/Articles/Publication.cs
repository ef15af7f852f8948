using Cms.Domain.Text;

namespace Cms.Domain.Articles;

/// <summary>
/// An article's fields as they were published: a copy of its own. Rendering and re-rendering read this and never the draft,
/// so no edit can reach readers by way of a renamed section.
/// </summary>
public sealed class Publication
{
    // EF Core binds these parameters to the mapped properties.
    private Publication(
        Guid articleId, Slug slug, Guid? translationOf, Guid translationGroup, ArticleContent content, int wordCount,
        DateTimeOffset firstPublishedAt, DateTimeOffset publishedAt) =>
        (ArticleId, Slug, TranslationOf, TranslationGroup, Content, WordCount, FirstPublishedAt, PublishedAt) =
        (articleId, slug, translationOf, translationGroup, content, wordCount, firstPublishedAt, publishedAt);

    /// <summary>The article.</summary>
    public Guid ArticleId { get; }

    /// <summary>The last part of its address.</summary>
    public Slug Slug { get; private set; }

    /// <summary>The article that this one translates, as published.</summary>
    public Guid? TranslationOf { get; private set; }

    /// <summary>Shared by its translations, as published.</summary>
    public Guid TranslationGroup { get; private set; }

    /// <summary>The fields.</summary>
    public ArticleContent Content { get; private set; }

    /// <summary>Words of the body.</summary>
    public int WordCount { get; private set; }

    /// <summary>When readers first saw it, UTC.</summary>
    public DateTimeOffset FirstPublishedAt { get; }

    /// <summary>When these fields were published, UTC.</summary>
    public DateTimeOffset PublishedAt { get; private set; }

    /// <summary>The article's draft as it would be, or is now, published.</summary>
    public static Publication Of(Article article, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(article);
        return new(article.Id, article.Slug, article.TranslationOf, article.TranslationGroup, article.Draft, article.WordCount,
            article.FirstPublishedAt ?? now, article.PublishedAt ?? now);
    }

    /// <summary>Takes over the article's draft.</summary>
    public void Renew(Article article, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(article);
        (Slug, TranslationOf, TranslationGroup, Content, WordCount, PublishedAt) =
            (article.Slug, article.TranslationOf, article.TranslationGroup, article.Draft, article.WordCount, now);
    }
}
