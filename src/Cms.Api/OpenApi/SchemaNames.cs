namespace Cms.Api.OpenApi;

/// <summary>Names of schemas as the API's words, not C#'s: <c>ArticleView</c> is <c>Article</c>, <c>Page&lt;SectionView&gt;</c> is <c>SectionPage</c>.</summary>
internal static class SchemaNames
{
    public static string Of(Type type)
    {
        if (type.IsGenericType)
        {
            var arguments = string.Concat(type.GetGenericArguments().Select(Of));
            var name = type.Name.Split('`')[0];
            return name == "Page" ? arguments + "Page" : name + arguments;
        }

        var plain = Nullable.GetUnderlyingType(type)?.Name ?? type.Name;
        return plain.EndsWith("View", StringComparison.Ordinal) ? plain[..^4]
            : plain.EndsWith("Document", StringComparison.Ordinal) ? "Delivery" + plain[..^8]
            : plain;
    }
}
