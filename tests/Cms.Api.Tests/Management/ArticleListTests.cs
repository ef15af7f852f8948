using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class ArticleListTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    [Theory]
    [InlineData("newest")]
    [InlineData("oldest")]
    [InlineData("updated")]
    public async Task Pages_hold_every_row_once_in_order(string sort)
    {
        var section = (await editor.OpenSection()).Id;
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++) ids.Add((await editor.Draft(Wire.Unique("p"), section)).Id);
        var expected = sort == "oldest" ? ids : [.. ids.AsEnumerable().Reverse()];

        var (seen, path) = (new List<Guid>(), (string?)$"{Desk.Articles}?section={section}&sort={sort}&limit=3");
        while (path is not null)
        {
            var page = (await editor.Get(path)).Is(HttpStatusCode.OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(a => a!["id"]!.GetValue<Guid>()));
            path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
            Assert.Equal(path is null, page.Body["next"] is null);
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Filters_find_what_they_name()
    {
        var (section, tag, word) = ((await editor.OpenSection()).Id, Wire.Unique("tag"), Wire.Unique("mot"));
        var author = (await editor.Post("/management/v1/authors", new { name = Wire.Unique("Auteur") })).Is(HttpStatusCode.Created).Id;
        var draft = await editor.Draft($"Le {word} juste", section, new { tags = new[] { tag }, credits = new[] { new { role = "author", authorId = author } } });
        var story = await editor.Story(Wire.Unique("autre"), section, new { language = "en" });
        var tagId = (await editor.Get($"/management/v1/tags?q={tag}")).Body["items"]![0]!["id"];

        async Task<Guid[]> Found(string filter) =>
            [.. (await editor.Get($"{Desk.Articles}?{filter}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(a => a!["id"]!.GetValue<Guid>())];

        Assert.Equal([story.Id, draft.Id], await Found($"section={section}"));
        Assert.Equal([draft.Id], await Found($"section={section}&status=draft"));
        Assert.Equal([story.Id, draft.Id], await Found($"section={section}&status=draft,published"));
        Assert.Equal([story.Id], await Found($"section={section}&language=en"));
        Assert.Equal([draft.Id], await Found($"tag={tagId}"));
        Assert.Equal([draft.Id], await Found($"author={author}"));
        Assert.Equal([draft.Id], await Found($"q={word[..^2]}"));
        Assert.Equal([story.Id], await Found($"section={section}&updatedSince={Uri.EscapeDataString(story.Member("updatedAt"))}"));
    }

    [Fact]
    public async Task From_and_to_bound_the_creation_and_several_values_of_a_filter_are_any_of_them()
    {
        var (section, other) = ((await editor.OpenSection()).Id, (await editor.OpenSection()).Id);
        var (tag, tag2) = (Wire.Unique("tag"), Wire.Unique("tag"));
        var first = await editor.Draft(Wire.Unique("a"), section, new { language = "fr", tags = new[] { tag } });
        var second = await editor.Draft(Wire.Unique("b"), section, new { language = "en", tags = new[] { tag2 } });
        var third = await editor.Draft(Wire.Unique("c"), other, new { language = "de", tags = new[] { tag, tag2 } });
        var tagIds = string.Join(',', await Task.WhenAll(new[] { tag, tag2 }.Select(async t => (await editor.Get($"/management/v1/tags?q={t}")).Body["items"]![0]!["id"]!.GetValue<string>())));

        async Task<Guid[]> Found(string filter) =>
            [.. (await editor.Get($"{Desk.Articles}?{filter}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(a => a!["id"]!.GetValue<Guid>())];

        string At(Answer article) => Uri.EscapeDataString(article.Member("createdAt"));
        Assert.Equal([second.Id], await Found($"section={section}&from={At(second)}"));
        Assert.Equal([first.Id], await Found($"section={section}&sort=oldest&to={At(second)}"));
        Assert.Equal([second.Id, first.Id], await Found($"section={section}&from={At(first)}&to={At(third)}"));
        Assert.Equal(["from sort", "to sort"], (await editor.Get($"{Desk.Articles}?sort=updated&from={At(first)}&to={At(third)}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        Assert.Empty(await Found($"section={section}&from={At(third)}&to=2199-01-01T00:00:00Z"));
        Assert.Empty(await Found($"section={section}&to=1600-01-01T00:00:00Z"));
        Assert.Equal([first.Id, second.Id], await Found($"section={section}&sort=oldest&language=fr,en"));
        Assert.Equal([third.Id, second.Id, first.Id], await Found($"section={section},{other}"));
        Assert.Equal([third.Id, second.Id], await Found($"section={section},{other}&language=de,en&tag={tagIds}"));
    }

    [Theory]
    [InlineData("limit=0", "limit range")]
    [InlineData("limit=101", "limit range")]
    [InlineData("limit=%2B5", "limit range")]
    [InlineData("limit=5&limit=6", "limit repeated")]
    [InlineData("status=gone", "status range")]
    [InlineData("status=draft,draft", "status range")]
    [InlineData("section=x", "section range")]
    [InlineData("language=FR", "language range")]
    [InlineData("language=fr,fr", "language range")]
    [InlineData("language=fr,", "language range")]
    [InlineData("language=aa,ab,ac,ad,ae,af,ag,ah,ai,aj,ak,al,am,an,ao,ap,aq,ar,as,at,au", "language range")]
    [InlineData("updatedSince=2026-11-24", "updatedSince range")]
    [InlineData("from=2026-11-24", "from range")]
    [InlineData("to=yesterday", "to range")]
    [InlineData("sort=headline", "sort range")]
    [InlineData("q=", "q range")]
    [InlineData("q=%EF%BF%BE", "q range")]
    [InlineData("cursor=AAAA", "cursor cursor")]
    [InlineData("offset=5", "offset unknown")]
    [InlineData("Limit=5", "Limit unknown")]
    public async Task A_parameter_that_is_not_right_is_named(string query, string fault)
    {
        var refused = (await editor.Get($"{Desk.Articles}?{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");

        Assert.Equal([fault], refused.Errors);
    }

    [Fact]
    public async Task All_faults_of_an_address_are_named_at_once() =>
        Assert.Equal(["limit range", "x unknown", "sort range"], (await editor.Get($"{Desk.Articles}?limit=0&x=1&sort=no")).Errors);

    [Fact]
    public async Task A_cursor_of_another_list_or_filter_or_with_one_letter_changed_is_refused()
    {
        var section = (await editor.OpenSection()).Id;
        for (var i = 0; i < 2; i++) await editor.Draft(Wire.Unique("c"), section);
        var cursor = (await editor.Get($"{Desk.Articles}?section={section}&limit=1")).Member("next");

        (await editor.Get($"{Desk.Articles}?section={section}&limit=2&cursor={cursor}")).Is(HttpStatusCode.OK);
        (await editor.Get($"{Desk.Articles}?limit=1&cursor={cursor}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        (await editor.Get($"{Desk.Articles}?section={section}&sort=oldest&cursor={cursor}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        (await editor.Get($"{Desk.Sections}?cursor={cursor}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        for (var i = 0; i < cursor.Length; i++)
        {
            var altered = cursor.ToCharArray();
            altered[i] = altered[i] == 'A' ? 'B' : 'A';
            (await editor.Get($"{Desk.Articles}?section={section}&cursor={new string(altered)}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        }
    }
}
