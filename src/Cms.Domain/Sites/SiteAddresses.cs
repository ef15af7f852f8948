using System.Globalization;
using Cms.Domain.Text;

namespace Cms.Domain.Sites;

/// <summary>Makes the newsroom's own addresses from its base URL and templates. Never from a request's <c>Host</c>.</summary>
public sealed class SiteAddresses(SiteSettings site)
{
    private readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(site.TimeZone);

    /// <summary>The path of an article on the newsroom's site, such as <c>/international/le-slug</c>, percent-encoded.</summary>
    public string Article(string language, Slug? section, Slug slug, Guid id, DateTimeOffset firstPublishedAt)
    {
        ArgumentNullException.ThrowIfNull(slug);
        // A date in an address is the newsroom's, not Greenwich's.
        var local = TimeZoneInfo.ConvertTime(firstPublishedAt, zone);
        return Fill(site.Paths.Article, language, section?.Value, slug.Value, id)
            .Replace("{yyyy}", local.ToString("yyyy", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{mm}", local.ToString("MM", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{dd}", local.ToString("dd", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    /// <summary>The path of a section's page.</summary>
    public string Section(string language, Slug slug, Guid id) => Fill(site.Paths.Section, language, slug?.Value, slug?.Value, id);

    /// <summary>The path of an author's page.</summary>
    public string Author(Slug slug, Guid id) => Fill(site.Paths.Author, site.Language, null, slug?.Value, id);

    /// <summary>The path of a tag's page.</summary>
    public string Tag(Slug slug, Guid id) => Fill(site.Paths.Tag, site.Language, null, slug?.Value, id);

    /// <summary>The whole address of a path.</summary>
    public string Absolute(string path) => site.BaseUrl + path;

    private static string Fill(string template, string language, string? section, string? slug, Guid id) => template
        .Replace("{language}", Uri.EscapeDataString(language), StringComparison.Ordinal)
        .Replace("{section}", Uri.EscapeDataString(section ?? ""), StringComparison.Ordinal)
        .Replace("{slug}", Uri.EscapeDataString(slug ?? ""), StringComparison.Ordinal)
        .Replace("{id}", id.ToString(), StringComparison.Ordinal)
        .Replace("//", "/", StringComparison.Ordinal);
}
