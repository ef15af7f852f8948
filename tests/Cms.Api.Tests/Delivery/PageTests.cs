using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;

namespace Cms.Api.Tests.Delivery;

/// <summary>Everything that an article's page needs, in one request: data, HTML, head.</summary>
public sealed class PageTests(ApiFixture fixture)
{
    private const string Whole = "include=head&render=html";

    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static string[] Members(Answer answer) => [.. answer.Body.Select(m => m.Key)];

    private static AngleSharp.Html.Dom.IHtmlDocument Parse(string head) => new HtmlParser().ParseDocument($"<!doctype html><html><head>{head}</head><body></body></html>");

    private static JsonNode[] JsonLd(AngleSharp.Html.Dom.IHtmlDocument page) =>
        [.. page.QuerySelectorAll("script[type='application/ld+json']").Select(s => JsonNode.Parse(s.TextContent)!)];

    private static string? Content(AngleSharp.Html.Dom.IHtmlDocument page, string name) =>
        page.QuerySelector($"meta[property='{name}'],meta[name='{name}']")?.GetAttribute("content");

    [Fact]
    public async Task One_request_gives_the_article_its_HTML_and_its_head()
    {
        var other = await editor.Story(Wire.Unique("autre"));
        var story = await editor.Story(Wire.Unique("seite"), more: new
        {
            kicker = "En visite",
            body = new object[]
            {
                new { type = "paragraph", text = "a <strong>b</strong>" }, new { type = "heading", level = 3, text = "Autres cadeaux" },
                new { type = "image", url = "https://img.example/a.jpg?x=1&y=2", alt = "un \"gant\"", caption = "Le <gant>", credit = "AFP", width = 600, height = 400 },
                new { type = "quote", text = "c", cite = "D & E" }, new { type = "list", ordered = true, items = new[] { "f", "g" } },
                new { type = "embed", url = "https://www.youtube.com/watch?v=1&t=2" }, new { type = "related", label = "À lire aussi", articleId = other.Id },
                new { type = "divider" }, new { type = "html", html = "<table><tr><td>h</td></tr></table>" },
            },
        });
        var path = $"{Desk.Published}/{story.Slug()}";
        var plain = (await reader.Get(path)).Is(HttpStatusCode.OK);
        var page = (await reader.Get($"{path}?{Whole}")).Is(HttpStatusCode.OK);

        Assert.Equal([.. Members(plain), "html", "head"], Members(page));
        Assert.Equal($"""
            <p>a <strong>b</strong></p>
            <h3 id="autres-cadeaux">Autres cadeaux</h3>
            <figure><img src="https://img.example/a.jpg?x=1&amp;y=2" alt="un &quot;gant&quot;" width="600" height="400" loading="lazy" decoding="async"><figcaption>Le &lt;gant&gt; <small>AFP</small></figcaption></figure>
            <blockquote><p>c</p><footer><cite>D &amp; E</cite></footer></blockquote>
            <ol><li>f</li><li>g</li></ol>
            <figure data-embed><a href="https://www.youtube.com/watch?v=1&amp;t=2">https://www.youtube.com/watch?v=1&amp;t=2</a></figure>
            <aside><p>À lire aussi <a href="{(await reader.Get($"{Desk.Published}/{other.Slug()}")).Member("url")}">{other.Member("headline")}</a></p></aside>
            <hr>
            <table><tbody><tr><td>h</td></tr></tbody></table>

            """, page.Member("html"));
        (await reader.Get($"{path}?{Whole}", ("If-None-Match", page.ETag))).Is(HttpStatusCode.NotModified);
        Assert.Equal(page.Body["head"]!.ToJsonString(), (await reader.Get($"{path}/head")).Is(HttpStatusCode.OK).Body.ToJsonString());
    }

