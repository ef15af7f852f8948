using System.Net;
using AngleSharp.Html.Parser;

namespace Cms.Api.Tests.Syndication;

public sealed class FeedLinkTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_head_names_the_feeds_once_the_site_says_where_readers_reach_them_and_each_address_answers()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var reader = service.Anonymous();
        var section = await editor.OpenSection("Monde \"&\" <b>");
        var story = await editor.Story(Wire.Unique("kopf"), section.Id);
        var path = $"{Desk.Published}/{story.Slug()}/head";
        Assert.Empty((await reader.Get(path)).Is(HttpStatusCode.OK).Body["feeds"]!.AsArray());

        (await editor.Patch("/management/v1/site", new { syndication = new { baseUrl = "https://courrier.example" } }, "*")).Is(HttpStatusCode.OK);
        await service.Settle();

        var head = (await reader.Get(path)).Is(HttpStatusCode.OK).Body;
        var links = new HtmlParser().ParseDocument($"<head>{head["html"]!.GetValue<string>()}</head>").QuerySelectorAll("link[rel=alternate][title]");
        Assert.Equal(
            head["feeds"]!.AsArray().Select(f => (f!["type"]!.GetValue<string>(), f["title"]!.GetValue<string>(), f["href"]!.GetValue<string>())),
            links.Select(l => (l.GetAttribute("type") ?? "", l.GetAttribute("title") ?? "", l.GetAttribute("href") ?? "")));
        Assert.Equal(6, links.Length);
        Assert.Equal("Cms: Monde \"&\" <b>", links[5].GetAttribute("title"));
        foreach (var link in links)
            Assert.Equal(link.GetAttribute("type"), (await reader.Get((link.GetAttribute("href") ?? "").Replace("https://courrier.example", "", StringComparison.Ordinal))).Is(HttpStatusCode.OK).Message.Content.Headers.ContentType?.MediaType);
    }
}
