using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Management;

public sealed class SectionTests(ApiFixture fixture)
{
    private const string Sections = "/management/v1/sections", Shown = "/delivery/v1/sections";
    private readonly HttpClient editor = fixture.Editor;
    private readonly HttpClient reader = fixture.Reader;

    private Task<Answer> Patch(Answer section, object change, string? etag = null) => editor.Patch($"{Sections}/{section.Id}", change, etag ?? section.ETag);

    private async Task<Answer> Read(Answer section) => (await editor.Get($"{Sections}/{section.Id}")).Is(HttpStatusCode.OK);

    /// <summary>The names of what readers see right under a section.</summary>
    private async Task<string[]> Below(Answer section)
    {
        var tree = (await reader.Get(Shown)).Is(HttpStatusCode.OK);
        var found = Find(tree.Body["items"]?.AsArray() ?? [], section.Id.ToString());
        return [.. (found?["children"]?.AsArray() ?? []).Select(c => c?["name"]?.ToString() ?? "")];
    }

    private static JsonNode? Find(JsonArray sections, string id) =>
        sections.Select(s => s?["id"]?.ToString() == id ? s : Find(s?["children"]?.AsArray() ?? [], id)).FirstOrDefault(s => s is not null);

    [Fact]
    public async Task What_creating_answers_is_what_reading_gives_back()
    {
        var created = (await editor.Post(Sections, new { name = Wire.Unique("Culture"), language = "fr", description = "Livres\r\net scène" })).Is(HttpStatusCode.Created);
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal(created.Text, read.Text);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal("Livres\net scène", read.Body["description"]?.GetValue<string>());
    }

