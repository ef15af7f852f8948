using Cms.Infrastructure.Search;

namespace Cms.Infrastructure.Delivery;

/// <summary>What readers get of one article, ready to send, and what finds it.</summary>
/// <param name="Id">The article.</param>
/// <param name="Slug">The last part of its address.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Json">The article's answer, UTF-8.</param>
/// <param name="Summary">The article within a list, UTF-8.</param>
/// <param name="Page">The article with its HTML and head: all that a page needs, UTF-8.</param>
/// <param name="Head">What stands in the page's <c>&lt;head&gt;</c>, UTF-8.</param>
/// <param name="Text">The body's plain text, as JSON.</param>
/// <param name="FirstPublishedAt">Orders lists.</param>
/// <param name="PublishedAt">The latest publication.</param>
/// <param name="ListedUnder">Sections with their ancestors, tags and authors whose lists hold it.</param>
/// <param name="Shows">Whatever its bytes show of others: sections, tags, authors, articles and their sections, its translation group.</param>
/// <param name="Addresses">Slugs of tags and authors that it makes known to readers.</param>
/// <param name="Tdm">What who mines texts may do with it, as it is stored; null where nobody says anything.</param>
/// <param name="Search">What of it is searched.</param>
internal sealed record RenderedArticle(
    Guid Id, string Slug, string Language, byte[] Json, byte[] Summary, byte[] Page, byte[] Head, byte[] Text, DateTimeOffset FirstPublishedAt, DateTimeOffset PublishedAt,
    IReadOnlyCollection<Guid> ListedUnder, IReadOnlyCollection<Guid> Shows, IReadOnlyCollection<(string Kind, string Slug, Guid Id)> Addresses,
    string? Tdm, SearchDocument Search);
