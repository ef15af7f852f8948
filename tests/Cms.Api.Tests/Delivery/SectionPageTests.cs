using System.Net;

namespace Cms.Api.Tests.Delivery;

/// <summary>A section's page in one request: the section, its list, its newest articles.</summary>
public sealed class SectionPageTests(ApiFixture fixture)
{
    private const string Sections = "/delivery/v1/sections", Lists = "/management/v1/lists";
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static string[] Slugs(Answer answer, string member) => [.. answer.Body[member]!["items"]!.AsArray().Select(i => i!["slug"]!.ToString())];

    private static string Keys(Answer answer) => answer.Message.Headers.GetValues("Surrogate-Key").Single();

    [Fact]
    public async Task One_request_gives_the_section_its_list_and_its_newest_articles()
    {
        var section = await editor.OpenSection();
        var below = await editor.OpenSection(parentId: section.Id);
        var (old, young) = (await editor.Story(Wire.Unique("alt"), section.Id), await editor.Story(Wire.Unique("jung"), below.Id));
        var path = $"{Sections}/{section.Slug()}";
        var plain = (await reader.Get(path)).Is(HttpStatusCode.OK);
        var bare = (await reader.Get($"{path}?include=articles,list")).Is(HttpStatusCode.OK);
        var list = (await editor.Post(Lists, new { name = Wire.Unique("Front"), pinnedIds = new[] { old.Id }, sectionId = section.Id, tail = new { sectionId = below.Id } })).Is(HttpStatusCode.Created);
        var page = (await reader.Get($"{path}?include=list,articles")).Is(HttpStatusCode.OK);

        Assert.Equal([.. plain.Body.Select(m => m.Key), "articles", "list"], page.Body.Select(m => m.Key));
        foreach (var (name, value) in plain.Body) Assert.Equal(value?.ToJsonString(), page.Body[name]?.ToJsonString());
        Assert.Equal([young.Slug(), old.Slug()], Slugs(page, "articles"));
        Assert.Equal([old.Slug(), young.Slug()], Slugs(page, "list"));
        Assert.Equal((null, list.Id.ToString()), (page.Body["articles"]!["next"], page.Body["list"]!["id"]!.ToString()));
        Assert.True(bare.Body.ContainsKey("list") && bare.Body["list"] is null);
        Assert.Equal($"section/{section.Slug()} in/{section.Id:N} list/{list.Slug()} in/{below.Id:N}", Keys(page));
        Assert.Equal($"section/{section.Slug()} in/{section.Id:N}", Keys(bare));
        Assert.Equal(["articles"], (await reader.Get($"{path}?include=articles")).Body.Select(m => m.Key).Except(plain.Body.Select(m => m.Key)));
        Assert.Equal(["headline"], (await reader.Get($"{path}?include=list&fields=headline")).Body["list"]!["items"]![0]!.AsObject().Select(m => m.Key));
        (await reader.Get($"{path}?include=list,articles", ("If-None-Match", page.ETag))).Is(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&fields=slug,headline")]
    public async Task Next_goes_on_in_the_list_of_articles(string fields)
    {
        var section = await editor.OpenSection();
        var slugs = new List<string>();
        for (var i = 0; i < 22; i++) slugs.Insert(0, (await editor.Story(Wire.Unique("s"), section.Id)).Slug());
        var page = (await reader.Get($"{Sections}/{section.Slug()}?include=articles{fields}")).Is(HttpStatusCode.OK);
        var rest = (await reader.Get($"{Desk.Published}?section={section.Slug()}{fields}&cursor={page.Body["articles"]!["next"]}")).Is(HttpStatusCode.OK);

        Assert.Equal(slugs[..20], Slugs(page, "articles"));
        Assert.Equal(slugs[20..], rest.Body["items"]!.AsArray().Select(i => i!["slug"]!.ToString()));
    }

    [Fact]
    public async Task A_list_that_changes_places_leaves_its_old_section()
    {
        var (left, right) = (await editor.OpenSection(), await editor.OpenSection());
        var list = (await editor.Post(Lists, new { name = Wire.Unique("Front"), sectionId = left.Id })).Is(HttpStatusCode.Created);
        (await editor.Patch($"{Lists}/{list.Id}", new { sectionId = right.Id }, list.ETag)).Is(HttpStatusCode.OK);

        Assert.Null((await reader.Get($"{Sections}/{left.Slug()}?include=list")).Is(HttpStatusCode.OK).Body["list"]);
        Assert.Equal(list.Slug(), (await reader.Get($"{Sections}/{right.Slug()}?include=list")).Body["list"]!["slug"]!.ToString());
    }

    [Fact]
    public async Task A_moved_section_leads_on_with_all_that_was_asked_and_what_is_not_right_is_named()
    {
        var (section, slug) = (await editor.OpenSection(), Wire.Unique("neu"));
        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { slug }, section.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal($"{Sections}/{slug}?include=list", (await reader.Get($"{Sections}/{section.Slug()}?include=list")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        (await reader.Get($"{Sections}/{Wire.Unique("nie")}?include=articles")).Refuses(HttpStatusCode.NotFound, "not-found");
        foreach (var (query, fault) in new[] { ("include=share", "include range"), ("fields=slug", "fields include"), ("include=list&fields=body", "fields range"), ("limit=2", "limit unknown") })
            Assert.Equal([fault], (await reader.Get($"{Sections}/{slug}?{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }
}
