using System.Net;

namespace Cms.Api.Tests.Contract;

/// <summary>What a request costs the database does not grow with what it asks for: no N+1.</summary>
public sealed class CommandCountTests(ApiFixture fixture)
{
    private const int Rows = 3;

    private readonly HttpClient editor = fixture.Editor;

    private Task<int> Reading(string path) => SqlCommands.Of(trace => editor.Get(path, trace));

    /// <summary>What a page of one row and a page of all cost; that there are more rows than one is seen from the answers.</summary>
    private async Task<(int One, int Many)> Pages(string path)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var (one, first) = await SqlCommands.WithAnswer(trace => editor.Get($"{path}{separator}limit=1", trace));
        var (many, all) = await SqlCommands.WithAnswer(trace => editor.Get($"{path}{separator}limit=100", trace));
        Assert.Single(first.Body["items"]!.AsArray());
        Assert.InRange(all.Body["items"]!.AsArray().Count, Rows, 100);
        return (one, many);
    }

    private static object Large(int many) => new
    {
        headline = Wire.Unique("gross"),
        tags = Enumerable.Range(0, many).Select(i => $"gemeinsam {i}"),
        credits = Enumerable.Range(0, Math.Min(many, 20)).Select(i => new { role = "author", name = $"n{i}" }),
        body = Enumerable.Range(0, many * 10).Select(i => new { type = "paragraph", text = $"absatz {i}" }),
    };

    [Fact]
    public async Task An_article_by_its_slug_is_one_command_and_none_once_it_is_held()
    {
        var (story, section) = (await editor.Story(Wire.Unique("eins")), await editor.OpenSection());
        foreach (var path in new[] { $"{Desk.Published}/{story.Slug()}", $"{Desk.Published}/{story.Slug()}?include=head&render=html", $"/delivery/v1/sections/{section.Slug()}" })
        {
            Assert.Equal(1, await Reading(path));
            Assert.Equal(0, await Reading(path));
        }

        foreach (var path in new[] { Desk.Published, $"{Desk.Published}?limit=100", "/delivery/v1/sections", "/delivery/v1/site" })
            Assert.InRange(await Reading(path), 0, 1); // whatever other tests publish meanwhile is read anew
    }

    [Fact]
    public async Task What_no_article_has_is_read_once_and_looked_for_once()
    {
        var (moved, withdrawn) = (await editor.Story(Wire.Unique("umzug")), await editor.Story(Wire.Unique("weg")));
        await editor.Publish(await editor.Change(moved, new { slug = Wire.Unique("neu") }));
        await editor.Withdraw(withdrawn);

        // With a token the request is routed, without one it is not.
        foreach (var client in new[] { fixture.Reader, editor })
            foreach (var (slug, status) in new[] { (moved.Slug(), HttpStatusCode.MovedPermanently), (withdrawn.Slug(), HttpStatusCode.Gone), (Wire.Unique("nie"), HttpStatusCode.NotFound) })
                Assert.InRange(await SqlCommands.Of(trace => client.Get($"{Desk.Published}/{slug}", trace), status), client == fixture.Reader ? 2 : 0, 2); // the second may find it held
    }

    [Theory]
    [InlineData(Desk.Articles)]
    [InlineData(Desk.Sections)]
    [InlineData("/management/v1/tags")]
    [InlineData("/management/v1/lists")]
    [InlineData("/management/v1/authors")]
    [InlineData("/management/v1/subscribers")]
    [InlineData("/management/v1/tokens")]
    [InlineData("/management/v1/audit")]
    [InlineData("/management/v1/share?missing=image")]
    public async Task A_page_of_a_hundred_costs_what_a_page_of_one_costs(string path)
    {
        for (var i = 0; i < Rows; i++)
        {
            await editor.Draft(Wire.Unique("zeile"), more: new { tags = new[] { Wire.Unique("t") } }); // with a section, a tag and audits of its own
            (await editor.Post("/management/v1/authors", new { name = Wire.Unique("zeile") })).Is(HttpStatusCode.Created);
            (await editor.Post("/management/v1/lists", new { name = Wire.Unique("zeile") })).Is(HttpStatusCode.Created);
            (await editor.Post("/management/v1/subscribers", new { email = $"{Wire.Unique("zeile")}@example.org", language = "fr" })).Is(HttpStatusCode.Created);
            (await editor.Post("/management/v1/tokens", new { name = "zeile", scopes = new[] { "content:read" } })).Is(HttpStatusCode.Created);
        }

        var (one, many) = await Pages(path);

        Assert.Equal(one, many);
    }

    [Fact]
    public async Task A_list_of_readers_is_one_command()
    {
        var section = await editor.OpenSection();
        var (author, tag) = ((await editor.Post("/management/v1/authors", new { name = Wire.Unique("filter") })).Is(HttpStatusCode.Created), Wire.Unique("filter"));
        for (var i = 0; i < Rows; i++)
        {
            var other = (await editor.Post("/management/v1/authors", new { name = Wire.Unique("filter") })).Is(HttpStatusCode.Created);
            await editor.Story(Wire.Unique("filter"), section.Id, new { tags = new[] { tag, Wire.Unique("t") }, credits = new[] { author, other }.Select(a => new { role = "author", authorId = a.Id }) });
        }

        foreach (var filter in new[] { $"section={section.Slug()}", $"author={author.Slug()}", $"tag={tag}" })
            Assert.Equal((1, 1), await Pages($"{Desk.Published}?{filter}"));
        var list = (await editor.Post("/management/v1/lists", new { name = Wire.Unique("filter"), tail = new { sectionId = section.Id } })).Is(HttpStatusCode.Created);
        Assert.Equal(1, await Reading($"/delivery/v1/lists/{list.Slug()}"));
        Assert.Equal((1, 1), (await Reading($"/delivery/v1/authors/{author.Slug()}"), await Reading($"/delivery/v1/tags/{tag}")));
        Assert.Equal(3, await Reading($"/delivery/v1/sections/{section.Slug()}?include=articles,list"));
    }

    [Fact]
    public async Task A_search_costs_as_much_for_a_page_of_all_as_for_a_page_of_one_and_related_articles_are_one_command()
    {
        var (tag, word) = (Wire.Unique("suche"), Wire.Unique("q")[2..]);
        var stories = new List<Answer>();
        for (var i = 0; i < Rows; i++) stories.Add(await editor.Story($"Suche {word}", more: new { tags = new[] { tag } }));

        foreach (var sort in new[] { "newest", "relevance" })
        {
            var (one, many) = await Pages($"/delivery/v1/search?q={word}&sort={sort}");
            Assert.Equal(one, many);
        }

        Assert.Equal(1, await Reading($"{Desk.Published}/{stories[0].Slug()}/related"));
        Assert.Equal(2, await Reading($"{Desk.Published}/{stories[0].Slug()}?include=related"));
    }

    [Fact]
    public async Task An_article_beside_twenty_others_is_published_with_as_many_commands_as_beside_one()
    {
        var others = new List<Guid>();
        for (var i = 0; i < 20; i++) others.Add((await editor.Story(Wire.Unique("daneben"))).Id);

        Assert.Equal(await Publishing(others[..1]), await Publishing(others));

        async Task<int> Publishing(List<Guid> beside)
        {
            var draft = await editor.Draft(Wire.Unique("mitte"), more: new { relatedIds = beside });
            return await SqlCommands.Of(trace => editor.Post($"{Desk.Articles}/{draft.Id}/publish", null, trace, ("If-Match", draft.ETag)));
        }
    }

    [Fact]
    public async Task A_large_article_is_written_and_read_with_as_many_commands_as_a_small_one()
    {
        (await editor.Post(Desk.Articles, Large(30))).Is(HttpStatusCode.Created); // its tags are made once
        var (writingSmall, small) = await SqlCommands.WithAnswer(trace => editor.Post(Desk.Articles, Large(1), trace));
        var (writingLarge, large) = await SqlCommands.WithAnswer(trace => editor.Post(Desk.Articles, Large(30), trace));

        Assert.Equal(writingSmall, writingLarge);
        Assert.Equal(await Reading($"{Desk.Articles}/{small.Id}"), await Reading($"{Desk.Articles}/{large.Id}"));
    }
}
