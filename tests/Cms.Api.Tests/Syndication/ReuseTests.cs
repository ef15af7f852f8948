using System.Net;
using AngleSharp.Html.Parser;

namespace Cms.Api.Tests.Syndication;

/// <summary>What others may do with a text: said by the article, else its section, else the site, wherever who asks may look.</summary>
public sealed class ReuseTests(ApiFixture fixture) : IAsyncLifetime
{
    private TestService? service;
    private HttpClient? editor;

    private HttpClient Editor => editor ?? throw new InvalidOperationException("The service has not started.");

    public async ValueTask InitializeAsync()
    {
        service = await fixture.StartService();
        editor = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
    }

    public async ValueTask DisposeAsync()
    {
        editor?.Dispose();
        if (service is not null) await service.DisposeAsync();
    }

    private static string? Header(Answer answer, string name) => answer.Message.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    [Fact]
    public async Task Terms_fall_back_from_article_to_section_to_site_in_every_place()
    {
        (await Editor.Patch("/management/v1/site", new { reuse = new { tdmReservation = true, tdmPolicyUrl = "https://éditeur.example/règles", licenseUrl = "https://site.example/licence" } }, "*")).Is(HttpStatusCode.OK);
        var section = (await Editor.Post(Desk.Sections, new { name = "Libre", reuse = new { tdmReservation = false } })).Is(HttpStatusCode.Created);
        var below = await Editor.Story(Wire.Unique("libre"), section.Id);
        var own = await Editor.Story(Wire.Unique("eigen"), section.Id, new { reuse = new { tdmReservation = true, licenseUrl = "https://article.example/licence" } });
        Assert.Equal("https://article.example/licence", own.Body["reuse"]!["licenseUrl"]!.GetValue<string>());

        foreach (var (story, reserved, policy, license) in new[] { (below, false, null, "https://site.example/licence"), (own, true, "https://éditeur.example/règles", "https://article.example/licence") })
        {
            var article = (await Editor.Get($"{Desk.Published}/{story.Slug()}?include=head&render=html")).Is(HttpStatusCode.OK).Body;
            var page = new HtmlParser().ParseDocument($"<head>{article["head"]!["html"]!.GetValue<string>()}</head>");
            Assert.Equal((reserved, policy, license), (article["reuse"]!["tdmReservation"]!.GetValue<bool>(), article["reuse"]!["tdmPolicyUrl"]?.GetValue<string>(), article["reuse"]!["licenseUrl"]!.GetValue<string>()));
            Assert.Equal((reserved ? "1" : "0", policy, license), (page.QuerySelector("meta[name=tdm-reservation]")?.GetAttribute("content"), page.QuerySelector("meta[name=tdm-policy]")?.GetAttribute("content"), page.QuerySelector("link[rel=license]")?.GetAttribute("href")));
            Assert.Equal(license, article["head"]!["jsonLd"]![0]!["license"]!.GetValue<string>());
        }

        var site = (await Editor.Get("/feeds/articles.json")).Is(HttpStatusCode.OK);
        Assert.Equal(("1", "https://xn--diteur-9ua.example/r%C3%A8gles"), (Header(site, "tdm-reservation"), Header(site, "tdm-policy")));
        Assert.Equal("https://article.example/licence", site.Body["items"]![0]!["_reuse"]!["licenseUrl"]!.GetValue<string>());
        var feed = (await Editor.Get($"/feeds/sections/{section.Slug()}.atom")).Is(HttpStatusCode.OK);
        Assert.Equal(("0", null), (Header(feed, "tdm-reservation"), Header(feed, "tdm-policy")));
        Assert.Contains("<link rel=\"license\" href=\"https://article.example/licence\" />", feed.Text, StringComparison.Ordinal);
        Assert.Contains("<atom:link rel=\"license\" href=\"https://article.example/licence\" />", (await Editor.Get($"/feeds/sections/{section.Slug()}.rss")).Text, StringComparison.Ordinal);

        var rules = (await Editor.Get("/.well-known/tdmrep.json")).Is(HttpStatusCode.OK);
        Assert.Equal($$"""[{"location":"/{{section.Slug()}}/*","tdm-reservation":0},{"location":"/","tdm-reservation":1,"tdm-policy":"https://éditeur.example/règles"}]""", rules.Text);
        (await Editor.Get("/.well-known/tdmrep.json", ("If-None-Match", rules.ETag))).Is(HttpStatusCode.NotModified);
    }

