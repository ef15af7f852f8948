using System.Text.Json;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery.Articles;

/// <summary>Which members of an article a request asks for: closed lists, the same in OpenAPI.</summary>
internal static class ArticleParts
{
    private const string Html = "html", Text = "text", Head = "head", Related = "related", RelatedArticles = "relatedArticles";

    private static readonly string[] Own = Names<DeliveryArticle>(Html, Text, Head, RelatedArticles);

    public static readonly WordsParameter Fields = new("fields", "Only these members, beside what `include` and `render` add.", Own, Several: true);
    public static readonly WordsParameter SummaryFields = new("fields", "Only these members of each article.", Names<DeliverySummary>(), Several: true);
    public static readonly WordsParameter Include = new("include", "`head`: everything for the page's `<head>`; `related`: six articles near to it, as `relatedArticles`.", [Head, Related], Several: true);
    public static readonly WordsParameter HeadAlone = new("include", "`head`: everything for the page's `<head>`.", [Head], Several: true);
    public static readonly WordsParameter Render = new("render", "The body too, as `html`, safe, or as plain `text`.", [Html, Text], Several: true);

    /// <summary>The article as it is stored, its JSON alone.</summary>
    public static bool IsPlain(Query query) => query.Text(Fields) is null && query.Text(Include) is null && query.Text(Render) is null;

    /// <summary>Its JSON with HTML and head, which is stored ready to send. Plain text is not in it: no page needs both, and it would be sent with every one.</summary>
    public static bool IsPage(Query query) => query.Text(Fields) is null && query.Text(Include) is not null && query.Text(Render) is Html;

    /// <summary>The plain text is asked for, which is stored beside.</summary>
    public static bool HasText(Query query) => query.Values(Render).Contains(Text);

    /// <summary>Its neighbours are asked for, which change without it.</summary>
    public static bool WithRelated(Query query) => query.Values(Include).Contains(Related);

    /// <summary>The members that are asked for, of all that is stored.</summary>
    public static IReadOnlySet<string> Of(Query query)
    {
        var fields = query.Values(Fields);
        return new HashSet<string>([.. fields.Length > 0 ? fields : Own, .. query.Values(Include).Where(i => i != Related), .. query.Values(Render)], StringComparer.Ordinal);
    }

    /// <summary>What a request asks for of an article that is not stored.</summary>
    public static byte[] Of(RenderedArticle article, Query query)
    {
        if (IsPlain(query)) return article.Json;
        var parts = Projection.Of(article.Page, Of(query));
        return HasText(query) ? Projection.With(parts, "text"u8, article.Text) : parts;
    }

    private static string[] Names<T>(params string[] except) =>
        [.. typeof(T).GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).Except(except, StringComparer.Ordinal)];
}
