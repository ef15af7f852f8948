using System.IO.Compression;
using System.Net;
using System.Text;

namespace Cms.Api.Tests.Delivery;

public sealed class ArticleTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    [Fact]
    public async Task An_article_has_everything_its_page_needs()
    {
        var section = await editor.OpenSection();
        var related = await editor.Story(Wire.Unique("aussi"), section.Id, new { kicker = "En visite" });
        var story = await editor.Story(Wire.Unique("page"), section.Id, new
        {
            kicker = "En visite en Russie",
            standfirst = "Ces deux personnalités se sont offert dans cadeaux.",
            credits = new[] { new { role = "author", name = "La rédaction" } },
            sources = new[] { new { name = "Ech Chorouk" }, new { name = "Paris Match" } },
            relatedIds = new[] { related.Id },
            body = new object[] { new { type = "paragraph", text = "Vladimir & Kim" }, new { type = "heading", level = 2, text = "Autres cadeaux échangés" }, new { type = "related", label = "À lire aussi", articleId = related.Id } },
        });
        var article = (await reader.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);

        Assert.Equal($"/{section.Slug()}/{story.Slug()}", article.Member("path"));
        Assert.Equal(section.Member("name"), article.Body["section"]!["name"]!.GetValue<string>());
        Assert.Equal($"En visite en Russie : {story.Member("headline")}", article.Member("title"));
        Assert.Equal("La rédaction", article.Body["credits"]![0]!["name"]!.GetValue<string>());
        Assert.Equal("Vladimir &amp; Kim", article.Body["body"]![0]!["text"]!.GetValue<string>());
        Assert.Equal("autres-cadeaux-echanges", article.Body["body"]![1]!["anchor"]!.GetValue<string>());
        Assert.Equal(related.Member("headline"), article.Body["body"]![2]!["article"]!["headline"]!.GetValue<string>());
        Assert.Equal((5, 1), (article.Body["wordCount"]!.GetValue<int>(), article.Body["readingMinutes"]!.GetValue<int>()));
        Assert.Equal("Partagez ce contenu", article.Body["share"]!["label"]!.GetValue<string>());
        Assert.Equal(8, article.Body["share"]!["links"]!.AsArray().Count);
        Assert.Contains("é", article.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('<', article.Text);
    }

    [Fact]
    public async Task Each_coding_has_a_strong_tag_of_its_own_and_any_of_them_is_304()
    {
        var story = await editor.Story(Wire.Unique("codiert"), more: new { standfirst = new string('é', 900) });
        var path = $"{Desk.Published}/{story.Slug()}";
        var (plain, brotli, gzip) = (await reader.Get(path), await reader.Get(path, ("Accept-Encoding", "gzip;q=0.5, br")), await reader.Get(path, ("Accept-Encoding", "gzip")));

        Assert.Equal(plain.Text, Decode(new BrotliStream(new MemoryStream(brotli.Bytes), CompressionMode.Decompress)));
        Assert.Equal(plain.Text, Decode(new GZipStream(new MemoryStream(gzip.Bytes), CompressionMode.Decompress)));
        Assert.Equal(plain.ETag.Trim('"') + "-br", brotli.ETag.Trim('"'));
        Assert.Equal(plain.ETag.Trim('"') + "-gzip", gzip.ETag.Trim('"'));
        Assert.All([plain, brotli, gzip], a => Assert.Equal("Accept-Encoding", a.Message.Headers.Vary.Single()));
        foreach (var tag in new[] { plain.ETag, brotli.ETag, gzip.ETag, "W/" + plain.ETag, $"\"x\", {gzip.ETag}", "*" })
        {
            var held = (await reader.Get(path, ("If-None-Match", tag))).Is(HttpStatusCode.NotModified);
            Assert.Empty(held.Bytes);
            Assert.Equal(plain.Message.Headers.CacheControl?.ToString(), held.Message.Headers.CacheControl?.ToString());
        }

        (await reader.Get(path, ("If-None-Match", "\"x\""))).Is(HttpStatusCode.OK);
        (await reader.Get(path, ("Accept-Encoding", "br;q=0, identity"))).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task HEAD_answers_as_GET_without_the_bytes()
    {
        var story = await editor.Story(Wire.Unique("kopf"));
        foreach (var path in new[] { $"{Desk.Published}/{story.Slug()}", Desk.Published, "/delivery/v1/sections", "/delivery/v1/site" })
        {
            var (get, head) = (await reader.Get(path), await reader.Ask(HttpMethod.Head, path, null, null));

            Assert.Empty(head.Is(HttpStatusCode.OK).Bytes);
            Assert.Equal(get.Bytes.Length, head.Message.Content.Headers.ContentLength);
            Assert.Equal(get.ETag, head.ETag);
        }
    }

    [Fact]
    public async Task Sixty_stray_headers_change_no_byte()
    {
        var story = await editor.Story(Wire.Unique("stur"));
        var path = $"{Desk.Published}/{story.Slug()}";
        var plain = await reader.Get(path);
        var stray = Enumerable.Range(0, 50).Select(i => ($"X-Stray-{i}", "1")).Concat(
        [
            ("Authorization", "Bearer nonsense"), ("Cookie", "preview=1"), ("X-Forwarded-Host", "evil.example"), ("X-Original-URL", "/management/v1/articles"),
            ("X-HTTP-Method-Override", "DELETE"), ("X-Forwarded-Proto", "https"), ("Accept-Language", "ar"), ("Accept", "text/html"), ("Origin", "https://evil.example"), ("X-Preview", "1"),
        ]).ToArray();
        var answer = await reader.Get(path, stray);

        Assert.Equal((plain.Text, plain.ETag), (answer.Text, answer.ETag));
        Assert.Equal("*", answer.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.False(answer.Message.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_browser_may_ask_conditionally_from_any_origin()
    {
        var preflight = await reader.Ask(HttpMethod.Options, Desk.Published, null, null,
            ("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "if-none-match"));

        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("*", preflight.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Lists_hold_a_section_with_those_below_it_a_tag_an_author_a_language()
    {
        var (above, tag) = (await editor.OpenSection(), Wire.Unique("tag"));
        var below = await editor.OpenSection(parentId: above.Id);
        var author = (await editor.Post("/management/v1/authors", new { name = Wire.Unique("Auteur") })).Is(HttpStatusCode.Created);
        var first = await editor.Story(Wire.Unique("eins"), above.Id, new { tags = new[] { tag } });
        var second = await editor.Story(Wire.Unique("zwei"), below.Id, new { language = "en", credits = new[] { new { role = "author", authorId = author.Id } } });
        await editor.Draft(Wire.Unique("drei"), above.Id, new { tags = new[] { tag, "nur-im-entwurf" } });

        async Task<string[]> Slugs(string filter) =>
            [.. (await reader.Get($"{Desk.Published}?{filter}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(a => a!["slug"]!.GetValue<string>())];

        Assert.Equal([second.Slug(), first.Slug()], await Slugs($"section={above.Slug()}"));
        Assert.Equal([first.Slug(), second.Slug()], await Slugs($"section={above.Slug()}&sort=oldest"));
        Assert.Equal([second.Slug()], await Slugs($"section={below.Slug()}"));
        Assert.Equal([second.Slug()], await Slugs($"section={above.Slug()}&language=en"));
        Assert.Equal([first.Slug()], await Slugs($"tag={tag}"));
        Assert.Equal([second.Slug()], await Slugs($"author={author.Slug()}"));
        Assert.Empty(await Slugs("tag=nur-im-entwurf"));
        Assert.Empty(await Slugs("section=never-was"));
        Assert.Equal(["section either"], (await reader.Get($"{Desk.Published}?section=a&tag=b")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Pages_hold_every_article_once_and_a_section_that_moves_takes_its_articles_along()
    {
        var (left, right) = (await editor.OpenSection(), await editor.OpenSection());
        var child = await editor.OpenSection(parentId: left.Id);
        var slugs = new List<string>();
        for (var i = 0; i < 5; i++) slugs.Insert(0, (await editor.Story(Wire.Unique("s"), child.Id)).Slug());

        var (seen, path) = (new List<string>(), (string?)$"{Desk.Published}?section={left.Slug()}&limit=2");
        while (path is not null)
        {
            var page = (await reader.Get(path)).Is(HttpStatusCode.OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(a => a!["slug"]!.GetValue<string>()));
            path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
        }

        Assert.Equal(slugs, seen);
    }

    [Theory]
    [InlineData("Gro%C3%9F")]
    [InlineData("..%2f..%2fetc")]
    [InlineData("a%20b")]
    [InlineData("never-was")]
    public async Task What_is_no_slug_or_was_never_one_is_not_found(string slug) =>
        (await reader.Get($"{Desk.Published}/{slug}")).Refuses(HttpStatusCode.NotFound, "not-found");

    [Fact]
    public async Task Unknown_parameters_are_refused_everywhere()
    {
        foreach (var path in new[] { Desk.Published, $"{Desk.Published}/x", "/delivery/v1/sections", "/delivery/v1/sections/x", "/delivery/v1/site" })
            Assert.Equal(["preview unknown"], (await reader.Get($"{path}?preview=1")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    private static string Decode(Stream stream)
    {
        using var text = new StreamReader(stream, Encoding.UTF8);
        return text.ReadToEnd();
    }
}
