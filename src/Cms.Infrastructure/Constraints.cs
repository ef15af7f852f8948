namespace Cms.Infrastructure;

/// <summary>Names of the rules that the database holds: the mapping gives them, and the edge explains a refusal by them.</summary>
public static class Constraints
{
    /// <summary>A slug stands once for each kind of resource, redirecting ones included.</summary>
    public const string SlugTaken = "slugs_pkey";

    /// <summary>A tag's name is told apart without case or accents.</summary>
    public const string TagKey = "tags_key_unique";

    /// <summary>The newsroom's own id of an article.</summary>
    public const string ArticleExternalId = "articles_external_id_unique";

    /// <summary>One language stands once among the translations of a text.</summary>
    public const string ArticleTranslation = "articles_translation_unique";

    /// <summary>An address subscribes once, whatever its case.</summary>
    public const string SubscriberEmail = "subscribers_email_unique";

    /// <summary>An edition is of a frequency and a date, and there is no second one of both.</summary>
    public const string EditionDate = "editions_date_unique";

    /// <summary>A section stands under one that exists.</summary>
    public const string SectionParent = "sections_parent_fkey";

    /// <summary>A list's tail is taken from a section that exists.</summary>
    public const string ListTail = "lists_tail_section_fkey";

    /// <summary>A list is the front of a section that exists.</summary>
    public const string ListSection = "lists_section_fkey";

    /// <summary>A section has one list at most.</summary>
    public const string SectionList = "lists_section_unique";

    /// <summary>Articles, as drafts or as published, stand in sections that exist.</summary>
    public const string ArticleSection = "article_sections_section_fkey";

    /// <summary>Articles have tags that exist.</summary>
    public const string ArticleTag = "article_tags_tag_fkey";

    /// <summary>Credits name authors that exist.</summary>
    public const string ArticleAuthor = "article_authors_author_fkey";
}
