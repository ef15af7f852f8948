namespace Cms.Domain.Articles;

/// <summary>What stands between a draft and its readers.</summary>
public static class Readiness
{
    /// <summary>What is missing, each as a word of the article's JSON; empty when it can be published.</summary>
    public static IReadOnlyList<string> Missing(ArticleContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var missing = new List<string>();
        if (string.IsNullOrWhiteSpace(content.Headline)) missing.Add("headline");
        if (content.SectionId is null) missing.Add("sectionId");
        return missing;
    }
}
