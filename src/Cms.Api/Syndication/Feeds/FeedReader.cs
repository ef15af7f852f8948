using System.Text.Json;
using Cms.Api.Http;
using Cms.Domain.Sites;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Feeds;

/// <summary>Articles of one page of a feed.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Next">Where the next page begins.</param>
internal sealed record FeedPage(IReadOnlyList<FeedEntry> Entries, Position? Next);

/// <summary>Reads the articles of a feed: their summaries, or where feeds are full their pages, which have the HTML.</summary>
internal sealed class FeedReader(DeliveryStore delivery, SyndicationStore store)
{
    public async Task<FeedPage> Read(SyndicatedSite site, Guid target, string[] languages, Position? after, CancellationToken ct)
    {
        var settings = site.Document.Syndication;
        string[] wanted = languages.Length > 0 ? languages : [ListQuestion.AllLanguages];
        (DateTimeOffset, Guid)? from = after is { } position ? (position.Time, position.Id) : null;
        var rows = settings.Content == FeedContent.Full
            ? await store.NewestWhole(target, wanted, from, settings.Size + 1, ct)
            : (await delivery.List(new(null, wanted, ListOrder.Newest, null, null, from, settings.Size + 1) { Target = target }, ct)).Rows;
        var shown = rows.Take(settings.Size).ToList();
        return new([.. shown.Select(r => EntryOf(r.Json, site))], rows.Count > settings.Size ? new Position(shown[^1].At, shown[^1].Id) : null);
    }

    /// <summary>What a slug names, or named while articles showed it; null when readers never knew it.</summary>
    public Task<Guid?> Target(string kind, string slug, CancellationToken ct) => delivery.Target(kind, slug, ct);

    private static FeedEntry EntryOf(byte[] json, SyndicatedSite site)
    {
        var entry = JsonSerializer.Deserialize<FeedEntry>(json, JsonSerializerOptions.Web) ?? throw new InvalidDataException("A stored article holds null.");
        return entry.Html is { } html ? entry with { Html = AbsoluteLinks.Of(html, site.Document.BaseUrl) } : entry;
    }
}
