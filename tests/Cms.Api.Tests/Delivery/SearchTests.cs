using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Delivery;

public sealed class SearchTests(ApiFixture fixture)
{
    private const string Search = "/delivery/v1/search";

    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<Answer> Find(string q, string more = "") => (await reader.Get($"{Search}?q={Uri.EscapeDataString(q)}{more}")).Is(HttpStatusCode.OK);

    private async Task<string[]> Slugs(string q, string more = "") => [.. Items(await Find(q, more)).Select(i => i["slug"]!.GetValue<string>())];

    private static JsonNode[] Items(Answer answer) => [.. answer.Body["items"]!.AsArray().Select(i => i!)];

    // Letters alone, so that no stemming changes it: it ends in what is no ending.
    private static string Word() => Wire.Unique("z")[2..] + "xq";

    private static object Paragraph(string text) => new { body = new[] { new { type = "paragraph", text } } };

    [Theory]
    [InlineData("fr", "Les négociations reprennent", "negociation")]
    [InlineData("fr-BE", "Le Kremlin révèle ses cadeaux", "révéler")]
    [InlineData("en", "The ministers were running", "minister run")]
    [InlineData("de", "Die Häuser der Stadt", "haus")]
    [InlineData("es", "Las elecciones regionales", "eleccion regional")]
    [InlineData("it", "I giornalisti italiani", "giornalista")]
    [InlineData("pt-BR", "Os jogadores brasileiros", "jogador")]
    [InlineData("ar", "الكتاب الجديد", "كتاب")]
    [InlineData("pl", "Nowe książki", "ksiazki")]
    public async Task A_word_is_found_by_its_stem_and_without_its_accents(string language, string headline, string q)
    {
        var word = Word();
        var story = await editor.Story($"{headline} {word}", more: new { language });

        Assert.Equal([story.Slug()], await Slugs($"{q} {word} "));
        Assert.Equal([story.Slug()], await Slugs($"{q} {word} ", $"&language={language}"));
        Assert.Empty(await Slugs($"{q} {word} ", "&language=nl"));
    }

    [Fact]
    public async Task Every_part_of_an_article_is_searched()
    {
        var words = Enumerable.Range(0, 7).Select(_ => Word()).ToArray();
        var story = await editor.Story($"Titel {words[0]}", more: new
        {
            kicker = words[1],
            standfirst = words[2],
            tags = new[] { words[3] },
            credits = new[] { new { role = "author", name = words[4] } },
            body = new object[] { new { type = "paragraph", text = $"Ein <em>{words[5]}</em>." }, new { type = "list", ordered = false, items = new[] { words[6] } } },
        });

        foreach (var word in words) Assert.Equal([story.Slug()], await Slugs(word.ToUpperInvariant() + " "));
        Assert.Equal([story.Slug()], await Slugs(string.Join(' ', words)));
    }

    [Fact]
    public async Task Phrases_exclusions_and_either_are_understood()
    {
        var (one, two) = (Word(), Word());
        var near = await editor.Story(Wire.Unique("nah"), more: Paragraph($"{one} {two}"));
        var far = await editor.Story(Wire.Unique("fern"), more: Paragraph($"{two} dann {one}"));
        var alone = await editor.Story(Wire.Unique("allein"), more: Paragraph(one));

        Assert.Equal([far.Slug(), near.Slug()], await Slugs($"{two} {one}"));
        Assert.Equal([near.Slug()], await Slugs($"\"{one} {two}\""));
        Assert.Equal([near.Slug()], await Slugs($"« {one} {two} »"));
        Assert.Equal([near.Slug()], await Slugs($"{one}-{two} "));
        Assert.Equal([near.Slug()], await Slugs($"{one}’{two} "));
        Assert.Equal([alone.Slug()], await Slugs($"{one} -{two}"));
        Assert.Equal([alone.Slug(), far.Slug()], await Slugs($"{one} -\"{one} {two}\""));
        Assert.Equal([alone.Slug(), far.Slug(), near.Slug()], await Slugs($"{two} OR {one}"));
        Assert.Empty(await Slugs($"{two} or {one}")); // gold, in French
    }

