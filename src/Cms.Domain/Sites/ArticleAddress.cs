using System.Text.RegularExpressions;

namespace Cms.Domain.Sites;

/// <summary>Which article an address of the newsroom's own site names.</summary>
/// <param name="Slug">Its slug; null where the template names articles by id.</param>
/// <param name="Id">Its id; empty where the template names them by slug.</param>
public sealed record ArticleAddress(string? Slug, Guid Id)
{
    private static readonly string[] Dates = ["{yyyy}", "{mm}", "{dd}"];

    /// <summary>Reads an address by the template that made it; a query or fragment behind it, and a slash at its end, say nothing.</summary>
    /// <returns>Null when it is no article's address of this site.</returns>
    public static ArticleAddress? Find(string baseUrl, string template, string address)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(address);
        var path = address.Split('?', '#')[0];
        if (!path.StartsWith(baseUrl + "/", StringComparison.OrdinalIgnoreCase)) return null;

        var match = Regex.Match(path[baseUrl.Length..].TrimEnd('/'), $"^{Pattern(template)}$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        if (!match.Success) return null;
        if (match.Groups["slug"] is { Success: true } slug && Text.Slug.TryParse(Unescape(slug.Value), out var parsed)) return new(parsed.Value, Guid.Empty);
        return match.Groups["id"] is { Success: true } id && Guid.TryParseExact(id.Value, "D", out var named) ? new(null, named) : null;
    }

    // A placeholder may stand twice; the first one names the article. An article without a section has no step there.
    private static string Pattern(string template)
    {
        var pattern = Regex.Escape(template.TrimEnd('/')).Replace("}", @"\}", StringComparison.Ordinal);
        pattern = First(First(pattern, "{slug}", "(?<slug>[^/]+)"), "{id}", "(?<id>[0-9a-fA-F-]{36})").Replace(Escaped("{section}"), "[^/]*", StringComparison.Ordinal);
        foreach (var date in Dates) pattern = pattern.Replace(Escaped(date), "[0-9]{2,4}", StringComparison.Ordinal);
        return pattern.Replace(Escaped("{language}"), "[A-Za-z0-9-]+", StringComparison.Ordinal).Replace(Escaped("{slug}"), "[^/]+", StringComparison.Ordinal)
            .Replace(Escaped("{id}"), "[0-9a-fA-F-]{36}", StringComparison.Ordinal).Replace("/[^/]*/", "(/[^/]*)?/", StringComparison.Ordinal);
    }

    private static string First(string pattern, string placeholder, string group) =>
        pattern.IndexOf(Escaped(placeholder), StringComparison.Ordinal) is >= 0 and var at ? pattern[..at] + group + pattern[(at + Escaped(placeholder).Length)..] : pattern;

    private static string Escaped(string placeholder) => @"\" + placeholder[..^1] + @"\}";

    private static string Unescape(string step) => Uri.UnescapeDataString(step).Normalize();
}
