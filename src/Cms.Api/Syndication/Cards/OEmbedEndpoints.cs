using System.Text.Json;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain.Sites;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Cards;

/// <summary>The card of an article for other sites (oembed.com 1.0). Only addresses of our own site are looked at, and none is fetched.</summary>
internal static class OEmbedEndpoints
{
    private const int MaxUrl = 4_096, MaxPixels = 10_000;

    private static readonly TextParameter Url = new("url", "The address of an article's page on the newsroom's own site.", MaxUrl) { Required = true };
    private static readonly TextParameter Format = new("format", "`json` (default) or `xml`; another one is 501.", 20);
    public static readonly NumberParameter MaxWidth = new("maxwidth", "Pixels.", 1, MaxPixels, OEmbedCard.Width);
    public static readonly NumberParameter MaxHeight = new("maxheight", "Pixels.", 1, MaxPixels, OEmbedCard.Height);

    public static void MapOEmbed(this RouteGroupBuilder syndication) =>
        syndication.MapMethods("/oembed", Verbs.Read, Get).WithTags("Cards").WithName("getOEmbed").WithSummary("The card of an article, for other sites (oEmbed)")
            .Public("other sites ask without a token").WithQuery(Url, Format, MaxWidth, MaxHeight).Sends(("application/json", typeof(OEmbedView)), ("text/xml", null))
            .ProducesNotModified().Refuses(404, 501);

    private static async Task Get(Query query, HttpContext context, SyndicationSource source, DeliveryStore delivery, SyndicationStore store, CancellationToken ct)
    {
        if (query.Text(Url) is not { } url)
        {
            await Problems.Send(context, Problems.BadParameters([new("url", "required", "Give the address of an article's page.")]));
            return;
        }

        var format = query.Text(Format) ?? "json";
        if (format is not ("json" or "xml"))
        {
            await Problems.Send(context, Problems.Of("not-implemented", "Cards are json or xml."));
            return;
        }

        var site = await source.Site(ct);
        var named = ArticleAddress.Find(site.Document.BaseUrl, site.Document.Paths.Article, url);
        var (json, keys) = await Article(named, delivery, store, ct);
        if (json is null) await DeliveryAnswers.SendNotFound(context, "There is no article of ours at this address.", [.. keys, DeliveryKey.Site]);
        else await Send(context, OEmbedCard.Of(json, site, query), format, [.. keys, DeliveryKey.Site]);
    }

    private static async Task<(byte[]? Json, string[] Keys)> Article(ArticleAddress? named, DeliveryStore delivery, SyndicationStore store, CancellationToken ct)
    {
        if (named is null) return (null, []);
        // Where an article moves, changes or goes, all lists change: the article that an id names has no other key.
        if (named.Slug is null) return (await store.ArticleById(named.Id, ct), [DeliveryKey.Listing(Guid.Empty)]);

        var key = DeliveryKey.Address("article", named.Slug);
        if (await delivery.Article(named.Slug, Coding.Plain, ct) is { } found) return (found.Body, [key]);
        return await delivery.ArticleMoved(named.Slug, ct) is { Slug: { } present }
            ? ((await delivery.Article(present, Coding.Plain, ct))?.Body, [key, DeliveryKey.Address("article", present)])
            : (null, [key]);
    }

    private static Task Send(HttpContext context, OEmbedView card, string format, string[] keys) => format == "json"
        ? DeliveryAnswers.SendPlain(context, JsonSerializer.SerializeToUtf8Bytes(card, OEmbedCard.Options), DeliveryAnswers.Json, keys)
        : DeliveryAnswers.SendPlain(context, OEmbedCard.Xml(card), "text/xml; charset=utf-8", keys);

    /// <summary>Pixels that a card may take.</summary>
    public static (int Width, int Height) Room(Query query) =>
        (Math.Min(MaxWidth.Read(query.Text(MaxWidth)), OEmbedCard.Width), Math.Min(MaxHeight.Read(query.Text(MaxHeight)), OEmbedCard.Height));
}
