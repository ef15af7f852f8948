using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class ListTests(ApiFixture fixture)
{
    private const string Lists = "/management/v1/lists";
    private readonly HttpClient editor = fixture.Editor;

    private async Task<Answer> Open(object? more = null) => (await editor.Post(Lists, more ?? new { name = Wire.Unique("Liste") })).Is(HttpStatusCode.Created);

    [Fact]
    public async Task What_creating_answers_is_what_reading_gives_back()
    {
        var (section, draft) = (await editor.OpenSection(), await editor.Draft(Wire.Unique("entwurf")));
        var created = await Open(new { name = Wire.Unique("À la une"), pinnedIds = new[] { draft.Id }, size = 7, tail = new { sectionId = section.Id, language = "fr" }, sectionId = section.Id });
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal((created.Text, created.ETag), (read.Text, read.ETag));
        Assert.StartsWith("a-la-une-", read.Slug(), StringComparison.Ordinal);
        Assert.Equal(["id", "name", "slug", "pinnedIds", "size", "tail", "sectionId", "createdAt", "updatedAt"], read.Body.Select(m => m.Key));
        Assert.Equal((draft.Id.ToString(), "7", section.Id.ToString(), "fr"), (read.Body["pinnedIds"]![0]!.ToString(), read.Member("size"), read.Body["tail"]!["sectionId"]!.ToString(), read.Body["tail"]!["language"]!.ToString()));

        var least = await Open();
        Assert.Equal(("[]", "20", "", ""), (least.Body["pinnedIds"]!.ToJsonString(), least.Member("size"), least.Member("tail"), least.Member("sectionId")));
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        var (known, nobody) = (await editor.Draft(Wire.Unique("entwurf")), Guid.CreateVersion7());
        Assert.Equal(
            ["/name required", "/slug slug", "/pinnedIds duplicate", "/size range", "/tail/language language", "/pinnedIds/1 notFound", "/pinnedIds/2 notFound", "/sectionId notFound", "/tail/sectionId notFound"],
            (await editor.Post(Lists, new { name = "", slug = "-", pinnedIds = new[] { known.Id, nobody, nobody }, size = 0, tail = new { language = "FR", sectionId = nobody }, sectionId = nobody }))
                .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name tooLong", "/size range"], (await editor.Post(Lists, new { name = new string('n', 201), size = 101 })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        var many = Enumerable.Range(0, 51).Select(_ => known.Id);
        Assert.Equal(["/pinnedIds tooMany"], (await editor.Post(Lists, new { name = "n", pinnedIds = many })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        (await editor.Post(Lists, new { name = "n", pinnedIds = new[] { "x" } })).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_removes()
    {
        var (one, two) = (await editor.Draft(Wire.Unique("eins")), await editor.Draft(Wire.Unique("zwei")));
        var list = await Open(new { name = Wire.Unique("Liste"), pinnedIds = new[] { one.Id, two.Id }, size = 5, tail = new { language = "fr" } });
        var changed = (await editor.Patch($"{Lists}/{list.Id}", new { pinnedIds = new[] { two.Id, one.Id }, tail = new { language = (string?)null } }, list.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal([two.Id.ToString(), one.Id.ToString()], changed.Body["pinnedIds"]!.AsArray().Select(i => i!.ToString()));
        Assert.Equal(("""{"sectionId":null,"language":null}""", "5", list.Slug()), (changed.Body["tail"]!.ToJsonString(), changed.Member("size"), changed.Slug()));
        Assert.NotEqual(list.ETag, changed.ETag);
        (await editor.Patch($"{Lists}/{list.Id}", new { size = 6 }, list.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        Assert.Equal("", (await editor.Patch($"{Lists}/{list.Id}", new { tail = (object?)null, size = (int?)null }, changed.ETag)).Is(HttpStatusCode.OK).Member("tail"));
        Assert.Equal(["/pinnedIds/0 notFound"], (await editor.Patch($"{Lists}/{list.Id}", new { pinnedIds = new[] { list.Id } }, "*")).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);

        var audit = (await editor.Get($"/management/v1/audit?resourceId={list.Id}")).Body["items"]!.AsArray();
        Assert.Equal(["changeList", "changeList", "createList"], audit.Select(a => a!["action"]!.ToString()));
        Assert.Equal(["pinnedIds", "tailLanguage"], audit[1]!["members"]!.AsArray().Select(m => m!.ToString()));
    }

    [Fact]
    public async Task Of_ten_editors_with_the_same_ETag_exactly_one_wins()
    {
        var list = await Open();
        var answers = await Task.WhenAll(Enumerable.Range(1, 10).Select(size => editor.Patch($"{Lists}/{list.Id}", new { size }, list.ETag)));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.Equal(9, answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task A_section_is_the_front_of_one_list_and_stays_while_a_list_names_it()
    {
        var (front, tail) = (await editor.OpenSection(), await editor.OpenSection());
        var list = await Open(new { name = Wire.Unique("Liste"), sectionId = front.Id, tail = new { sectionId = tail.Id } });

        var other = await Open();
        (await editor.Post(Lists, new { name = Wire.Unique("Liste"), sectionId = front.Id })).Refuses(HttpStatusCode.Conflict, "section-has-list");
        (await editor.Patch($"{Lists}/{other.Id}", new { sectionId = front.Id }, other.ETag)).Refuses(HttpStatusCode.Conflict, "section-has-list");
        foreach (var section in new[] { front, tail })
            Assert.Contains(list.Member("name"), (await editor.Delete($"{Desk.Sections}/{section.Id}", section.ETag)).Refuses(HttpStatusCode.Conflict, "section-in-use").Member("detail"), StringComparison.Ordinal);
        (await editor.Delete($"{Lists}/{list.Id}", list.ETag)).Is(HttpStatusCode.NoContent);
        foreach (var section in new[] { front, tail }) (await editor.Delete($"{Desk.Sections}/{section.Id}", section.ETag)).Is(HttpStatusCode.NoContent);
        (await editor.Get($"{Lists}/{list.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_deleted_article_leaves_its_lists_which_can_be_sent_back_as_they_are()
    {
        var (gone, stays) = (await editor.Draft(Wire.Unique("weg")), await editor.Draft(Wire.Unique("da")));
        var list = await Open(new { name = Wire.Unique("Liste"), pinnedIds = new[] { gone.Id, stays.Id } });
        (await editor.Delete($"{Desk.Articles}/{gone.Id}", gone.ETag)).Is(HttpStatusCode.NoContent);

        var read = (await editor.Get($"{Lists}/{list.Id}")).Is(HttpStatusCode.OK);
        Assert.Equal([stays.Id.ToString()], read.Body["pinnedIds"]!.AsArray().Select(i => i!.ToString()));
        Assert.NotEqual(list.ETag, read.ETag);
        (await editor.Patch($"{Lists}/{list.Id}", new { size = 3 }, read.ETag)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_site_has_so_many_lists_and_no_more()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(TestContext.Current.CancellationToken, "taxonomy:write");
        for (var i = 0; i < Domain.Lists.ArticleList.MaxCount; i++) (await own.Post(Lists, new { name = $"l {i}" })).Is(HttpStatusCode.Created);

        (await own.Post(Lists, new { name = "zu viel" })).Refuses(HttpStatusCode.Conflict, "too-many-lists");
    }
}
