using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Cms.Api.Syndication;

namespace Cms.Api.Tests.Syndication;

/// <summary>Feeds as a reader of them gets them. Whether the forms are valid, tests/feeds asks parsers and schemas that are not ours.</summary>
public sealed class FeedTests(ApiFixture fixture)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom", Media = "http://search.yahoo.com/mrss/", DublinCore = "http://purl.org/dc/elements/1.1/", Content = "http://purl.org/rss/1.0/modules/content/";

    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static XElement Xml(Answer answer) => XDocument.Parse(answer.Is(HttpStatusCode.OK).Text).Root!;

    private static string Link(XElement channel, string relation) => channel.Elements(Atom + "link").SingleOrDefault(l => l.Attribute("rel")!.Value == relation)?.Attribute("href")!.Value ?? "";

    private async Task<Answer> RichStory(Answer section, string tag) => await editor.Story(Wire.Unique("fil"), section.Id, new
    {
        kicker = "A & <B>",
        standfirst = "1 < 2 & \"x\"",
        tags = new[] { tag },
        credits = new object[] { new { role = "author", name = "Anne <A>" }, new { role = "photographer", name = "Kein Autor" } },
        leadImage = new { url = "https://img.example/a.jpg?x=1&y=2", alt = "un gant", credit = "AFP", width = 1200, height = 630 },
        body = new object[] { new { type = "paragraph", text = "Voir <a href=\"/seite?a=1&amp;b=2\">ici</a>, ou href=\"/nichts\" & rien." } },
    });

    [Fact]
    public async Task RSS_says_what_the_article_says()
    {
        var (section, tag) = (await editor.OpenSection(Wire.Unique("Monde & <Reste>")), Wire.Unique("Mot"));
        var story = await RichStory(section, tag);
        var article = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body;
        var answer = await reader.Get($"/feeds/sections/{section.Slug()}.rss");
        var channel = Xml(answer).Element("channel")!;
        var item = channel.Elements("item").Single();

        Assert.Equal("application/rss+xml", answer.Message.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith(section.Member("name"), channel.Element("title")!.Value, StringComparison.Ordinal);
        Assert.Equal(($"https://cms.example.org/feeds/sections/{section.Slug()}.rss", "", "fr"), (Link(channel, "self"), Link(channel, "next"), channel.Element("language")!.Value));
        Assert.Equal((article["title"]!.GetValue<string>(), article["url"]!.GetValue<string>()), (item.Element("title")!.Value, item.Element("link")!.Value));
        Assert.Equal(($"urn:uuid:{story.Id}", "false"), (item.Element("guid")!.Value, item.Element("guid")!.Attribute("isPermaLink")!.Value));
        Assert.Equal(article["firstPublishedAt"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds(), DateTimeOffset.Parse(item.Element("pubDate")!.Value, CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Equal(["Anne <A>"], item.Elements(DublinCore + "creator").Select(c => c.Value));
        Assert.Equal([section.Member("name"), tag], item.Elements("category").Select(c => c.Value));
        Assert.Equal("1 &lt; 2 &amp; \"x\"", item.Element("description")!.Value);
        Assert.Null(item.Element(Content + "encoded"));
        var picture = item.Element(Media + "content")!;
        Assert.Equal(("https://img.example/a.jpg?x=1&y=2", "1200", "630", "un gant", "AFP"), (picture.Attribute("url")!.Value, picture.Attribute("width")!.Value,
            picture.Attribute("height")!.Value, picture.Element(Media + "description")!.Value, picture.Element(Media + "credit")!.Value));
    }

    [Fact]
    public async Task Atom_and_JSON_Feed_say_the_same()
    {
        var (section, tag) = (await editor.OpenSection(), Wire.Unique("mot"));
        var story = await RichStory(section, tag);
        var article = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body;
        var feed = Xml(await reader.Get($"/feeds/tags/{tag}.atom"));
        var entry = feed.Elements(Atom + "entry").Single();
        var json = (await reader.Get($"/feeds/tags/{tag}.json")).Is(HttpStatusCode.OK);
        var item = json.Body["items"]![0]!;

        Assert.Equal(("application/feed+json", "https://jsonfeed.org/version/1.1"), (json.Message.Content.Headers.ContentType?.MediaType, json.Member("version")));
        Assert.Equal(Link(feed, "self"), feed.Element(Atom + "id")!.Value);
        Assert.EndsWith(": " + tag, feed.Element(Atom + "title")!.Value, StringComparison.Ordinal);
        Assert.Equal(feed.Element(Atom + "title")!.Value, json.Member("title"));
        Assert.Equal(entry.Element(Atom + "updated")!.Value, feed.Element(Atom + "updated")!.Value);
        foreach (var (atom, own) in new[] { (entry.Element(Atom + "id")!.Value, item["id"]), (entry.Element(Atom + "title")!.Value, item["title"]), (Link(entry, "alternate"), item["url"]), (entry.Element(Atom + "summary")!.Value, item["summary"]) })
            Assert.Equal(atom, own!.GetValue<string>());
        Assert.Equal(article["url"]!.GetValue<string>(), item["url"]!.GetValue<string>());
        Assert.Equal(("Anne <A>", "1 < 2 & \"x\""), (entry.Element(Atom + "author")!.Value, item["content_text"]!.GetValue<string>()));
        Assert.Null(item["content_html"]);
    }

    [Fact]
    public async Task Full_feeds_hold_the_text_with_addresses_that_lead_to_the_site()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        (await own.Patch("/management/v1/site", new { syndication = new { content = "full", size = 1, baseUrl = "https://courrier.example" } }, "*")).Is(HttpStatusCode.OK);
        var section = await own.OpenSection();
        await own.Story(Wire.Unique("erste"), section.Id);
        await own.Story(Wire.Unique("zweite"), section.Id, new { body = new object[] { new { type = "paragraph", text = "Voir <a href=\"/seite?a=1&amp;b=2\">ici</a>, ou href=\"/nichts\"." } } });

        const string Html = "<p>Voir <a href=\"http://localhost:3000/seite?a=1&amp;b=2\">ici</a>, ou href=\"/nichts\".</p>\n";
        var channel = Xml(await anybody.Get("/feeds/articles.rss")).Element("channel")!;
        Assert.Equal(Html, channel.Elements("item").Single().Element(Content + "encoded")!.Value);
        Assert.Equal("https://courrier.example/feeds/articles.rss", Link(channel, "self"));
        Assert.StartsWith("https://courrier.example/feeds/articles.rss?cursor=", Link(channel, "next"), StringComparison.Ordinal);
        Assert.Equal(Html, Xml(await anybody.Get("/feeds/articles.atom")).Element(Atom + "entry")!.Element(Atom + "content")!.Value);
        var json = (await anybody.Get("/feeds/articles.json")).Body["items"]![0]!;
        (await anybody.Get("/feeds/articles.json", ("If-None-Match", (await anybody.Get("/feeds/articles.json")).ETag))).Is(HttpStatusCode.NotModified);
        Assert.Equal((Html, null), (json["content_html"]!.GetValue<string>(), json["content_text"]));
    }

    [Fact]
    public async Task Pages_lead_through_the_whole_archive_and_no_article_stands_twice()
    {
        var section = await editor.OpenSection();
        var ids = new List<Guid>();
        for (var i = 0; i < 45; i++) ids.Add((await editor.Story(Wire.Unique("seite"), section.Id)).Id);

        var seen = new List<string>();
        for (var path = $"/feeds/sections/{section.Slug()}.json?language=fr"; path.Length > 0;)
        {
            var page = (await reader.Get(path)).Is(HttpStatusCode.OK).Body;
            Assert.Equal("https://cms.example.org" + path, page["feed_url"]!.GetValue<string>());
            seen.AddRange(page["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()));
            path = page["next_url"]?.GetValue<string>().Replace("https://cms.example.org", "", StringComparison.Ordinal) ?? "";
        }

        Assert.Equal(Enumerable.Reverse(ids).Select(id => $"urn:uuid:{id}"), seen);
        Assert.Empty((await reader.Get($"/feeds/sections/{section.Slug()}.json?language=de")).Is(HttpStatusCode.OK).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task An_author_s_feed_and_a_renamed_tag_s_lead_on()
    {
        var (author, tag) = ((await editor.Post("/management/v1/authors", new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created), Wire.Unique("vieux"));
        await editor.Story(Wire.Unique("umzug"), more: new { tags = new[] { tag }, credits = new[] { new { role = "author", authorId = author.Id } } });
        Assert.EndsWith(author.Member("name"), (await reader.Get($"/feeds/authors/{author.Slug()}.json")).Is(HttpStatusCode.OK).Member("title"), StringComparison.Ordinal);

        foreach (var held in new[] { $"/feeds/authors/{author.Slug()}.rss", $"/feeds/tags/{tag}.rss" })
            (await reader.Get(held, ("If-None-Match", (await reader.Get(held)).ETag))).Is(HttpStatusCode.NotModified);

        var section = await editor.OpenSection();
        var moved = (await editor.Patch($"{Desk.Sections}/{section.Id}", new { slug = Wire.Unique("neu") }, section.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal($"/feeds/sections/{moved.Slug()}.rss?language=fr", (await reader.Get($"/feeds/sections/{section.Slug()}.rss?language=fr")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());

        foreach (var (kind, old) in new[] { ("authors", author), ("tags", await Tag(tag)) })
        {
            var present = Wire.Unique("frisch");
            (await editor.Patch($"/management/v1/{kind}/{old.Id}", new { slug = present }, old.ETag)).Is(HttpStatusCode.OK);
            await fixture.Service.Settle();
            Assert.Equal($"/feeds/{kind}/{present}.atom", (await reader.Get($"/feeds/{kind}/{old.Slug()}.atom")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
            (await reader.Get($"/feeds/{kind}/{present}.atom")).Is(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_new_name_shows_in_its_feed_before_any_article_is_rendered_anew()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        var author = (await own.Post("/management/v1/authors", new { name = "Anne Alt" })).Is(HttpStatusCode.Created);
        var story = await own.Story(Wire.Unique("vorher"), more: new { tags = new[] { "Altes Wort" }, credits = new[] { new { role = "author", authorId = author.Id } } });
        var tag = await own.Get($"/management/v1/tags/{(await own.Get("/management/v1/tags?q=Altes")).Body["items"]![0]!["id"]}");
        await service.Sql($"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON delivery.articles FOR EACH ROW WHEN (NEW.id = '{story.Id}') EXECUTE FUNCTION refuse();
            """);

        foreach (var (kind, old) in new[] { ("authors", author), ("tags", tag) })
        {
            var changed = (await own.Patch($"/management/v1/{kind}/{old.Id}", new { name = $"Neu {kind}", slug = $"neu-{kind}" }, old.ETag)).Is(HttpStatusCode.OK);
            var feed = (await anybody.Get($"/feeds/{kind}/{changed.Slug()}.json")).Is(HttpStatusCode.OK).Body;

            Assert.EndsWith($": Neu {kind}", feed["title"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.EndsWith($"/{changed.Slug()}", feed["home_page_url"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Single(feed["items"]!.AsArray());
            Assert.Equal($"/feeds/{kind}/{changed.Slug()}.rss", (await anybody.Get($"/feeds/{kind}/{old.Slug()}.rss")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        }

        Assert.Contains("Anne Alt", (await anybody.Get($"{Desk.Published}/{story.Slug()}")).Text, StringComparison.Ordinal);
    }

    private async Task<Answer> Tag(string name) =>
        await editor.Get($"/management/v1/tags/{(await editor.Get($"/management/v1/tags?q={name}")).Body["items"]![0]!["id"]!.GetValue<string>()}");

    [Fact]
    public async Task What_readers_know_nothing_of_is_404_and_a_withdrawn_article_leaves_every_feed()
    {
        var nowhere = Wire.Unique("nirgends");
        foreach (var path in new[] { $"/feeds/sections/{nowhere}.rss", $"/feeds/tags/{nowhere}.atom", $"/feeds/authors/{nowhere}.json", "/feeds/articles.xml" })
            (await reader.Get(path)).Refuses(HttpStatusCode.NotFound, "not-found");

        var tag = Wire.Unique("weg");
        var story = await editor.Story(Wire.Unique("weg"), more: new { tags = new[] { tag } });
        Assert.Single(Xml(await reader.Get($"/feeds/tags/{tag}.atom")).Elements(Atom + "entry"));
        await editor.Withdraw(story);
        Assert.Empty(Xml(await reader.Get($"/feeds/tags/{tag}.atom")).Elements(Atom + "entry"));
    }

    [Fact]
    public async Task Known_parameters_are_checked_and_others_are_none_of_our_business()
    {
        var plain = (await reader.Get("/feeds/articles.rss")).Is(HttpStatusCode.OK);
        (await reader.Get("/feeds/articles.rss?utm_source=a&utm_source=b&fbclid=%00x".Replace("%00", "", StringComparison.Ordinal))).Is(HttpStatusCode.OK);
        foreach (var (kind, slug) in new[] { ("articles", ""), ("sections", "/x"), ("tags", "/x"), ("authors", "/x") })
            Assert.Equal(["cursor cursor", "language range"], (await reader.Get($"/feeds/{kind}{slug}.rss?cursor=x&language=FR")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors.Order());
        Assert.NotEmpty(plain.Bytes);
    }

    [Fact]
    public async Task A_reader_that_holds_a_feed_is_told_so_and_caches_know_what_it_shows()
    {
        var section = await editor.OpenSection();
        await editor.Story(Wire.Unique("gehalten"), section.Id, new { standfirst = string.Concat(Enumerable.Repeat("Lang. ", 150)) });
        foreach (var format in new[] { "rss", "atom", "json" })
        {
            var path = $"/feeds/sections/{section.Slug()}.{format}";
            var answer = (await reader.Get(path)).Is(HttpStatusCode.OK);
            var coded = (await reader.Get(path, ("Accept-Encoding", "br"))).Is(HttpStatusCode.OK);
            var head = await reader.Ask(HttpMethod.Head, path, null, null);

            (await reader.Get(path, ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
            (await reader.Get(path, ("If-None-Match", "W/" + coded.ETag))).Is(HttpStatusCode.NotModified);
            Assert.Null(answer.Message.Content.Headers.LastModified);
            Assert.Equal((answer.ETag, answer.Bytes.Length, 0), (head.ETag, (int?)head.Message.Content.Headers.ContentLength, head.Bytes.Length));
            Assert.Equal("br", coded.Message.Content.Headers.ContentEncoding.Single());
            Assert.Equal($"in/{section.Id:N} section/{section.Slug()} site", answer.Message.Headers.GetValues("Surrogate-Key").Single());
            Assert.Equal("*", answer.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        }
    }

    [Fact]
    public void What_XML_does_not_know_never_reaches_a_feed() => Assert.Equal("ab\uFFFDc \t😀", XmlOutput.Legal("a\uFFFEb\uD800c\u0001 \t😀"));
}
