namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Names of what answers show. An answer carries the keys of whatever it shows (<c>Surrogate-Key</c>, <c>Cache-Tag</c>), a change names the
/// keys it touched, and a cache, ours or a CDN's, drops what has one of them. Visible ASCII without spaces or commas.
/// </summary>
internal static class DeliveryKey
{
    /// <summary>The site's own document: its name, addresses and defaults.</summary>
    public const string Site = "site";

    /// <summary>The tree of sections.</summary>
    public const string Sections = "sections";

    /// <summary>The stream of changes.</summary>
    public const string Changes = "changes";

    /// <summary>What others may do with texts, by path.</summary>
    public const string Reuse = "reuse";

    /// <summary>Which authors or tags there are.</summary>
    /// <param name="kind">As in <see cref="Address"/>.</param>
    public static string Names(string kind) => $"{kind}s";

    /// <summary>What readers find under an address, whether or not there is something.</summary>
    /// <param name="kind">Such as <c>article</c>, <c>section</c>, <c>tag</c>, <c>author</c>, <c>list</c>.</param>
    /// <param name="slug">As it was asked for.</param>
    public static string Address(string kind, string slug) => $"{kind}/{Uri.EscapeDataString(slug)}";

    /// <summary>Which articles a section, tag or author lists, and their summaries; <see cref="Guid.Empty"/>: all.</summary>
    public static string Listing(Guid target) => $"in/{target:N}";
}
