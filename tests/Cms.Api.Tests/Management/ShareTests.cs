using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class ShareTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static object Image(string name, string? alt = "Alt") => new { url = $"https://example.org/{name}.jpg", alt, width = 1200, height = 630 };

    private static (string?, string?) Effective(Answer share, string member) =>
        (share.Body["effective"]![member]!["value"]?.ToString(), share.Body["effective"]![member]!["from"]!.GetValue<string>());

    [Fact]
    public async Task Each_value_says_where_it_came_from_and_the_articles_own_words_come_first()
    {
        var section = await editor.OpenSection();
        var draft = await editor.Draft(Wire.Unique("teilen"), section.Id, new { kicker = "Kicker" });
        var path = $"{Desk.Articles}/{draft.Id}/share";

        var bare = (await editor.Get(path)).Is(HttpStatusCode.OK);
        Assert.Equal(($"Kicker : {draft.Member("headline")}", "derived"), Effective(bare, "title"));
        Assert.Equal("derived", Effective(bare, "canonicalUrl").Item2);
        Assert.Contains("image missing", bare.Body["warnings"]!.AsArray().Select(w => $"{w!["field"]} {w["code"]}"));

        (await editor.Put($"{Desk.Sections}/{section.Id}/share", new { title = "Nur die Rubrik", description = "Von der Rubrik", image = Image("section"), card = "summary" }, section.ETag)).Is(HttpStatusCode.OK);
        var inherited = await editor.Get(path);
        Assert.Equal(("Von der Rubrik", "section"), Effective(inherited, "description"));
        Assert.Equal("section", Effective(inherited, "image").Item2);
        Assert.Equal(("summary", "section"), Effective(inherited, "card"));
        Assert.Equal("derived", Effective(inherited, "title").Item2);

        var withImage = await editor.Change(draft, new { standfirst = "Vorspann", leadImage = Image("lead") });
        var derived = await editor.Get(path);
        Assert.Equal(("Vorspann", "derived"), Effective(derived, "description"));
        Assert.Equal("derived", Effective(derived, "image").Item2);

        var own = (await editor.Put(path, new { title = "Eigen", description = "Eigenes", image = Image("own"), card = "summary_large_image", canonicalUrl = "https://elsewhere.example/a?b=1&c=é" }, withImage.ETag)).Is(HttpStatusCode.OK);
        Assert.All(new[] { "title", "description", "image", "card", "canonicalUrl" }, m => Assert.Equal("article", Effective(own, m).Item2));
        Assert.Contains("https%3A%2F%2Felsewhere.example%2Fa%3Fb%3D1%26c%3D%C3%A9", own.Body["links"]![0]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_share_card_is_part_of_the_draft_until_it_is_published()
    {
        var story = await editor.Story(Wire.Unique("karte"));
        var path = $"{Desk.Articles}/{story.Id}/share";
        var put = (await editor.Put(path, new { title = "Fuer Netzwerke" }, story.ETag)).Is(HttpStatusCode.OK);

        Assert.NotEqual("Fuer Netzwerke", (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body["share"]!["title"]!.GetValue<string>());
        var article = await editor.Get($"{Desk.Articles}/{story.Id}");
        Assert.Equal((put.ETag, "true"), (article.ETag, article.Member("hasUnpublishedChanges").ToLowerInvariant()));
        await editor.Publish(article);
        Assert.Equal("Fuer Netzwerke", (await reader.Get($"{Desk.Published}/{story.Slug()}")).Body["share"]!["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_patch_changes_one_member_and_delete_empties_the_card()
    {
        var draft = await editor.Draft(Wire.Unique("leer"));
        var path = $"{Desk.Articles}/{draft.Id}/share";
        var put = (await editor.Put(path, new { title = "a", description = "b" }, draft.ETag)).Is(HttpStatusCode.OK);
        var patched = (await editor.Patch(path, new { title = (string?)null }, put.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal((null, "b"), (patched.Body["own"]!["title"]?.ToString(), patched.Body["own"]!["description"]!.GetValue<string>()));

        (await editor.Delete(path, put.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await editor.Delete(path, null)).Refuses((HttpStatusCode)428, "if-match-required");
        (await editor.Delete(path, patched.ETag)).Is(HttpStatusCode.NoContent);
        Assert.Null((await editor.Get(path)).Body["own"]!["description"]);
    }

    [Fact]
    public async Task Broken_rules_are_told_at_once_by_pointer()
    {
        var draft = await editor.Draft(Wire.Unique("falsch"));
        var refused = (await editor.Put($"{Desk.Articles}/{draft.Id}/share", new
        {
            title = new string('x', 251),
            description = new string('x', 501),
            image = new { alt = "a\nb", width = 0 },
            canonicalUrl = "//evil.example",
        }, draft.ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        Assert.Equal(["/title tooLong", "/description tooLong", "/image/url required", "/image/alt text", "/image/width range", "/canonicalUrl url"], refused.Errors);
        (await editor.Put($"{Desk.Articles}/{draft.Id}/share", new { card = "huge" }, draft.ETag)).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await editor.Get($"{Desk.Articles}/{Guid.CreateVersion7()}/share")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task What_an_editor_must_still_fill_in_is_listed()
    {
        var bare = await editor.Draft(Wire.Unique("nackt"));
        var silent = await editor.Draft(Wire.Unique("stumm"), more: new { standfirst = "da", leadImage = Image("x", alt: null) });
        var full = await editor.Draft(Wire.Unique("voll"), more: new { standfirst = "da", leadImage = Image("x") });

        async Task<List<Guid>> Listed(string missing) =>
            [.. (await editor.Get($"/management/v1/share?missing={missing}&limit=100")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(a => a!["id"]!.GetValue<Guid>())];

        var (images, alts, descriptions) = (await Listed("image"), await Listed("alt"), await Listed("description"));
        Assert.Equal((true, false, false), (images.Contains(bare.Id), images.Contains(silent.Id), images.Contains(full.Id)));
        Assert.Equal((false, true, false), (alts.Contains(bare.Id), alts.Contains(silent.Id), alts.Contains(full.Id)));
        Assert.Equal((true, false), (descriptions.Contains(bare.Id), descriptions.Contains(silent.Id)));
        Assert.Equal(["missing required"], (await editor.Get("/management/v1/share")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        (await editor.Get("/management/v1/share?missing=headline")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
    }

    [Fact]
    public async Task The_sites_card_is_the_last_to_fall_back_to_and_shows_at_once()
    {
        await using var service = await fixture.StartService();
        using var desk = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        var draft = await desk.Draft(Wire.Unique("seite"));
        var site = (await desk.Get("/management/v1/site/share")).Is(HttpStatusCode.OK);
        (await desk.Patch("/management/v1/site/share", new { description = "Alles von uns", image = Image("site") }, site.ETag)).Is(HttpStatusCode.OK);

        var share = await desk.Get($"{Desk.Articles}/{draft.Id}/share");
        Assert.Equal(("Alles von uns", "site"), Effective(share, "description"));
        Assert.Equal("site", Effective(share, "image").Item2);
        Assert.Equal("Alles von uns", (await service.Anonymous().Get("/delivery/v1/site")).Body["share"]!["description"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_sections_card_is_read_changed_and_emptied_under_the_sections_version()
    {
        var section = await editor.OpenSection();
        var path = $"{Desk.Sections}/{section.Id}/share";
        var bare = (await editor.Get(path)).Is(HttpStatusCode.OK);
        Assert.Equal((section.Member("name"), "derived"), Effective(bare, "title"));
        Assert.Equal(section.ETag, bare.ETag);

        var patched = (await editor.Patch(path, new { description = "Von hier", image = new { url = "https://example.org/s.jpg" } }, bare.ETag)).Is(HttpStatusCode.OK);
        var again = (await editor.Patch(path, new { image = new { alt = "Alt" } }, patched.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal(("Von hier", "section"), Effective(again, "description"));
        Assert.Equal(("https://example.org/s.jpg", "Alt"), (again.Body["own"]!["image"]!["url"]!.GetValue<string>(), again.Body["own"]!["image"]!["alt"]!.GetValue<string>()));
        var read = await editor.Get(path);
        Assert.Equal((again.Text, again.ETag, again.ETag), (read.Text, read.ETag, (await editor.Get($"{Desk.Sections}/{section.Id}")).ETag));

        (await editor.Delete(path, patched.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await editor.Delete(path, again.ETag)).Is(HttpStatusCode.NoContent);
        Assert.Equal(bare.Body["own"]!.ToJsonString(), (await editor.Get(path)).Body["own"]!.ToJsonString());
    }

    [Fact]
    public async Task The_sites_card_is_replaced_whole_and_emptied()
    {
        await using var service = await fixture.StartService();
        using var desk = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        const string Path = "/management/v1/site/share";
        var first = (await desk.Get(Path)).Is(HttpStatusCode.OK);
        var full = (await desk.Put(Path, new { title = "Titel", description = "Text", image = Image("site"), card = "summary", canonicalUrl = "https://example.org/" }, first.ETag)).Is(HttpStatusCode.OK);
        Assert.All(new[] { "title", "description", "image", "card", "canonicalUrl" }, m => Assert.Equal("site", Effective(full, m).Item2));
        var less = (await desk.Put(Path, new { description = "Nur das" }, full.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal((null, "Nur das"), (less.Body["own"]!["title"]?.ToString(), less.Body["own"]!["description"]!.GetValue<string>()));
        Assert.Equal(less.ETag, (await desk.Get("/management/v1/site")).ETag);

        (await desk.Delete(Path, full.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await desk.Delete(Path, less.ETag)).Is(HttpStatusCode.NoContent);
        Assert.Null((await desk.Get(Path)).Body["own"]!["description"]);
    }
}