    // Cold, as held, told again, in each coding and by HEAD: whoever answers, the terms are the same.
    private static async Task<(string? Reservation, string? Policy)> Told(HttpClient client, string path)
    {
        var told = new List<(string?, string?)>();
        foreach (var coding in new[] { "identity", "br", "gzip" })
        {
            var first = (await client.Get(path, ("Accept-Encoding", coding))).Is(HttpStatusCode.OK);
            var again = (await client.Get(path, ("Accept-Encoding", coding))).Is(HttpStatusCode.OK);
            var held = (await client.Get(path, ("Accept-Encoding", coding), ("If-None-Match", first.ETag))).Is(HttpStatusCode.NotModified);
            var head = (await client.Ask(HttpMethod.Head, path, null, null, ("Accept-Encoding", coding))).Is(HttpStatusCode.OK);
            told.AddRange(new[] { first, again, held, head }.Select(a => (Header(a, "tdm-reservation"), Header(a, "tdm-policy"))));
        }

        return Assert.Single(told.Distinct());
    }

    [Theory]
    [InlineData("64")]
    [InlineData("0")]
    public async Task An_article_s_answers_carry_its_terms_in_headers_however_they_are_made(string megabytes)
    {
        await using var own = await fixture.StartService(new() { ["Cms:Delivery:CacheMegabytes"] = megabytes });
        using var desk = await own.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var anybody = own.Anonymous(); // who is nobody is answered without routing
        var section = await desk.OpenSection();
        var story = await desk.Story(Wire.Unique("terme"), section.Id);
        string[] forms = ["", "/head", "?include=head&render=html", "?fields=headline", "?render=text&fields=slug", "?include=related&fields=slug"];
        var address = $"{Desk.Published}/{story.Slug()}";
        foreach (var form in forms) Assert.Equal((null, null), await Told(anybody, address + form));

        var tags = new Dictionary<string, string>();
        foreach (var (terms, told) in new (object, (string?, string?))[]
        {
            (new { tdmReservation = (bool?)true, tdmPolicyUrl = "https://éditeur.example/règles" }, ("1", "https://xn--diteur-9ua.example/r%C3%A8gles")),
            (new { tdmReservation = (bool?)true, tdmPolicyUrl = "https://autre.example/" + new string('字', 1_900) }, ("1", null)),
            (new { tdmReservation = (bool?)false, tdmPolicyUrl = (string?)null }, ("0", null)),
            (new { tdmReservation = (bool?)null, tdmPolicyUrl = (string?)null }, (null, null)),
        })
        {
            var current = await desk.Get($"{Desk.Sections}/{section.Id}");
            (await desk.Patch($"{Desk.Sections}/{section.Id}", new { reuse = terms }, current.ETag)).Is(HttpStatusCode.OK);
            await own.Settle();
            foreach (var form in forms)
            {
                Assert.Equal(told, await Told(anybody, address + form));
                // A header that a cache holds goes with the answer that had it alone.
                var tag = (await anybody.Get(address + form)).ETag;
                Assert.NotEqual(tags.GetValueOrDefault(form), tag);
                tags[form] = tag;
                if (form == "" && megabytes == "0") Assert.Equal(told.Item1, Header((await anybody.Get(address, ("If-None-Match", tag))).Is(HttpStatusCode.NotModified), "tdm-reservation"));
            }
        }

        foreach (var elsewhere in new[] { $"{Desk.Published}/{Wire.Unique("nichts")}", Desk.Published }) Assert.Null(Header(await anybody.Get(elsewhere), "tdm-reservation"));
    }

    [Fact]
    public async Task A_feed_that_loses_its_terms_is_another_answer()
    {
        var section = (await Editor.Post(Desk.Sections, new { name = Wire.Unique("fil"), reuse = new { tdmReservation = true } })).Is(HttpStatusCode.Created);
        var path = $"/feeds/sections/{section.Slug()}.rss";
        var before = (await Editor.Get(path)).Is(HttpStatusCode.OK);
        (await Editor.Patch($"{Desk.Sections}/{section.Id}", new { reuse = new { tdmReservation = (bool?)null } }, section.ETag)).Is(HttpStatusCode.OK);

        Assert.Null(Header((await Editor.Get(path, ("If-None-Match", before.ETag))).Is(HttpStatusCode.OK), "tdm-reservation"));
    }

    [Fact]
    public async Task Where_nobody_says_anything_nothing_is_said()
    {
        var story = await Editor.Story(Wire.Unique("nichts"));

        Assert.DoesNotContain("tdm-", (await Editor.Get($"{Desk.Published}/{story.Slug()}/head")).Member("html"), StringComparison.Ordinal);
        Assert.Null(Header(await Editor.Get("/feeds/articles.rss"), "tdm-reservation"));
        Assert.Equal("[]", (await Editor.Get("/.well-known/tdmrep.json")).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task Terms_are_checked_wherever_they_are_given()
    {
        var terms = new { reuse = new { tdmPolicyUrl = "javascript:0", licenseUrl = "/licence" } };
        string[] faults = ["/reuse/tdmPolicyUrl url", "/reuse/licenseUrl url"];

        Assert.Equal(faults, (await Editor.Patch("/management/v1/site", terms, "*")).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(faults, (await Editor.Post(Desk.Sections, new { name = "x", terms.reuse })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(faults, (await Editor.Post(Desk.Articles, new { headline = "x", terms.reuse })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }
}
