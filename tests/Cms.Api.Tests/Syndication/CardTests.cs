using System.Net;
using System.Xml.Linq;

namespace Cms.Api.Tests.Syndication;

/// <summary>What other sites and browsers get of ours.</summary>
public sealed class CardTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Card(string url, string more = "") => $"/oembed?url={Uri.EscapeDataString(url)}{more}";

    [Fact]
    public async Task An_article_has_a_card_in_both_forms_that_no_editor_can_break_out_of()
    {
        var story = await editor.Story("<script>alert(1)</script> " + Wire.Unique("karte"), more: new
        {
            standfirst = "\"><img onerror=x>",
            credits = new[] { new { role = "author", name = "Anne" } },
            leadImage = new { url = "https://img.example/a.jpg", width = 1200, height = 630 },
        });
        var url = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Member("url");
        var card = (await reader.Get(Card(url + "?utm_source=x#y"))).Is(HttpStatusCode.OK).Body;
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(card["html"]!.GetValue<string>()).Body!;

        Assert.Equal(("1.0", "rich", story.Member("headline"), "Anne", 1200), (card["version"]!.GetValue<string>(), card["type"]!.GetValue<string>(), card["title"]!.GetValue<string>(), card["author_name"]!.GetValue<string>(), card["thumbnail_width"]!.GetValue<int>()));
        Assert.Equal(["blockquote", "p", "a", "p", "footer"], html.QuerySelectorAll("*").Select(e => e.LocalName));
        Assert.Equal((url, story.Member("headline"), "\"><img onerror=x>"), (html.QuerySelector("a")!.GetAttribute("href"), html.QuerySelector("a")!.TextContent, html.QuerySelectorAll("p")[1].TextContent));

        var small = (await reader.Get(Card(url, "&maxwidth=300&maxheight=100&format=json"))).Is(HttpStatusCode.OK);
        Assert.Equal((300, 100, null), (small.Body["width"]!.GetValue<int>(), small.Body["height"]!.GetValue<int>(), small.Body["thumbnail_url"]));
        (await reader.Get(Card(url, "&maxwidth=300&maxheight=100&format=json"), ("If-None-Match", small.ETag))).Is(HttpStatusCode.NotModified);

        var xml = (await reader.Get(Card(url, "&format=xml"))).Is(HttpStatusCode.OK);
        Assert.Equal("text/xml", xml.Message.Content.Headers.ContentType?.MediaType);
        Assert.Equal((card["html"]!.GetValue<string>(), "600"), (XDocument.Parse(xml.Text).Root!.Element("html")!.Value, XDocument.Parse(xml.Text).Root!.Element("width")!.Value));
    }

    [Fact]
    public async Task Only_addresses_of_published_articles_of_ours_have_one()
    {
        var story = await editor.Story(Wire.Unique("umzug"));
        var url = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Member("url");
        var moved = await editor.Publish(await editor.Change(story, new { slug = Wire.Unique("neu") }));
        Assert.Contains(moved.Slug(), (await reader.Get(Card(url))).Is(HttpStatusCode.OK).Member("html"), StringComparison.Ordinal);

        foreach (var other in new[] { "https://evil.example/a/b", "http://localhost:3000.evil.example/a/b", "http://localhost:3000", "http://localhost:3000/" + Wire.Unique("x"), "http://localhost:3000/s/" + Wire.Unique("x"), "http://localhost:3000/a/b/c", "javascript:0", "http://localhost:3000/../%2e%2e/x" })
            (await reader.Get(Card(other))).Refuses(HttpStatusCode.NotFound, "not-found");
        await editor.Withdraw(moved);
        (await reader.Get(Card(url))).Refuses(HttpStatusCode.NotFound, "not-found");

        (await reader.Get(Card(url, "&format=yaml"))).Refuses(HttpStatusCode.NotImplemented, "not-implemented");
        Assert.Equal(["url required"], (await reader.Get("/oembed")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        Assert.Equal(["maxwidth range"], (await reader.Get(Card(url, "&maxwidth=0"))).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Where_addresses_name_ids_the_card_is_found_by_them()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        (await own.Patch("/management/v1/site", new { paths = new { article = "/{language}/{yyyy}/{id}" } }, "*")).Is(HttpStatusCode.OK);
        var story = await own.Story(Wire.Unique("nummer"));

        Assert.Equal(story.Member("headline"), (await own.Get(Card($"http://localhost:3000/fr/2026/{story.Id}/"))).Is(HttpStatusCode.OK).Member("title"));
        (await own.Get(Card($"http://localhost:3000/fr/2026/{Guid.CreateVersion7()}"))).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Browsers_learn_how_the_site_is_searched()
    {
        XNamespace ns = "http://a9.com/-/spec/opensearch/1.1/";
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        async Task<string?> Template() => XDocument.Parse((await own.Get("/opensearch.xml")).Is(HttpStatusCode.OK).Text).Root!.Elements(ns + "Url").First().Attribute("template")?.Value;
        Assert.Equal("https://cms.example.org/delivery/v1/search?q={searchTerms}", await Template());

        (await own.Patch("/management/v1/site", new { name = "Le Courrier des Deux Rives", syndication = new { searchPath = "/recherche?q={searchTerms}&a=1" } }, "*")).Is(HttpStatusCode.OK);
        Assert.Equal("http://localhost:3000/recherche?q={searchTerms}&a=1", await Template());
        var answer = await own.Get("/opensearch.xml");
        Assert.Equal("Le Courrier des…", XDocument.Parse(answer.Text).Root!.Element(ns + "ShortName")!.Value);
        (await own.Get("/opensearch.xml", ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
        foreach (var path in new[] { "//evil.example/{searchTerms}", "/search", "search?q={searchTerms}", "/{searchTerms}/{searchTerms}", "/a b{searchTerms}" })
            Assert.Equal(["/syndication/searchPath path"], (await own.Patch("/management/v1/site", new { syndication = new { searchPath = path } }, "*")).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task Security_txt_is_there_when_the_operator_names_somebody()
    {
        (await reader.Get("/.well-known/security.txt?x=%FF")).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await reader.Get("/.well-known/security.txt")).Refuses(HttpStatusCode.NotFound, "not-found");
        await using var service = await fixture.StartService(new() { ["Cms:SecurityContact"] = "mailto:security@courrier.example", ["Cms:SecurityExpires"] = "2027-06-30T00:00:00Z" });
        using var anybody = service.Anonymous();
        var answer = (await anybody.Get("/.well-known/security.txt")).Is(HttpStatusCode.OK);

        Assert.Equal("Contact: mailto:security@courrier.example\nExpires: 2027-06-30T00:00:00Z\n", answer.Text);
        (await anybody.Get("/.well-known/security.txt", ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => fixture.StartService(new() { ["Cms:SecurityContact"] = "mailto:security@courrier.example" }));
    }
}