    [Fact]
    public async Task The_last_word_is_a_beginning_until_it_is_ended()
    {
        var word = Word();
        var headline = await editor.Story($"Élan{word} vers");
        var tagged = await editor.Story(Wire.Unique("schlag"), more: new { tags = new[] { $"élan{word}s" } });
        var written = await editor.Story(Wire.Unique("text"), more: new { body = new[] { new { type = "paragraph", text = $"elan{word}" } } });
        var begun = $"élan{word[..^4]}"; // too short to be a mistyping

        Assert.Equal([tagged.Slug(), headline.Slug()], await Slugs(begun));
        Assert.Equal([headline.Slug()], await Slugs($"vers {begun}"));
        Assert.Empty(await Slugs($"{begun} "));
        Assert.Empty(await Slugs($"\"{begun}\""));
        Assert.Equal(3, (await Slugs($"elan{word}")).Length);
        Assert.Contains($"<mark>Élan{word}</mark> vers", Items(await Find(begun))[1]["highlights"]!["headline"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(written.Slug(), (await Slugs($"elan{word}"))[0]);
    }

    [Fact]
    public async Task Highlights_are_HTML_that_no_editor_can_break_out_of()
    {
        var word = Word();
        var headline = $"<script>alert(1)</script> & <b onclick=\"x\">{word}</b> &amp; l’{word} a/b révèle";
        await editor.Story(headline, more: new { standfirst = $"<img src=x onerror={word}>\u0338 élan" });

        var hit = Items(await Find($"{word} revele elan "))[0];

        Assert.Equal(headline, hit["headline"]!.GetValue<string>());
        Assert.Equal(
            $"&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b onclick=\"x\"&gt;<mark>{word}</mark>&lt;/b&gt; &amp;amp; l’<mark>{word}</mark> a/b <mark>révèle</mark>",
            hit["highlights"]!["headline"]!.GetValue<string>());
        Assert.StartsWith($"&lt;img src=x onerror=<mark>{word}</mark>", hit["highlights"]!["standfirst"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.EndsWith("<mark>élan</mark>", hit["highlights"]!["standfirst"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_name_is_corrected_where_nothing_is_found()
    {
        var name = $"Potin{Word()}";
        var mistyped = string.Concat(name[..3], name[4..5], name[3..4], name[5..]);
        var story = await editor.Story(Wire.Unique("falsch"), more: new { tags = new[] { name } });

        var answer = await Find($"{mistyped.ToLowerInvariant()} ");

        Assert.Equal([story.Slug()], Items(answer).Select(i => i["slug"]!.GetValue<string>()));
        Assert.Equal($"{name} ", answer.Member("correctedQuery"));
        Assert.Null((await Find(name)).Body["correctedQuery"]);
        await editor.Withdraw(story);
        Assert.Equal((0, null), (Items(await Find(mistyped)).Length, (await Find(mistyped)).Body["correctedQuery"]?.ToString()));
    }

    [Fact]
    public async Task Filters_are_those_of_lists()
    {
        var word = Word();
        var parent = await editor.OpenSection();
        var section = await editor.OpenSection(parentId: parent.Id);
        var author = (await editor.Post("/management/v1/authors", new { name = Wire.Unique("feder") })).Is(HttpStatusCode.Created);
        var tag = Wire.Unique("marke");
        var first = await editor.Story($"Eins {word}", section.Id, new { tags = new[] { tag } });
        var second = await editor.Story($"Zwei {word}", more: new { language = "en", credits = new[] { new { role = "author", authorId = author.Id } } });

        Assert.Equal([second.Slug(), first.Slug()], await Slugs(word));
        Assert.Equal([first.Slug()], await Slugs(word, $"&section={parent.Slug()}"));
        Assert.Equal([first.Slug()], await Slugs(word, $"&section={section.Slug()}&language=fr,de"));
        Assert.Equal([first.Slug()], await Slugs(word, $"&tag={tag}"));
        Assert.Equal([second.Slug()], await Slugs(word, $"&author={author.Slug()}&sort=relevance"));
        Assert.Equal([second.Slug()], await Slugs(word, "&language=en"));
        Assert.Equal([second.Slug()], await Slugs(word, $"&from={Uri.EscapeDataString(second.Member("firstPublishedAt"))}"));
        Assert.Equal([first.Slug()], await Slugs(word, $"&to={Uri.EscapeDataString(second.Member("firstPublishedAt"))}"));
        Assert.Empty(await Slugs(word, "&tag=nobody-has-it"));
        Assert.Equal(["headline", "highlights"], Items(await Find(word, "&fields=headline"))[0].AsObject().Select(m => m.Key));
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("relevance")]
    public async Task Pages_have_neither_gaps_nor_twins(string sort)
    {
        var word = Word();
        var stories = new List<string>();
        for (var i = 0; i < 7; i++)
            stories.Insert(0, (await editor.Story(i % 2 == 0 ? $"Blatt {word}" : Wire.Unique("blatt"), more: new { language = i % 3 == 0 ? "en" : "fr", standfirst = word })).Slug());

        foreach (var q in new[] { word, $"\"{word}\"" })
        {
            var (seen, path) = (new List<string>(), (string?)$"{Search}?q={q}&limit=2&sort={sort}");
            while (path is not null)
            {
                var page = (await reader.Get(path)).Is(HttpStatusCode.OK);
                Assert.Equal((7, false), (page.Body["total"]!.GetValue<int>(), page.Body["totalIsMore"]!.GetValue<bool>()));
                seen.AddRange(Items(page).Select(i => i["slug"]!.GetValue<string>()));
                path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
            }

            if (sort == "newest") Assert.Equal(stories, seen);
            Assert.Equal(stories.Order(), seen.Order());
            if (sort == "relevance") Assert.Equal(4, seen.Take(4).Count(s => s.StartsWith("blatt-" + word, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task An_article_is_found_by_what_readers_see_of_it_now()
    {
        var (before, after, never) = (Word(), Word(), Word());
        var tag = (await editor.Post("/management/v1/tags", new { name = $"alt {before}" })).Is(HttpStatusCode.Created);
        var story = await editor.Story(Wire.Unique("wandel"), more: new { tags = new[] { $"alt {before}" }, standfirst = before });
        var draft = await editor.Change(story, new { standfirst = never });
        Assert.Empty(await Slugs(never));

        (await editor.Put($"/management/v1/tags/{tag.Id}", new { name = $"neu {after}" }, "*")).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();
        Assert.Equal([story.Slug()], await Slugs(after));

        var published = await editor.Publish(draft);
        Assert.Empty(await Slugs(before));
        Assert.Equal([story.Slug()], await Slugs(never));
        await editor.Withdraw(published);
        Assert.Empty(await Slugs(never));
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM delivery.search WHERE id = $1", story.Id));
    }

    [Fact]
    public async Task A_rendering_of_the_same_text_leaves_its_vector_alone()
    {
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("ruhe"), section.Id);
        var row = await Row();

        (await editor.Put($"{Desk.Sections}/{section.Id}", new { name = Wire.Unique("Neu"), language = "fr" }, "*")).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();
        Assert.Equal(row, await Row());

        await editor.Publish(await editor.Change(story, new { language = "en", translationOf = (Guid?)null }));
        Assert.StartsWith("search_english", (await Row())?.ToString(), StringComparison.Ordinal);

        Task<object?> Row() => fixture.Service.Sql("SELECT tableoid::regclass::text || ctid || xmin FROM delivery.search WHERE id = $1", story.Id).ContinueWith(
            t => (object?)t.Result?.ToString()?.Replace("delivery.", "", StringComparison.Ordinal), TaskScheduler.Default);
    }

    [Theory]
    [InlineData("le ")]
    [InlineData("-guerre")]
    [InlineData("… ! ?")]
    [InlineData("\"")]
    [InlineData("-")]
    [InlineData("OR")]
    [InlineData("guerre OR -paix")]
    public async Task What_names_no_word_to_look_for_finds_nothing(string q)
    {
        var answer = await Find(q, "&language=fr");

        Assert.Equal((0, 0, null), (Items(answer).Length, answer.Body["total"]!.GetValue<int>(), answer.Body["next"]));
    }

    [Theory]
    [InlineData("'':* & | ! <-> ( )")]
    [InlineData("\\' OR 1=1 --")]
    [InlineData("a:* <2> b")]
    [InlineData("\"a b \"c\" -\"d")]
    [InlineData("https://example.org/a?b=c#d user@example.org 1e5 -12.5 <b>x</b> &amp;")]
    [InlineData("नमस्ते 漢字 กขค 😀 é")]
    public async Task Whatever_is_typed_is_a_search(string q)
    {
        await Find(q);
        await Find(q + " ", "&sort=relevance");
    }

    [Theory]
    [InlineData("", "q required")]
    [InlineData("?q=", "q range")]
    [InlineData("?q=a&q=b", "q repeated")]
    [InlineData("?q=a&section=x&tag=y", "section either")]
    [InlineData("?q=a&sort=oldest", "sort range")]
    [InlineData("?q=a&limit=101", "limit range")]
    [InlineData("?q=a&cursor=abc", "cursor cursor")]
    [InlineData("?q=a&page=2", "page unknown")]
    public async Task A_parameter_that_is_not_right_is_named(string query, params string[] faults) =>
        Assert.Equal(faults, (await reader.Get(Search + query)).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);

    [Fact]
    public async Task A_query_has_at_most_two_hundred_characters()
    {
        await Find(string.Concat(Enumerable.Repeat("e\u0301", 200)));
        Assert.Equal(["q range"], (await reader.Get($"{Search}?q={new string('e', 201)}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Caches_hold_an_answer_for_half_a_minute_and_nothing_purges_it()
    {
        var answer = await Find(Word());

        Assert.Equal("public, max-age=30", answer.Message.Headers.CacheControl?.ToString());
        Assert.Equal(["max-age=30"], answer.Message.Headers.GetValues("CDN-Cache-Control"));
        Assert.False(answer.Message.Headers.Contains("Surrogate-Key") || answer.Message.Headers.Contains("Cache-Tag"));
        Assert.Equal(["Accept-Encoding"], answer.Message.Headers.Vary);
        (await reader.Get($"{Search}?q=nirgends", ("If-None-Match", "*"))).Is(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task An_article_of_the_longest_body_is_published_and_found_by_its_beginning()
    {
        var word = Word();
        var text = string.Join(' ', Enumerable.Range(0, 1_100).Select(_ => Wire.Unique("w")[2..]));
        var story = await editor.Story(Wire.Unique("lang"), more: new
        {
            body = Enumerable.Range(0, 60).Select(i => new { type = "paragraph", text = i == 0 ? word : text[..9_900] }),
        });

        Assert.Equal([story.Slug()], await Slugs(word));
    }
}