    [Fact]
    public async Task The_head_says_what_search_engines_and_networks_ask_for()
    {
        var section = await editor.OpenSection(Wire.Unique("International"));
        var below = await editor.OpenSection(Wire.Unique("Asie"), section.Id);
        var name = Wire.Unique("Anne");
        var author = (await editor.Post("/management/v1/authors", new { name })).Is(HttpStatusCode.Created);
        var story = await editor.Story(Wire.Unique("kopf"), below.Id, new
        {
            standfirst = "Ces deux personnalités",
            tags = new[] { "Russie" },
            credits = new object[] { new { role = "author", authorId = author.Id }, new { role = "author", name = "La rédaction" }, new { role = "photographer", name = "Autre" } },
            leadImage = new { url = "https://img.example/a.jpg", alt = "un gant", width = 1200, height = 630 },
            corrections = new[] { new { text = "Le gant est de 2023.", at = "2026-11-24T09:00:00Z" } },
        });
        var article = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body;
        var page = Parse((await reader.Get($"{Desk.Published}/{story.Slug()}/head")).Member("html"));

        Assert.Equal(story.Member("headline"), page.Title);
        Assert.Equal(article["url"]!.GetValue<string>(), page.QuerySelector("link[rel=canonical]")?.GetAttribute("href"));
        Assert.Equal("Ces deux personnalités", Content(page, "description"));
        Assert.Contains("max-image-preview:large", Content(page, "robots"), StringComparison.Ordinal);
        Assert.Equal(("article", story.Member("headline"), "fr_FR", "https://img.example/a.jpg", "1200"),
            (Content(page, "og:type"), Content(page, "og:title"), Content(page, "og:locale"), Content(page, "og:image"), Content(page, "og:image:width")));
        Assert.Equal(("summary_large_image", "un gant"), (Content(page, "twitter:card"), Content(page, "twitter:image:alt")));

        var (news, trail) = (JsonLd(page)[0], JsonLd(page)[1]);
        Assert.Equal("NewsArticle", news["@type"]!.GetValue<string>());
        Assert.Equal([name, "La rédaction"], news["author"]!.AsArray().Select(a => a!["name"]!.GetValue<string>()));
        Assert.Equal(article["firstPublishedAt"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds(), news["datePublished"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds());
        Assert.True(news["isAccessibleForFree"]!.GetValue<bool>());
        Assert.Equal("Le gant est de 2023.", news["correction"]![0]!["text"]!.GetValue<string>());
        Assert.Equal(630, news["image"]![0]!["height"]!.GetValue<int>());
        Assert.Equal([section.Member("name"), below.Member("name"), story.Member("headline")], trail["itemListElement"]!.AsArray().Select(i => i!["name"]!.GetValue<string>()).Skip(1));
        Assert.Equal([1, 2, 3, 4], trail["itemListElement"]!.AsArray().Select(i => i!["position"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Languages_of_a_text_name_each_other_unless_its_true_address_is_elsewhere()
    {
        var french = await editor.Story(Wire.Unique("langue"));
        var english = await editor.Story(Wire.Unique("language"), more: new { language = "en-GB", translationOf = french.Id });
        var page = Parse((await reader.Get($"{Desk.Published}/{french.Slug()}/head")).Member("html"));

        Assert.Equal(["fr", "en-GB"], page.QuerySelectorAll("link[rel=alternate]").Select(l => l.GetAttribute("hreflang")));
        Assert.Equal("en_GB", Content(page, "og:locale:alternate"));

        var card = await editor.Get($"{Desk.Articles}/{english.Id}/share");
        (await editor.Put($"{Desk.Articles}/{english.Id}/share", new { canonicalUrl = "https://agency.example/a" }, card.ETag)).Is(HttpStatusCode.OK);
        await editor.Publish(await editor.Get($"{Desk.Articles}/{english.Id}"));
        var elsewhere = (await reader.Get($"{Desk.Published}/{english.Slug()}/head")).Body;
        Assert.Equal("https://agency.example/a", elsewhere["canonical"]!.GetValue<string>());
        Assert.Empty(elsewhere["alternates"]!.AsArray());
    }

    [Theory]
    [InlineData("fr", "fr_FR")]
    [InlineData("fr-BE", "fr_BE")]
    [InlineData("fr-x-ab", "fr_FR")]
    [InlineData("eo", null)]
    public async Task Networks_get_a_language_with_its_territory_where_there_is_one(string language, string? locale)
    {
        var story = await editor.Story(Wire.Unique("gebiet"), more: new { language });

        Assert.Equal(locale, Content(Parse((await reader.Get($"{Desk.Published}/{story.Slug()}/head")).Member("html")), "og:locale"));
    }

    [Theory]
    [InlineData("</title><script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("</script><!-- <script> -->")]
    [InlineData("' onload='alert(1) & &amp; &#x3c;")]
    public async Task Whatever_an_editor_types_stays_text_in_the_head(string text)
    {
        var headline = text + " " + Wire.Unique("böse");
        var story = await editor.Story(headline, more: new
        {
            standfirst = text,
            tags = new[] { text },
            credits = new[] { new { role = "author", name = text } },
            leadImage = new { url = "https://img.example/a.jpg", alt = text },
            corrections = new[] { new { text } },
        });
        var page = Parse((await reader.Get($"{Desk.Published}/{story.Slug()}/head")).Member("html"));

        Assert.All(page.Head!.Children, e => Assert.Contains(e.LocalName, new[] { "title", "meta", "link", "script" }));
        Assert.Empty(page.Body!.ChildNodes);
        Assert.All(page.QuerySelectorAll("*"), e => Assert.DoesNotContain(e.Attributes, a => a.Name.StartsWith("on", StringComparison.Ordinal)));
        Assert.Equal((headline, text, text), (page.Title, Content(page, "description"), Content(page, "og:image:alt")));
        Assert.Equal(2, JsonLd(page).Length);
        Assert.Equal((headline, text), (JsonLd(page)[0]["headline"]!.GetValue<string>(), JsonLd(page)[0]["author"]![0]!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_text_of_the_body_is_what_its_words_are_counted_of()
    {
        var story = await editor.Story(Wire.Unique("text"), more: new
        {
            body = new object[]
            {
                new { type = "paragraph", text = "Fünf &amp; \"sechs\"<br>sieben <strong>acht</strong>" }, new { type = "heading", level = 2, text = "Neun" },
                new { type = "image", url = "https://img.example/a.jpg", alt = "nicht", caption = "auch nicht" }, new { type = "divider" },
                new { type = "list", ordered = false, items = new[] { "zehn", "elf" } }, new { type = "quote", text = "zwölf", cite = "niemand" },
                new { type = "html", html = "<table><tr><td>a</td><td>b</td></tr></table>" },
            },
        });
        var path = $"{Desk.Published}/{story.Slug()}";
        var plain = (await reader.Get(path)).Is(HttpStatusCode.OK);
        var text = (await reader.Get($"{path}?render=text")).Is(HttpStatusCode.OK);

        Assert.Equal("Fünf & \"sechs\"\nsieben acht\n\nNeun\n\nzehn\nelf\n\nzwölf\n\na\nb", text.Member("text"));
        Assert.Equal(plain.Body["wordCount"]!.GetValue<int>(), Domain.Articles.Blocks.Prose.WordCount(text.Member("text")));
        Assert.Equal([.. Members(plain), "text"], Members(text));
        Assert.Contains("Fünf", text.Text, StringComparison.Ordinal);
        var all = (await reader.Get($"{path}?include=head&render=html,text")).Is(HttpStatusCode.OK);
        Assert.Equal([.. Members(plain), "html", "head", "text"], Members(all));
        Assert.Equal(["slug", "text"], Members((await reader.Get($"{path}?fields=slug&render=text")).Is(HttpStatusCode.OK)));
        var page = (await reader.Get($"{path}?{Whole}")).Is(HttpStatusCode.OK);
        Assert.Equal([.. Members(plain), "html", "head"], Members(page));
        Assert.Equal(await fixture.Service.Sql("SELECT body FROM delivery.pages WHERE slug = $1", story.Slug()), page.Bytes);
        (await reader.Get($"{path}?render=text", ("If-None-Match", text.ETag))).Is(HttpStatusCode.NotModified);

        var empty = await editor.Story(Wire.Unique("leer"));
        Assert.Equal("", (await reader.Get($"{Desk.Published}/{empty.Slug()}?fields=slug&render=text")).Is(HttpStatusCode.OK).Member("text"));
        await editor.Withdraw(empty);
        (await reader.Get($"{Desk.Published}/{empty.Slug()}?render=text")).Refuses(HttpStatusCode.Gone, "gone");
        (await reader.Get($"{Desk.Published}/{Wire.Unique("nie")}?render=text")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Fields_give_these_members_and_no_others_in_the_order_of_the_whole()
    {
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("felder"), section.Id);
        var path = $"{Desk.Published}/{story.Slug()}";

        Assert.Equal(["slug", "headline"], Members((await reader.Get($"{path}?fields=headline,slug")).Is(HttpStatusCode.OK)));
        Assert.Equal(["slug", "html"], Members((await reader.Get($"{path}?fields=slug&render=html")).Is(HttpStatusCode.OK)));
        Assert.Equal(["id", "head"], Members((await reader.Get($"{path}?include=head&fields=id")).Is(HttpStatusCode.OK)));
        Assert.DoesNotContain("html", Members((await reader.Get($"{path}?include=head")).Is(HttpStatusCode.OK)));
        var listed = (await reader.Get($"{Desk.Published}?section={section.Slug()}&fields=headline,url")).Is(HttpStatusCode.OK);
        Assert.Equal(["url", "headline"], listed.Body["items"]![0]!.AsObject().Select(m => m.Key));

        foreach (var (query, fault) in new[] { ("fields=draft", "fields range"), ("fields=slug,slug", "fields range"), ("include=body", "include range"), ("render=pdf", "render range") })
            Assert.Equal([fault], (await reader.Get($"{path}?{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        Assert.Equal(["fields unknown"], (await reader.Get($"{path}/head?fields=title")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task A_moved_slug_leads_on_with_all_that_was_asked_and_a_withdrawn_article_has_no_head()
    {
        var story = await editor.Story(Wire.Unique("umzug"));
        var moved = await editor.Publish(await editor.Change(story, new { slug = Wire.Unique("neu") }));

        Assert.Equal($"{Desk.Published}/{moved.Slug()}/head", (await reader.Get($"{Desk.Published}/{story.Slug()}/head")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        Assert.Equal($"{Desk.Published}/{moved.Slug()}?{Whole}", (await reader.Get($"{Desk.Published}/{story.Slug()}?{Whole}")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        await editor.Withdraw(moved);
        foreach (var path in new[] { "/head", $"?{Whole}", "?fields=slug" })
            (await reader.Get($"{Desk.Published}/{moved.Slug()}{path}")).Refuses(HttpStatusCode.Gone, "gone");
        (await reader.Get($"{Desk.Published}/{Wire.Unique("nie")}/head")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_renamed_section_shows_in_the_trail_of_every_article_below_it()
    {
        var section = await editor.OpenSection(Wire.Unique("Alt"));
        var below = await editor.OpenSection(Wire.Unique("Darunter"), section.Id);
        var story = await editor.Story(Wire.Unique("spur"), below.Id);
        var name = Wire.Unique("Neu");

        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { name }, section.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        Assert.Contains(name, (await reader.Get($"{Desk.Published}/{story.Slug()}/head")).Member("html"), StringComparison.Ordinal);
        Assert.Contains(name, (await reader.Get($"{Desk.Published}/{story.Slug()}?{Whole}")).Text, StringComparison.Ordinal);
    }
}
