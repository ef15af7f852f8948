using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Management;

public sealed class ArticleTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_headline_is_enough_to_create_a_draft()
    {
        var headline = Wire.Unique("Une nouvelle");
        var created = (await editor.Post(Desk.Articles, new { headline })).Is(HttpStatusCode.Created);
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal(created.Text, read.Text);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal("draft", created.Member("status"));
        Assert.Equal(headline.ToLowerInvariant().Replace(' ', '-'), created.Slug());
        Assert.Empty(created.Body["actions"]?.AsArray() ?? ["?"]);
        (await fixture.Reader.Get($"{Desk.Published}/{created.Slug()}")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Every_member_and_block_comes_back_as_it_was_sent()
    {
        var (section, other) = ((await editor.OpenSection()).Id, (await editor.OpenSection()).Id);
        var sent = JsonNode.Parse($$"""
            { "language": "fr", "kicker": "En visite", "headline": "{{Wire.Unique("Tout")}}", "standfirst": "Deux\nlignes", "slug": "{{Wire.Unique("tout")}}",
              "sectionId": "{{section}}", "otherSectionIds": ["{{other}}"], "tags": ["Kim Jong-un", "Russie"], "translationOf": null,
              "credits": [{ "role": "author", "name": "La rédaction", "authorId": null }, { "role": "photographer", "name": "A. B.", "authorId": null }],
              "sources": [{ "name": "Paris Match", "url": null }, { "name": "Ech Chorouk", "url": "https://example.org/x?a=1&b=2" }],
              "leadImage": { "url": "https://example.org/i.jpg", "alt": "Un gant", "caption": "c", "credit": "d", "width": 1200, "height": 630 },
              "relatedIds": [], "corrections": [{ "text": "Il y a eu une erreur.", "at": "2026-11-24T09:00:00Z", "kind": "major" }],
              "externalId": "{{Wire.Unique("afp")}}", "extra": { "wire": "AFP", "rank": 3, "live": true },
              "body": [
                { "type": "paragraph", "text": "Un <strong>gant</strong> &amp; une <a href=\"https://example.org/\">carabine</a>." },
                { "type": "heading", "level": 2, "text": "Autres cadeaux échangés" },
                { "type": "related", "label": "À lire aussi", "articleId": null, "url": "https://example.org/", "title": "Ailleurs" },
                { "type": "quote", "text": "Oui.", "cite": "D. Peskov", "url": null },
                { "type": "list", "ordered": true, "items": ["un", "deux"] },
                { "type": "image", "url": "https://example.org/j.jpg", "alt": "a", "caption": "b", "credit": "c", "width": 10, "height": 20 },
                { "type": "embed", "url": "https://www.youtube.com/watch?v=abc" }, { "type": "divider" }, { "type": "html", "html": "<table><tbody><tr><td>1</td></tr></tbody></table>" } ] }
            """)!.AsObject();
        var created = (await editor.Post(Desk.Articles, sent)).Is(HttpStatusCode.Created);

        foreach (var (name, value) in sent.Where(m => m.Key != "body")) Assert.True(JsonNode.DeepEquals(value, created.Body[name]), $"{name}: {created.Body[name]}");
        var blocks = created.Body["body"]!.AsArray();
        for (var i = 0; i < blocks.Count; i++)
        {
            Assert.NotEmpty(blocks[i]!["id"]!.GetValue<string>());
            foreach (var (name, value) in sent["body"]![i]!.AsObject()) Assert.True(JsonNode.DeepEquals(value, blocks[i]![name]), $"{i} {name}: {blocks[i]}");
        }

        Assert.Equal("autres-cadeaux-echanges", blocks[1]!["anchor"]!.GetValue<string>());
    }

    [Fact]
    public async Task Blocks_keep_their_ids_through_an_edit_and_foreign_ids_are_made_anew()
    {
        var draft = await editor.Draft(Wire.Unique("Ids"), more: new { body = new object[] { new { type = "paragraph", text = "un" }, new { type = "paragraph", text = "deux" } } });
        var id = draft.Body["body"]![1]!["id"]!.GetValue<string>();
        var changed = await editor.Change(draft, new { body = new object[] { new { type = "paragraph", text = "deux bis", id }, new { type = "paragraph", text = "trois", id = "foreign1" } } });

        Assert.Equal(id, changed.Body["body"]![0]!["id"]!.GetValue<string>());
        Assert.NotEqual("foreign1", changed.Body["body"]![1]!["id"]!.GetValue<string>());
        (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { body = new object[] { new { type = "divider", id }, new { type = "divider", id } } }, changed.ETag))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation");
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        var missing = Guid.CreateVersion7();
        var refused = (await editor.Post(Desk.Articles, new
        {
            kicker = new string('k', 81),
            standfirst = "a\u202eb",
            language = "FR",
            slug = "Not A Slug",
            sectionId = missing,
            otherSectionIds = Enumerable.Repeat(missing, 6),
            tags = new[] { "ok", "" },
            credits = new object[] { new { role = "author" }, new { role = "author", name = "n", authorId = missing } },
            sources = new object[] { new { name = "", url = "javascript:alert(1)" } },
            leadImage = new { url = "ftp://x", width = 0 },
            relatedIds = new[] { missing },
            corrections = new object[] { new { text = "" } },
            extra = new Dictionary<string, object> { ["1bad"] = 1 },
            body = new object[]
            {
                new { type = "heading", level = 5, text = "" }, new { type = "related", label = "x" }, new { type = "embed", url = "https://evil.example/" },
                new { type = "list", items = Array.Empty<string>() }, new { type = "paragraph", text = new string('x', 10_001) },
                new { type = "related", articleId = missing },
            },
        })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        string[] expected =
        [
            "/headline required", "/kicker tooLong", "/standfirst text", "/language language", "/slug slug", "/sectionId notFound", "/otherSectionIds tooMany",
            "/tags/1 required", "/credits/0/authorId either", "/credits/1/authorId either", "/sources/0/name required", "/sources/0/url url", "/leadImage/url url",
            "/leadImage/width range", "/relatedIds/0 notFound", "/corrections/0/text required", "/extra name", "/body/0/level range", "/body/0/text required",
            "/body/1/articleId either", "/body/2/url provider", "/body/3/items required", "/body/4/text tooLong", "/body/5/articleId notFound", "/credits/1/authorId notFound",
        ];
        Assert.Empty(expected.Except(refused.Errors));
    }

    [Theory]
    [InlineData("""{ "headline": "a", "status": "published" }""", "/status unknown")]
    [InlineData("""{ "headline": "a", "id": "0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f" }""", "/id unknown")]
    [InlineData("""{ "headline": "a", "publishedAt": "2026-11-24T09:00:00Z" }""", "/publishedAt unknown")]
    [InlineData("""{ "headline": "a", "Headline": "b" }""", "/Headline unknown")]
    [InlineData("""{ "headline": "a", "headline": "b" }""", "/headline duplicate")]
    [InlineData("""{ "headline": 1 }""", "/headline type")]
    [InlineData("""{ "headline": "a", "sectionId": "x" }""", "/sectionId json")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "nope" }] }""", "/body/0/type unknown")]
    [InlineData("""{ "headline": "a", "body": [{ "text": "x" }] }""", "/body/0/type unknown")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "heading", "level": "2", "text": "x" }] }""", "/body/0/level type")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "heading", "level": 2, "text": "x", "anchor": "x" }] }""", "/body/0/anchor unknown")]
    [InlineData("""{ "headline": "a", "x' contained in type 'Cms.Api.Http.Page`1": 1 }""", "/x' contained in type 'Cms.Api.Http.Page`1 unknown")]
    [InlineData("""{ "headline": "a", "x' could not be mapped to any .NET member contained in type 'Cms.Api.Http.Page`1": 1 }""", "/x' could not be mapped to any .NET member contained in type 'Cms.Api.Http.Page`1 unknown")]
    [InlineData("""{ "headline": "a", "x' contained in type 'Cms.Api.Management.Articles.ArticleInput": 1 }""", "/x' contained in type 'Cms.Api.Management.Articles.ArticleInput unknown")]
    [InlineData("""{ "headline": "a", "x' could not be mapped to any .NET member contained in type '": 1 }""", "/x' could not be mapped to any .NET member contained in type ' unknown")]
    [InlineData("""{ "headline": "a", "extra": { "duplicate": tru } }""", "/extra/duplicate json")]
    [InlineData("""{ "headline": "a", "extra": { "could not be converted to ": tru } }""", "/extra/could not be converted to  json")]
    [InlineData("""{ "headline": "a", "could not be converted to ": 1 }""", "/could not be converted to  unknown")]
    [InlineData("""{ "headline": "a", "credits": [{ "role": "boss", "name": "x" }] }""", "/credits/0/role json")]
    [InlineData("""{ "headline": "a", "extra": { "x": {} } }""", "/extra/x json")]
    [InlineData("""{ "headline": "a", "corrections": [{ "text": "x", "at": "2026-11-24T09:00:00" }] }""", "/corrections/0/at json")]
    [InlineData("""{ "headline": "a", "corrections": [{ "text": "x", "at": "0001-01-01T00:00:00+14:00" }] }""", "/corrections/0/at json")]
    [InlineData("""{ "headline": "a\u0000" }""", "/headline json")]
    [InlineData("""{ "headline": "a" } x""", " json")]
    [InlineData("""{ "headline": "a", }""", " json")]
    [InlineData("""{ /* no */ "headline": "a" }""", " json")]
    [InlineData("[]", " type")]
    [InlineData("null", " type")]
    [InlineData("", " required")]
    public async Task What_has_not_the_shape_of_an_article_is_malformed(string body, string fault)
    {
        var refused = (await editor.Post(Desk.Articles, body)).Refuses(HttpStatusCode.BadRequest, "malformed");

        Assert.Contains(fault, refused.Errors);
    }

    [Theory]
    [InlineData("""{ "title": "a" }""", "There are: language, kicker, headline")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "quote", "html": "x" }] }""", "There are:")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "subheading" }] }""", "paragraph, heading, image, quote, list, embed, related, divider, html")]
    [InlineData("""{ "headline": "a", "body": "<p>x</p>" }""", "Give an array.")]
    [InlineData("""{ "headline": "a", "tags": "Ponts" }""", "Give an array.")]
    [InlineData("""{ "headline": ["a"] }""", "Give a string.")]
    [InlineData("""{ "headline": "a", "leadImage": 1 }""", "Give an object.")]
    [InlineData("""{ "headline": "a", "body": [{ "type": "heading", "level": "2", "text": "x" }] }""", "Give a whole number.")]
    [InlineData("[]", "Give an object.")]
    [InlineData("""{ "headline": "x", }""", "at line 1, byte 20")]
    public async Task What_is_malformed_is_told_what_it_should_be(string body, string said) =>
        Assert.Contains(said, (await editor.Post(Desk.Articles, body)).Refuses(HttpStatusCode.BadRequest, "malformed").Body["errors"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);

    [Fact]
    public async Task A_patch_of_a_member_that_is_not_there_is_told_which_there_are()
    {
        var draft = await editor.Draft(Wire.Unique("nom"));

        var refused = (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { titel = "x" }, draft.ETag)).Refuses(HttpStatusCode.BadRequest, "malformed");

        Assert.Contains("headline", refused.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("french")]
    [InlineData("francais")]
    public async Task A_language_s_name_is_not_its_tag(string language) =>
        Assert.Contains("/language language", (await editor.Post(Desk.Articles, new { headline = "a", language })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);

    [Fact]
    public async Task A_lone_surrogate_and_broken_UTF8_are_malformed()
    {
        (await editor.Post(Desk.Articles, """{ "headline": "a\ud800" }""")).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await editor.Post(Desk.Articles, "{ \"headline\": \"a"u8.ToArray().Concat(new byte[] { 0xC3, 0x28 }).Concat("\" }"u8.ToArray()).ToArray()))
            .Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task A_JSON_of_depth_33_is_malformed()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 33)) + "1" + new string('}', 33);

        (await editor.Post(Desk.Articles, deep)).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task A_derived_slug_follows_the_headline_until_the_first_publication_and_then_stays()
    {
        var (first, second, third) = (Wire.Unique("premier"), Wire.Unique("second"), Wire.Unique("troisieme"));
        var draft = await editor.Draft(first);
        var renamed = await editor.Change(draft, new { headline = second, slug = first });
        var published = await editor.Publish(renamed);
        var edited = await editor.Change(published, new { headline = third });
        var nulled = await editor.Change(edited, new { slug = (string?)null });

        Assert.Equal(first, draft.Slug());
        Assert.Equal(second, renamed.Slug());
        Assert.Equal(second, edited.Slug());
        Assert.Equal(second, nulled.Slug());
        // The slug that no reader saw is free again.
        Assert.Equal(first, (await editor.Draft(first)).Slug());
    }

    [Fact]
    public async Task A_taken_slug_is_numbered_when_derived_and_refused_when_given()
    {
        var headline = Wire.Unique("pareil");
        var first = await editor.Draft(headline);
        var second = await editor.Draft(headline);
        var third = await editor.Draft(headline.ToUpperInvariant());

        Assert.Equal([headline, $"{headline}-2", $"{headline}-3"], new[] { first, second, third }.Select(a => a.Slug()));
        (await editor.Post(Desk.Articles, new { headline = "x", slug = headline })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Patch($"{Desk.Articles}/{third.Id}", new { slug = headline }, third.ETag)).Refuses(HttpStatusCode.Conflict, "slug-taken");
        Assert.Equal($"{headline}-3", (await editor.Change(third, new { standfirst = "nouveau" })).Slug());
    }

    [Fact]
    public async Task Tags_are_matched_without_case_or_accents_and_made_on_first_use()
    {
        var name = Wire.Unique("Élysée");
        var first = await editor.Draft(Wire.Unique("a"), more: new { tags = new[] { name, name.ToUpperInvariant() } });
        var second = await editor.Draft(Wire.Unique("b"), more: new { tags = new[] { name.Replace('É', 'e').Replace('é', 'E') } });

        Assert.Equal([name], first.Body["tags"]!.AsArray().Select(t => t!.GetValue<string>()));
        Assert.Equal([name], second.Body["tags"]!.AsArray().Select(t => t!.GetValue<string>()));
    }

    [Fact]
    public async Task HTML_is_sanitised_on_write_and_only_the_result_is_stored()
    {
        var draft = await editor.Draft(Wire.Unique("xss"), more: new
        {
            body = new object[]
            {
                new { type = "paragraph", text = "<b onclick=x>gras</b><script>alert(1)</script><a href=\"java\nscript:x\">lien</a>" },
                new { type = "html", html = "<p style=x>ok</p><iframe src=//evil></iframe>" },
            },
        });

        Assert.Equal("<strong>gras</strong><a>lien</a>", draft.Body["body"]![0]!["text"]!.GetValue<string>());
        Assert.Equal("<p>ok</p>", draft.Body["body"]![1]!["html"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_external_id_stands_once()
    {
        var externalId = Wire.Unique("afp");
        await editor.Draft(Wire.Unique("a"), more: new { externalId });

        (await editor.Post(Desk.Articles, new { headline = "b", externalId })).Refuses(HttpStatusCode.Conflict, "external-id-taken");
        var found = await editor.Get($"{Desk.Articles}?externalId={externalId}");
        Assert.Single(found.Body["items"]!.AsArray());
    }

    [Fact]
    public async Task A_text_has_one_version_in_each_language()
    {
        var original = await editor.Draft(Wire.Unique("a"));
        await editor.Draft(Wire.Unique("b"), more: new { language = "en", translationOf = original.Id });

        (await editor.Post(Desk.Articles, new { headline = "c", language = "en", translationOf = original.Id })).Refuses(HttpStatusCode.Conflict, "translation-taken");
    }

    [Fact]
    public async Task More_than_may_be_of_anything_is_refused_and_as_many_as_may_be_are_not()
    {
        static object Body(int more) => new
        {
            headline = "x",
            tags = Enumerable.Range(0, 30 + more).Select(i => $"zahl {i}"),
            credits = Enumerable.Repeat(new { role = "author", name = "n" }, 20 + more),
            sources = Enumerable.Repeat(new { name = "n" }, 20 + more),
            relatedIds = Enumerable.Range(0, 20 + more).Select(_ => Guid.CreateVersion7()),
            otherSectionIds = Enumerable.Range(0, 5 + more).Select(_ => Guid.CreateVersion7()),
            corrections = Enumerable.Repeat(new { text = "t" }, 50 + more),
            extra = Enumerable.Range(0, 16 + more).ToDictionary(i => $"n{i}", i => i),
            body = Enumerable.Repeat<object>(new { type = "divider" }, 999 + more).Append(new { type = "list", items = Enumerable.Repeat("i", 200 + more) }),
        };
        static string[] TooMany(Answer answer) => [.. answer.Errors.Where(e => e.EndsWith(" tooMany", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "/body tooMany", "/body/1000/items tooMany", "/corrections tooMany", "/credits tooMany", "/extra tooMany", "/otherSectionIds tooMany",
                "/relatedIds tooMany", "/sources tooMany", "/tags tooMany",
            ], TooMany((await editor.Post(Desk.Articles, Body(1))).Refuses(HttpStatusCode.UnprocessableEntity, "validation")));
        Assert.Empty(TooMany((await editor.Post(Desk.Articles, Body(0))).Refuses(HttpStatusCode.UnprocessableEntity, "validation")));
    }

    [Fact]
    public async Task What_is_forbidden_in_a_text_is_forbidden_as_an_entity_too()
    {
        foreach (var text in new[] { "a&#x202E;b", "a&#8238;b", "a&#xFFFE;b", "a&#x2066;b" })
        {
            var refused = await editor.Post(Desk.Articles, new
            {
                headline = "x",
                body = new object[]
                {
                    new { type = "paragraph", text }, new { type = "heading", level = 2, text }, new { type = "list", items = new[] { "gut", text } },
                    new { type = "quote", text }, new { type = "html", html = $"<p>{text}</p>" },
                },
            });
            Assert.Equal(["/body/0/text text", "/body/1/text text", "/body/2/items/1 text", "/body/3/text text", "/body/4/html text"],
                refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors.Order(StringComparer.Ordinal));
        }
    }
}