    [Fact]
    public async Task Every_member_comes_back_as_it_was_sent()
    {
        var parent = await editor.OpenSection();
        var sent = JsonNode.Parse($$"""
            { "name": "{{Wire.Unique("Culture")}}", "slug": "{{Wire.Unique("culture")}}", "parentId": "{{parent.Id}}", "position": 7, "language": "pt-BR", "description": "x",
              "share": { "title": "t", "description": "d", "image": { "url": "https://example.org/i.jpg", "alt": "a", "width": 10, "height": 20 }, "card": "summary", "canonicalUrl": "https://example.org/" } }
            """)?.AsObject() ?? [];
        var created = (await editor.Post(Sections, sent)).Is(HttpStatusCode.Created);
        var replaced = (await editor.Put($"{Sections}/{created.Id}", sent, created.ETag)).Is(HttpStatusCode.OK);

        foreach (var answer in new[] { created, replaced, await Read(created) })
            foreach (var (name, value) in sent) Assert.True(JsonNode.DeepEquals(value, answer.Body[name]), $"{name}: {answer.Body[name]}");
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        var refused = await editor.Post(Sections, new
        {
            name = " ",
            slug = "A b",
            position = -1,
            language = "french!",
            description = new string('d', 501),
            share = new { title = new string('t', 251), image = new { url = "data:x", height = 20_001 }, canonicalUrl = "/x" },
        });

        Assert.Equal(
            [
                "/name required", "/slug slug", "/position range", "/language language", "/description tooLong", "/share/title tooLong",
                "/share/image/url url", "/share/image/height range", "/share/canonicalUrl url",
            ], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/parentId notFound"], (await editor.Post(Sections, new { name = "x", parentId = Guid.CreateVersion7() })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/position range"], (await editor.Post(Sections, new { name = "x", position = 10_001 })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/parentId json"], (await editor.Post(Sections, new { name = "x", parentId = "none" })).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
        Assert.Equal(["/share/image/id unknown"], (await editor.Post(Sections, new { name = "x", share = new { image = new { id = 1 } } })).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);

        var section = await editor.OpenSection();
        Assert.Equal(["/name required", "/position range"], (await Patch(section, new { name = (string?)null, position = 10_001 })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/share/image/id unknown"], (await Patch(section, new { share = new { image = new { id = (int?)null } } })).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
    }

    [Fact]
    public async Task Without_a_language_a_section_has_the_sites()
    {
        var site = await editor.Get("/management/v1/site");
        var section = (await editor.Post(Sections, new { name = Wire.Unique("x") })).Is(HttpStatusCode.Created);

        Assert.Equal(site.Member("language"), section.Member("language"));
    }

    [Fact]
    public async Task Sub_sections_stand_in_the_order_of_their_positions_last_unless_said()
    {
        var parent = await editor.OpenSection();
        var (a, b, c) = (await editor.OpenSection("a", parent.Id), await editor.OpenSection("b", parent.Id), await editor.OpenSection("c", parent.Id));
        Assert.Equal(["0", "1", "2"], new[] { a, b, c }.Select(s => s.Member("position")));
        Assert.Equal(["a", "b", "c"], await Below(parent));

        (await Patch(a, new { position = 3 })).Is(HttpStatusCode.OK);
        Assert.Equal(["b", "c", "a"], await Below(parent));
        (await editor.Post(Sections, new { name = "d", parentId = parent.Id, position = 0 })).Is(HttpStatusCode.Created);
        Assert.Equal(["d", "b", "c", "a"], await Below(parent));
        var renamed = (await editor.Put($"{Sections}/{b.Id}", new { name = "bb", parentId = parent.Id }, b.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal("1", renamed.Member("position")); // none leaves it where it is
    }

    [Fact]
    public async Task Under_another_parent_a_section_goes_last_unless_its_position_is_said()
    {
        var (from, to) = (await editor.OpenSection(), await editor.OpenSection());
        for (var i = 0; i < 2; i++) await editor.OpenSection(parentId: to.Id);
        var (patched, replaced, said) = (await editor.OpenSection(parentId: from.Id), await editor.OpenSection(parentId: from.Id), await editor.OpenSection(parentId: from.Id));

        Assert.Equal("2", (await Patch(patched, new { parentId = to.Id })).Is(HttpStatusCode.OK).Member("position"));
        Assert.Equal("3", (await editor.Put($"{Sections}/{replaced.Id}", new { name = "x", parentId = to.Id }, replaced.ETag)).Is(HttpStatusCode.OK).Member("position"));
        Assert.Equal("0", (await Patch(said, new { parentId = to.Id, position = 0 })).Is(HttpStatusCode.OK).Member("position"));
    }

    [Fact]
    public async Task The_list_holds_every_section_once_oldest_first()
    {
        var made = new List<Guid>();
        for (var i = 0; i < 5; i++) made.Add((await editor.OpenSection()).Id);
        var (seen, path) = (new List<Guid>(), (string?)$"{Sections}?limit=2");
        while (path is not null)
        {
            var page = (await editor.Get(path)).Is(HttpStatusCode.OK);
            var items = page.Body["items"]!.AsArray();
            Assert.InRange(items.Count, 1, 2);
            seen.AddRange(items.Select(s => s!["id"]!.GetValue<Guid>()));
            path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
            Assert.Equal(path is null, page.Body["next"] is null);
        }

        Assert.Equal(made, seen.Where(made.Contains));
        Assert.Equal(seen.Select(id => id.ToString()).Order(StringComparer.Ordinal), seen.Select(id => id.ToString()));
    }

    [Fact]
    public async Task A_section_moves_with_all_below_it_and_its_articles_follow()
    {
        var (from, to) = (await editor.OpenSection(), await editor.OpenSection());
        var moving = await editor.OpenSection(parentId: from.Id);
        var below = await editor.OpenSection(parentId: moving.Id);
        var story = await editor.Story(Wire.Unique("Article"), below.Id);
        var moved = (await Patch(moving, new { parentId = to.Id })).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        Assert.Equal(to.Id.ToString(), moved.Member("parentId"));
        Assert.Empty(await Below(from));
        Assert.Equal([moving.Member("name")], await Below(to));
        Assert.Equal([below.Member("name")], await Below(moving));
        foreach (var (slug, count) in new[] { (to.Slug(), 1), (from.Slug(), 0), (moving.Slug(), 1) })
            Assert.Equal(count, (await reader.Get($"{Desk.Published}?section={slug}")).Is(HttpStatusCode.OK).Body["items"]?.AsArray().Count(i => i?["slug"]?.ToString() == story.Slug()));
        (await Patch(moved, new { parentId = (Guid?)null })).Is(HttpStatusCode.OK);
        Assert.Empty(await Below(to));
    }

    [Fact]
    public async Task The_tree_is_four_levels_deep_and_no_deeper()
    {
        var first = await editor.OpenSection();
        var second = await editor.OpenSection(parentId: first.Id);
        var third = await editor.OpenSection(parentId: second.Id);
        var fourth = await editor.OpenSection(parentId: third.Id);

        (await editor.Post(Sections, new { name = "x", parentId = fourth.Id })).Refuses(HttpStatusCode.Conflict, "section-too-deep");
        var (top, sub) = (await editor.OpenSection(), await editor.OpenSection());
        sub = (await Patch(sub, new { parentId = top.Id })).Is(HttpStatusCode.OK);
        (await Patch(top, new { parentId = third.Id })).Refuses(HttpStatusCode.Conflict, "section-too-deep"); // what hangs below counts too
        (await editor.Put($"{Sections}/{top.Id}", new { name = "x", parentId = fourth.Id }, top.ETag)).Refuses(HttpStatusCode.Conflict, "section-too-deep");
        (await Patch(top, new { parentId = second.Id }, (await Read(top)).ETag)).Is(HttpStatusCode.OK);
        Assert.Equal([sub.Member("name")], await Below(top));
    }

    [Fact]
    public async Task No_section_stands_under_itself_or_below()
    {
        var top = await editor.OpenSection();
        var middle = await editor.OpenSection(parentId: top.Id);
        var bottom = await editor.OpenSection(parentId: middle.Id);

        foreach (var under in new[] { top, middle, bottom })
        {
            (await Patch(top, new { parentId = under.Id })).Refuses(HttpStatusCode.Conflict, "section-cycle");
            (await editor.Put($"{Sections}/{top.Id}", new { name = "x", parentId = under.Id }, top.ETag)).Refuses(HttpStatusCode.Conflict, "section-cycle");
        }

        Assert.Equal(top.Text, (await Read(top)).Text);
    }

    [Fact]
    public async Task Two_moves_at_once_make_no_cycle()
    {
        for (var round = 0; round < 5; round++)
        {
            var (a, b) = (await editor.OpenSection(), await editor.OpenSection());
            var moves = await Task.WhenAll(Patch(a, new { parentId = b.Id }), Patch(b, new { parentId = a.Id }));

            Assert.Single(moves, m => m.Status == HttpStatusCode.OK);
            Assert.Single(moves, m => m.Status == HttpStatusCode.Conflict).Refuses(HttpStatusCode.Conflict, "section-cycle");
        }
    }

    [Fact]
    public async Task Of_fifty_editors_with_one_ETag_exactly_one_wins()
    {
        var section = await editor.OpenSection();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Patch(section, new { description = $"{i}" })));

        var winner = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        foreach (var loser in answers.Except([winner])) loser.Refuses(HttpStatusCode.PreconditionFailed, "stale");
        Assert.Equal(winner.Text, (await Read(section)).Text);
    }

    [Fact]
    public async Task A_section_in_use_stays_and_the_refusal_says_by_how_many_articles()
    {
        var section = await editor.OpenSection();
        var other = (await editor.OpenSection()).Id;
        var draft = await editor.Draft(Wire.Unique("Brouillon"), section.Id);
        await editor.Draft(Wire.Unique("Brouillon"), other, new { otherSectionIds = new[] { section.Id } });
        var story = await editor.Story(Wire.Unique("Article"), section.Id);

        Assert.StartsWith("3 articles", (await editor.Delete($"{Sections}/{section.Id}", section.ETag)).Refuses(HttpStatusCode.Conflict, "section-in-use").Member("detail"), StringComparison.Ordinal);
        await editor.Change(draft, new { sectionId = other });
        await editor.Change(story, new { sectionId = other }); // readers still see it here
        Assert.StartsWith("2 articles", (await editor.Delete($"{Sections}/{section.Id}", section.ETag)).Refuses(HttpStatusCode.Conflict, "section-in-use").Member("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_with_sub_sections_stays_and_an_empty_one_goes_at_once()
    {
        var parent = await editor.OpenSection();
        var section = await editor.OpenSection(parentId: parent.Id);
        Assert.Contains("sub-sections", (await editor.Delete($"{Sections}/{parent.Id}", parent.ETag)).Refuses(HttpStatusCode.Conflict, "section-in-use").Member("detail"), StringComparison.Ordinal);

        (await reader.Get($"{Shown}/{section.Slug()}")).Is(HttpStatusCode.OK);
        (await editor.Delete($"{Sections}/{section.Id}", section.ETag)).Is(HttpStatusCode.NoContent);
        (await editor.Get($"{Sections}/{section.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await reader.Get($"{Shown}/{section.Slug()}")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Empty(await Below(parent));
        (await editor.Delete($"{Sections}/{parent.Id}", parent.ETag)).Is(HttpStatusCode.NoContent);
        (await editor.Post(Sections, new { name = "x", slug = section.Slug() })).Is(HttpStatusCode.Created); // the address is free again
    }

    [Fact]
    public async Task A_slug_is_derived_or_given_and_one_that_is_taken_gets_a_number_or_a_refusal()
    {
        var name = Wire.Unique("Étés à l’Œuvre");
        var slug = name.ToLowerInvariant().Replace("étés à l’œuvre", "etes-a-l-oeuvre", StringComparison.Ordinal);
        Assert.Equal(slug, (await editor.OpenSection(name)).Slug());
        var second = await editor.OpenSection(name);
        Assert.Equal(slug + "-2", second.Slug());

        var given = Wire.Unique("a-moi");
        Assert.Equal(given, (await editor.Post(Sections, new { name, slug = given })).Is(HttpStatusCode.Created).Slug());
        (await editor.Post(Sections, new { name, slug })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await Patch(second, new { slug })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        var renamed = (await Patch(second, new { name = Wire.Unique("Autre"), slug = (string?)null })).Is(HttpStatusCode.OK);
        Assert.Equal(slug + "-2", renamed.Slug()); // absent keeps it, whatever the name is now
        Assert.Matches("^[0-9a-z]{12}$", (await editor.OpenSection("—")).Slug());
    }

    [Fact]
    public async Task Every_slug_a_section_had_leads_to_the_present_one()
    {
        var section = await editor.OpenSection();
        var (second, third) = (Wire.Unique("zweite"), Wire.Unique("dritte"));
        var moved = (await Patch(section, new { slug = second })).Is(HttpStatusCode.OK);
        await Held(section.Slug(), second);
        moved = (await Patch(moved, new { slug = third })).Is(HttpStatusCode.OK);

        foreach (var old in new[] { section.Slug(), second })
        {
            var redirect = (await reader.Get($"{Shown}/{old}")).Is(HttpStatusCode.MovedPermanently);
            Assert.Equal($"{Shown}/{third}", redirect.Message.Headers.Location?.ToString());
        }

        (await reader.Get($"{Shown}/{third}")).Is(HttpStatusCode.OK);
        await Held(second, third);
        (await editor.Post(Sections, new { name = "x", slug = second })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await Patch(moved, new { slug = section.Slug() })).Is(HttpStatusCode.OK); // its own old one it may take back
        (await reader.Get($"{Shown}/{section.Slug()}")).Is(HttpStatusCode.OK);
        (await reader.Get($"{Shown}/{third}")).Is(HttpStatusCode.MovedPermanently);
        Assert.Equal($"{Shown}/{section.Slug()}", (await reader.Get($"{Shown}/{second}")).Message.Headers.Location?.ToString());

        // Asked until the node answers from memory.
        async Task Held(string from, string to)
        {
            Answer? answer = null;
            while (await SqlCommands.Of(async trace => answer = await reader.Get($"{Shown}/{from}", trace), HttpStatusCode.MovedPermanently) > 0) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.Equal($"{Shown}/{to}", answer?.Message.Headers.Location?.ToString());
        }
    }

    [Fact]
    public async Task A_rename_shows_at_once_on_the_tree_and_soon_on_articles()
    {
        var parent = await editor.OpenSection();
        var section = await editor.OpenSection(parentId: parent.Id);
        var story = await editor.Story(Wire.Unique("Article"), section.Id);
        var name = Wire.Unique("Neu");
        var before = await reader.Get(Shown);
        (await Patch(section, new { name })).Is(HttpStatusCode.OK);

        Assert.Equal([name], await Below(parent));
        Assert.Equal(name, (await reader.Get($"{Shown}/{section.Slug()}")).Member("name"));
        Assert.NotEqual(before.ETag, (await reader.Get(Shown)).ETag);
        await fixture.Service.Settle();
        Assert.Equal(name, (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body["section"]?["name"]?.ToString());
    }

    [Fact]
    public async Task A_site_has_at_most_five_hundred_sections()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(TestContext.Current.CancellationToken, "taxonomy:write");
        await using var source = Npgsql.NpgsqlDataSource.Create(service.ConnectionString);
        await using var fill = source.CreateCommand("""
            INSERT INTO cms.sections (id, name, slug, position, language, share, created_at, updated_at)
            SELECT gen_random_uuid(), 'S' || i, 's' || i, i, 'fr', '{}', now(), now() FROM generate_series(1, 499) i
            """);
        await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        (await client.Post(Sections, new { name = "x" })).Is(HttpStatusCode.Created);
        Assert.Equal(["/parentId notFound"], (await client.Post(Sections, new { name = "y", parentId = Guid.CreateVersion7() })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        (await client.Post(Sections, new { name = "y" })).Refuses(HttpStatusCode.Conflict, "too-many-sections");
    }
}
