using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class TagTests(ApiFixture fixture)
{
    private const string Tags = "/management/v1/tags";
    private readonly HttpClient editor = fixture.Editor;

    private async Task<Answer> Coin(string name) => (await editor.Post(Tags, new { name })).Is(HttpStatusCode.Created);

    private static async Task<string[]> Names(HttpClient client, string query) =>
        [.. ((await client.Get($"{Tags}{query}")).Is(HttpStatusCode.OK).Body["items"]?.AsArray() ?? []).Select(t => t?["name"]?.ToString() ?? "")];

    [Fact]
    public async Task What_creating_answers_is_what_reading_gives_back()
    {
        var created = await Coin(Wire.Unique("Économie"));
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal(created.Text, read.Text);
        Assert.Equal(created.ETag, read.ETag);
        Assert.StartsWith("economie-", read.Slug(), StringComparison.Ordinal);
        Assert.Equal(["createdAt", "id", "name", "slug", "updatedAt"], read.Body.Select(m => m.Key).Order());
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        Assert.Equal(["/name required", "/slug slug"], (await editor.Post(Tags, new { slug = "-x" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name tooLong", "/slug tooLong"], (await editor.Post(Tags, new { name = new string('n', 81), slug = new string('s', 121) }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name required"], (await editor.Post(Tags, new { name = "\u200D" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name text"], (await editor.Post(Tags, new { name = "a\tb" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task One_name_is_one_tag_whatever_its_case_accents_and_spaces()
    {
        var word = Wire.Unique("Élysée");
        var tag = await Coin(word + " palais");
        var other = await Coin(Wire.Unique("Autre"));

        foreach (var twin in new[] { word.ToUpperInvariant() + " PALAIS", word.Replace('É', 'E').Replace('é', 'e') + "  palais " })
        {
            (await editor.Post(Tags, new { name = twin })).Refuses(HttpStatusCode.Conflict, "tag-taken");
            (await editor.Patch($"{Tags}/{other.Id}", new { name = twin }, other.ETag)).Refuses(HttpStatusCode.Conflict, "tag-taken");
        }

        (await editor.Patch($"{Tags}/{tag.Id}", new { name = word.ToUpperInvariant() + " PALAIS" }, tag.ETag)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_twenty_at_once_one_makes_the_tag_and_an_article_finds_it()
    {
        var name = Wire.Unique("Course");
        var section = (await editor.OpenSection()).Id;
        var tags = Enumerable.Range(0, 20).Select(_ => editor.Post(Tags, new { name }));
        var drafts = Enumerable.Range(0, 5).Select(i => editor.Draft($"{name} {i}", section, new { tags = new[] { name } }));
        var (made, written) = (await Task.WhenAll(tags), Task.WhenAll(drafts));

        Assert.Equal(5, (await written).Length);
        Assert.InRange(made.Count(a => a.Status == HttpStatusCode.Created), 0, 1);
        foreach (var refused in made.Where(a => a.Status != HttpStatusCode.Created)) refused.Refuses(HttpStatusCode.Conflict, "tag-taken");
        Assert.Equal([name], await Names(editor, $"?q={name}"));
    }

    [Fact]
    public async Task Tags_are_found_by_the_beginning_of_their_name_and_listed_by_name()
    {
        var stem = Wire.Unique("Zürich");
        foreach (var end in new[] { " West", " Öst", " Nord", "" }) await Coin(stem + end);
        await Coin(Wire.Unique("Autre") + stem);

        var folded = stem.Replace('ü', 'u').ToUpperInvariant();
        Assert.Equal([stem, stem + " Nord", stem + " Öst", stem + " West"], await Names(editor, $"?q={folded}"));
        Assert.Equal([stem + " Öst"], await Names(editor, $"?q={Uri.EscapeDataString(stem + " ös")}"));
        Assert.Empty(await Names(editor, $"?q={stem}%25"));
        Assert.Empty(await Names(editor, $"?q={stem}_"));

        var first = (await editor.Get($"{Tags}?limit=3&q={folded}")).Is(HttpStatusCode.OK);
        Assert.Equal([stem + " West"], await Names(editor, $"?limit=3&q={folded}&cursor={first.Member("next")}"));
        Assert.Equal(["cursor cursor"], (await editor.Get($"{Tags}?limit=3&cursor={first.Member("next")}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Pages_hold_every_tag_once_even_with_the_longest_names()
    {
        await using var service = await fixture.StartService();
        var client = await service.Client(TestContext.Current.CancellationToken, "taxonomy:write");
        // Four octets a scalar and none of them folds: the longest key that a cursor must hold.
        string[] names = [.. Enumerable.Range(0, 5).Select(i => string.Concat(Enumerable.Repeat("𠀀", 79)) + i), "Zoo", "été", "Eté 2", "アイ", "a"];
        foreach (var name in names) (await client.Post(Tags, new { name })).Is(HttpStatusCode.Created);

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = (await client.Get($"{Tags}?limit=1{cursor}")).Is(HttpStatusCode.OK);
            seen.AddRange((page.Body["items"]?.AsArray() ?? []).Select(t => t?["name"]?.ToString() ?? ""));
            cursor = page.Body["next"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(["a", "été", "Eté 2", "Zoo", "アイ", .. names[..5]], seen);
    }

    [Fact]
    public async Task A_cursor_that_was_altered_is_refused()
    {
        await Coin(Wire.Unique("a"));
        await Coin(Wire.Unique("a"));
        var cursor = (await editor.Get($"{Tags}?limit=1")).Member("next");

        for (var i = 0; i < cursor.Length; i += 7)
        {
            var altered = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
            Assert.Equal(["cursor cursor"], (await editor.Get($"{Tags}?cursor={altered}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        }

        foreach (var altered in new[] { cursor[..^1], cursor[..^4], cursor + "A", cursor + "AAAA", cursor + "=", cursor + "%20", "%20" + cursor })
            (await editor.Get($"{Tags}?cursor={altered}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        (await editor.Get($"/management/v1/authors?cursor={cursor}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
    }

    [Fact]
    public async Task A_rename_keeps_the_slug_reaches_readers_and_a_new_slug_leads_on_from_the_old()
    {
        var name = Wire.Unique("Thema");
        var tag = await Coin(name);
        var story = await editor.Story(Wire.Unique("Article"), more: new { tags = new[] { name } });
        var renamed = (await editor.Put($"{Tags}/{tag.Id}", new { name = Wire.Unique("Sujet") }, tag.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal(tag.Slug(), renamed.Slug());

        var moved = (await editor.Patch($"{Tags}/{tag.Id}", new { slug = Wire.Unique("sujet") }, renamed.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();
        var shown = (await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}")).Body["tags"]?[0];
        Assert.Equal((moved.Member("name"), moved.Slug()), (shown?["name"]?.ToString() ?? "", shown?["slug"]?.ToString() ?? ""));
        foreach (var known in new[] { tag.Slug(), moved.Slug() })
            Assert.Single((await fixture.Reader.Get($"{Desk.Published}?tag={known}")).Is(HttpStatusCode.OK).Body["items"]?.AsArray() ?? []);
        (await editor.Post(Tags, new { name = Wire.Unique("x"), slug = tag.Slug() })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Patch($"{Tags}/{tag.Id}", new { slug = Wire.Unique("y") }, renamed.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task A_tag_in_use_stays_and_one_that_is_not_goes()
    {
        var name = Wire.Unique("Usage");
        var tag = await Coin(name);
        var draft = await editor.Draft(Wire.Unique("Brouillon"), more: new { tags = new[] { name } });

        var refused = (await editor.Delete($"{Tags}/{tag.Id}", tag.ETag)).Refuses(HttpStatusCode.Conflict, "tag-in-use");
        Assert.StartsWith("1 article", refused.Member("detail"), StringComparison.Ordinal);
        await editor.Change(draft, new { tags = Array.Empty<string>() });
        (await editor.Delete($"{Tags}/{tag.Id}", tag.ETag)).Is(HttpStatusCode.NoContent);
        (await editor.Get($"{Tags}/{tag.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Equal(tag.Slug(), (await Coin(name)).Slug());
    }

    [Fact]
    public async Task A_slug_that_no_reader_ever_saw_is_free_again_when_it_changes()
    {
        var slug = Wire.Unique("frei");
        var first = (await editor.Post(Tags, new { name = Wire.Unique("Thema"), slug })).Is(HttpStatusCode.Created);
        (await editor.Patch($"{Tags}/{first.Id}", new { slug = Wire.Unique("anders") }, first.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(slug, (await editor.Post(Tags, new { name = Wire.Unique("Thema"), slug })).Is(HttpStatusCode.Created).Slug());
    }
}
