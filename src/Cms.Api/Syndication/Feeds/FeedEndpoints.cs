using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain.Sharing;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Feeds;

/// <summary>Feeds of the site, a section, a tag, an author, each in three forms.</summary>
internal static class FeedEndpoints
{
    private const string Reason = "published content is for everybody";

    private static readonly LanguagesParameter Language = new("language", "BCP 47; any of several.");
    private static readonly (string, Type?)[] Media = [.. FeedFormat.All.Select(f => (f.MediaType, f.Name == "json" ? typeof(JsonFeedView) : null))];

    public static void MapFeeds(this RouteGroupBuilder syndication)
    {
        var feeds = syndication.MapGroup("/feeds").WithTags("Feeds");
        Describe(feeds.MapMethods($"/articles.{FeedFormat.Route}", Verbs.Read, OfSite), "getFeed", "Newest articles of the site");
        Describe(feeds.MapMethods($"/sections/{{slug}}.{FeedFormat.Route}", Verbs.Read, OfSection), "getSectionFeed", "Newest articles of a section and those below it").Moves();
        Describe(feeds.MapMethods($"/tags/{{slug}}.{FeedFormat.Route}", Verbs.Read, OfTag), "getTagFeed", "Newest articles of a tag").Moves();
        Describe(feeds.MapMethods($"/authors/{{slug}}.{FeedFormat.Route}", Verbs.Read, OfAuthor), "getAuthorFeed", "Newest articles of an author").Moves();
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder feed, string name, string summary) => feed.WithName(name)
        .WithSummary($"{summary}: RSS 2.0, Atom 1.0 or JSON Feed 1.1").Public(Reason).WithQuery(Language, Query.CursorParameter).Sends(Media).TellsReuse().ProducesNotModified().Refuses(404);

    private static async Task OfSite(string format, Query query, HttpContext context, SyndicationSource source, FeedReader reader, CancellationToken ct)
    {
        var site = await source.Site(ct);
        var entries = await reader.Read(site, Guid.Empty, query.Values(Language), query.After, ct);
        await Send(context, format, query, site, new("/feeds/articles", site.Document.Name, site.Document.Share.Description, site.Document.Language, site.Document.BaseUrl + "/", site.Document.Reuse), entries, DeliveryKey.Listing(Guid.Empty));
    }

    private static async Task OfSection(string slug, string format, Query query, HttpContext context, SyndicationSource source, FeedReader reader, DeliveryStore store, CancellationToken ct)
    {
        var key = DeliveryKey.Address("section", slug);
        if (await source.Section(slug, ct) is not { } section)
        {
            await Elsewhere(context, "sections", format, (await store.SectionMoved(slug, ct))?.Slug, key);
            return;
        }

        var site = await source.Site(ct);
        var entries = await reader.Read(site, section.Id, query.Values(Language), query.After, ct);
        var subject = new FeedSubject($"/feeds/sections/{Uri.EscapeDataString(slug)}", Title(site, section.Name), section.Description, section.Language, section.Url, section.Reuse);
        await Send(context, format, query, site, subject, entries, DeliveryKey.Listing(section.Id), key);
    }

    private static Task OfTag(string slug, string format, Query query, HttpContext context, SyndicationSource source, FeedReader reader, CancellationToken ct) =>
        OfNamed("tag", slug, format, query, context, source, reader, ct);

    private static Task OfAuthor(string slug, string format, Query query, HttpContext context, SyndicationSource source, FeedReader reader, CancellationToken ct) =>
        OfNamed("author", slug, format, query, context, source, reader, ct);

    private static async Task OfNamed(string kind, string slug, string format, Query query, HttpContext context, SyndicationSource source, FeedReader reader, CancellationToken ct)
    {
        var key = DeliveryKey.Address(kind, slug);
        var (site, name) = (await source.Site(ct), await source.Name(kind, slug, ct));
        if (name is null && await source.NameMoved(kind, slug, ct) is { } present)
        {
            await Elsewhere(context, kind + "s", format, present, key);
            return;
        }

        // Where all its articles were withdrawn, who follows it goes on doing so.
        name ??= await reader.Target(kind, slug, ct) is { } target ? new(target, slug, site.Document.BaseUrl + "/") : null;
        if (name is null)
        {
            await Elsewhere(context, kind + "s", format, null, key);
            return;
        }

        var entries = await reader.Read(site, name.Id, query.Values(Language), query.After, ct);
        var subject = new FeedSubject($"/feeds/{kind}s/{Uri.EscapeDataString(slug)}", Title(site, name.Name), null, site.Document.Language, name.Url, site.Document.Reuse);
        await Send(context, format, query, site, subject, entries, DeliveryKey.Listing(name.Id), key);
    }

    private static string Title(SyndicatedSite site, string name) => $"{site.Document.Name}: {name}";

    private static Task Send(HttpContext context, string format, Query query, SyndicatedSite site, FeedSubject subject, FeedPage page, params ReadOnlySpan<string> keys)
    {
        var form = FeedFormat.Named(format);
        var languages = query.Values(Language);
        var first = $"{site.BaseUrl}{subject.Path}.{format}{(languages.Length > 0 ? $"?language={string.Join(',', languages)}" : "")}";
        var feed = new Feed(
            site, subject.Title, subject.Description, languages is [var one] ? one : subject.Language, subject.Link, first,
            query.Text(Query.CursorParameter) is { } cursor ? At(first, cursor) : first, page.Next is { } next ? At(first, Cursor.Write(query.Fingerprint, next)) : null, page.Entries, subject.Reuse);
        return DeliveryAnswers.SendPlain(context, form.Write(feed), $"{form.MediaType}; charset=utf-8", TdmHeaders.Of(subject.Reuse), [.. keys, DeliveryKey.Site]);
    }

    private static string At(string first, string cursor) => $"{first}{(first.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={cursor}";

    private static Task Elsewhere(HttpContext context, string kinds, string format, string? present, params ReadOnlySpan<string> keys) => present is null
        ? DeliveryAnswers.SendNotFound(context, "There is nothing with this slug that readers know.", keys)
        : DeliveryAnswers.SendMoved(context, $"/feeds/{kinds}/{Uri.EscapeDataString(present)}.{format}{context.Request.QueryString}", keys);

    /// <summary>What a feed is about.</summary>
    private sealed record FeedSubject(string Path, string Title, string? Description, string Language, string Link, ReuseTerms Reuse);
}
