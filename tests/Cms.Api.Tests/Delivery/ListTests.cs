using System.Net;

namespace Cms.Api.Tests.Delivery;

/// <summary>A front page in one request: what editors pinned and published, then what follows by itself.</summary>
public sealed class ListTests(ApiFixture fixture)
{
    private const string Lists = "/management/v1/lists", Published = "/delivery/v1/lists";
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<Answer> Open(object list) => (await editor.Post(Lists, list)).Is(HttpStatusCode.Created);

    private async Task<string[]> Slugs(Answer list, string query = "") =>
        [.. (await reader.Get($"{Published}/{list.Slug()}{query}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(i => i!["slug"]!.ToString())];

    [Fact]
    public async Task Pinned_articles_come_first_in_order_then_the_newest_and_none_twice()
    {
        var section = await editor.OpenSection();
        var below = await editor.OpenSection(parentId: section.Id);
        var elsewhere = await editor.Story(Wire.Unique("woanders"));
        var stories = new List<Answer>();
        for (var i = 0; i < 5; i++) stories.Add(await editor.Story(Wire.Unique("s"), (i == 3 ? below : section).Id));
        var slugs = stories.ConvertAll(s => s.Slug());
        var list = await Open(new { name = Wire.Unique("Une"), pinnedIds = new[] { stories[1].Id, elsewhere.Id, stories[4].Id }, size = 5, tail = new { sectionId = section.Id } });
        var answer = (await reader.Get($"{Published}/{list.Slug()}")).Is(HttpStatusCode.OK);

        Assert.Equal([slugs[1], elsewhere.Slug(), slugs[4], slugs[3], slugs[2]], await Slugs(list));
        Assert.Equal(["id", "slug", "name", "items"], answer.Body.Select(m => m.Key));
        Assert.Equal((list.Id, list.Member("name")), (answer.Id, answer.Member("name")));
        Assert.Equal((await reader.Get($"{Desk.Published}?section={below.Slug()}")).Body["items"]![0]!.ToJsonString(), answer.Body["items"]![3]!.ToJsonString());
        Assert.Equal(["slug", "headline"], (await reader.Get($"{Published}/{list.Slug()}?fields=headline,slug")).Body["items"]![0]!.AsObject().Select(m => m.Key));
        (await reader.Get($"{Published}/{list.Slug()}", ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
        Assert.Equal($"list/{list.Slug()} in/{section.Id:N}", answer.Message.Headers.GetValues("Surrogate-Key").Single());

        await editor.Patch($"{Lists}/{list.Id}", new { size = 2 }, "*");
        Assert.Equal([slugs[1], elsewhere.Slug()], await Slugs(list));
        await editor.Patch($"{Lists}/{list.Id}", new { size = 100, tail = (object?)null }, "*");
        Assert.Equal([slugs[1], elsewhere.Slug(), slugs[4]], await Slugs(list));
    }

    [Fact]
    public async Task A_pinned_draft_appears_with_its_publication_and_goes_with_its_withdrawal()
    {
        var (draft, other) = (await editor.Draft(Wire.Unique("entwurf")), await editor.Story(Wire.Unique("da")));
        var list = await Open(new { name = Wire.Unique("Une"), pinnedIds = new[] { draft.Id, other.Id } });
        var before = (await reader.Get($"{Published}/{list.Slug()}")).Is(HttpStatusCode.OK);
        Assert.Equal([other.Slug()], await Slugs(list));
        Assert.DoesNotContain(draft.Id.ToString(), before.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM delivery.list_pins WHERE article_id::text = $1", draft.Id.ToString()));

        var story = await editor.Publish(draft);
        Assert.Equal([story.Slug(), other.Slug()], await Slugs(list));
        var moved = await editor.Publish(await editor.Change(story, new { slug = Wire.Unique("neu"), headline = "Neu" }));
        Assert.Equal([moved.Slug(), other.Slug()], await Slugs(list));
        var withdrawn = await editor.Withdraw(moved);
        Assert.Equal([other.Slug()], await Slugs(list));
        await editor.Publish(withdrawn);
        Assert.Equal([moved.Slug(), other.Slug()], await Slugs(list));
    }

    [Fact]
    public async Task A_deleted_draft_leaves_its_place_to_those_behind_it()
    {
        var section = (await editor.OpenSection()).Id;
        var (gone, first, later) = (await editor.Draft(Wire.Unique("weg"), section), await editor.Story(Wire.Unique("eins"), section), await editor.Draft(Wire.Unique("zwei"), section));
        var list = (await editor.Post("/management/v1/lists", new { name = Wire.Unique("liste"), pinnedIds = new[] { gone.Id, first.Id, later.Id } })).Is(HttpStatusCode.Created);

        (await editor.Delete($"{Desk.Articles}/{gone.Id}", gone.ETag)).Is(HttpStatusCode.NoContent);
        await editor.Publish(later);

        var items = (await reader.Get($"/delivery/v1/lists/{list.Slug()}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray();
        Assert.Equal([first.Id, later.Id], items.Select(i => Guid.Parse(i!["id"]!.GetValue<string>())));
    }

    [Fact]
    public async Task A_tail_without_a_section_holds_the_newest_of_all_in_its_language()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        foreach (var language in new[] { "fr", "en", "fr" }) await own.Story(language, more: new { language, slug = Wire.Unique(language) });
        foreach (var (tail, expected) in new (object?, string)[] { (new { language = "fr" }, "fr fr"), (new { }, "fr en fr"), (new { language = "de" }, ""), (null, "") })
        {
            var list = (await own.Post(Lists, new { name = "Une", tail })).Is(HttpStatusCode.Created);
            var answer = (await anybody.Get($"{Published}/{list.Slug()}")).Is(HttpStatusCode.OK);
            Assert.Equal(expected, string.Join(' ', answer.Body["items"]!.AsArray().Select(i => i!["headline"])));
            Assert.Equal(tail is null ? $"list/{list.Slug()}" : $"list/{list.Slug()} in/{Guid.Empty:N}", answer.Message.Headers.GetValues("Surrogate-Key").Single());
        }

        var names = (await anybody.Get($"{Published}?limit=3")).Is(HttpStatusCode.OK);
        Assert.Equal(["une", "une-2", "une-3"], names.Body["items"]!.AsArray().Select(l => l!["slug"]!.ToString()));
        Assert.Equal(["une-4"], (await anybody.Get(names.Message.Headers.GetValues("Link").Single().Split('<', '>')[1])).Body["items"]!.AsArray().Select(l => l!["slug"]!.ToString()));
        Assert.Equal("lists", names.Message.Headers.GetValues("Surrogate-Key").Single());
    }

    [Fact]
    public async Task A_moved_slug_leads_on_and_a_deleted_list_is_not_found()
    {
        var (list, slug) = (await Open(new { name = Wire.Unique("Une"), tail = new { } }), Wire.Unique("neu"));
        var renamed = (await editor.Patch($"{Lists}/{list.Id}", new { slug, name = "Été" }, list.ETag)).Is(HttpStatusCode.OK);

        Assert.Contains("Été", (await reader.Get($"{Published}/{slug}?fields=slug")).Is(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        Assert.Equal($"{Published}/{slug}?fields=slug", (await reader.Get($"{Published}/{list.Slug()}?fields=slug")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        (await editor.Post(Lists, new { name = "x", slug = list.Slug() })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Delete($"{Lists}/{list.Id}", renamed.ETag)).Is(HttpStatusCode.NoContent);
        foreach (var gone in new[] { list.Slug(), slug, "Gro%C3%9F" }) (await reader.Get($"{Published}/{gone}")).Refuses(HttpStatusCode.NotFound, "not-found");
        await Open(new { name = "x", slug });
    }

    [Theory]
    [InlineData("/x?fields=body", "fields range")]
    [InlineData("/x?limit=5", "limit unknown")]
    [InlineData("?fields=slug", "fields unknown")]
    public async Task A_parameter_that_is_not_right_is_named(string query, string fault) =>
        Assert.Equal([fault], (await reader.Get($"{Published}{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
}
