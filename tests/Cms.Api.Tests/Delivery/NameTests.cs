using System.Net;

namespace Cms.Api.Tests.Delivery;

/// <summary>Authors and tags as readers find them: while a published article shows them, and no longer.</summary>
public sealed class NameTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<Answer> Introduce(object? more = null) =>
        (await editor.Post("/management/v1/authors", more ?? new { name = Wire.Unique("Auteur") })).Is(HttpStatusCode.Created);

    private static object By(params Answer[] authors) => new { credits = authors.Select(a => new { role = "author", authorId = a.Id }) };

    private async Task<HashSet<string>> All(string kind)
    {
        var (seen, path) = (new List<string>(), (string?)$"/delivery/v1/{kind}?limit=3");
        while (path is not null)
        {
            var page = (await reader.Get(path)).Is(HttpStatusCode.OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(a => a!["slug"]!.GetValue<string>()));
            path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
        }

        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        return [.. seen];
    }

    [Fact]
    public async Task An_author_has_a_page_without_an_address_to_write_to()
    {
        var author = await Introduce(new { name = Wire.Unique("Zoë"), bio = "Une ligne", url = "https://example.org/zoe", email = "zoe@example.org" });
        await editor.Story(Wire.Unique("artikel"), more: By(author));
        var answer = (await reader.Get($"/delivery/v1/authors/{author.Slug()}")).Is(HttpStatusCode.OK);

        Assert.Equal(["id", "slug", "name", "path", "url", "bio", "website"], answer.Body.Select(m => m.Key));
        Assert.Equal((author.Id, author.Member("name"), "Une ligne", "https://example.org/zoe"), (answer.Id, answer.Member("name"), answer.Member("bio"), answer.Member("website")));
        Assert.EndsWith(answer.Member("path"), answer.Member("url"), StringComparison.Ordinal);
        Assert.Contains("Zoë", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('@', answer.Text);
    }

    [Fact]
    public async Task Whom_and_what_only_drafts_name_readers_never_learn()
    {
        var (author, tag) = (await Introduce(), Wire.Unique("geheim"));
        await editor.Draft(Wire.Unique("entwurf"), more: new { tags = new[] { tag }, credits = new[] { new { role = "author", authorId = author.Id } } });
        var story = await editor.Story(Wire.Unique("artikel"));
        await editor.Change(story, new { tags = new[] { tag } });

        foreach (var path in new[] { $"authors/{author.Slug()}", $"tags/{tag}" }) (await reader.Get($"/delivery/v1/{path}")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.DoesNotContain(author.Slug(), await All("authors"));
        Assert.DoesNotContain(tag, await All("tags"));
    }

    [Fact]
    public async Task They_go_with_the_last_article_that_shows_them_and_come_back_with_the_next()
    {
        var (stays, leaves, tag) = (await Introduce(), await Introduce(), Wire.Unique("thema"));
        var first = await editor.Story(Wire.Unique("eins"), more: new { tags = new[] { tag }, credits = new[] { stays, leaves }.Select(a => new { role = "author", authorId = a.Id }) });
        var second = await editor.Story(Wire.Unique("zwei"), more: By(stays));
        Assert.Superset(new HashSet<string> { stays.Slug(), leaves.Slug() }, await All("authors"));

        var withdrawn = await editor.Withdraw(first);
        (await reader.Get($"/delivery/v1/authors/{stays.Slug()}")).Is(HttpStatusCode.OK);
        (await reader.Get($"/delivery/v1/authors/{leaves.Slug()}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await reader.Get($"/delivery/v1/tags/{tag}")).Refuses(HttpStatusCode.NotFound, "not-found");

        var back = await editor.Publish(withdrawn);
        (await reader.Get($"/delivery/v1/authors/{leaves.Slug()}")).Is(HttpStatusCode.OK);
        (await reader.Get($"/delivery/v1/tags/{tag}")).Is(HttpStatusCode.OK);

        await editor.Publish(await editor.Change(second, new { credits = Array.Empty<object>() }));
        await editor.Publish(await editor.Change(back, new { credits = new[] { new { role = "author", authorId = leaves.Id } }, tags = Array.Empty<string>() }));
        (await reader.Get($"/delivery/v1/authors/{stays.Slug()}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await reader.Get($"/delivery/v1/tags/{tag}")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.DoesNotContain(tag, await All("tags"));
    }

    [Fact]
    public async Task A_new_name_shows_at_once_and_a_moved_slug_leads_on()
    {
        var (author, name, slug) = (await Introduce(), Wire.Unique("Neu"), Wire.Unique("neu"));
        await editor.Story(Wire.Unique("artikel"), more: By(author));
        var renamed = (await editor.Patch($"/management/v1/authors/{author.Id}", new { name, slug }, author.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(name, (await reader.Get($"/delivery/v1/authors/{slug}")).Is(HttpStatusCode.OK).Member("name"));
        Assert.Equal($"/delivery/v1/authors/{slug}", (await reader.Get($"/delivery/v1/authors/{author.Slug()}")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        Assert.DoesNotContain(author.Slug(), await All("authors"));
        (await editor.Patch($"/management/v1/authors/{author.Id}", new { bio = "Neues" }, renamed.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal("Neues", (await reader.Get($"/delivery/v1/authors/{slug}")).Member("bio"));

        var tag = Wire.Unique("altes");
        var story = await editor.Story(Wire.Unique("artikel"), more: new { tags = new[] { tag } });
        var known = (await editor.Get($"/management/v1/tags?q={tag}")).Body["items"]![0]!;
        (await editor.Patch($"/management/v1/tags/{known["id"]}", new { name = slug, slug }, "*")).Is(HttpStatusCode.OK);
        Assert.Equal($"/delivery/v1/tags/{slug}", (await reader.Get($"/delivery/v1/tags/{tag}")).Is(HttpStatusCode.MovedPermanently).Message.Headers.Location?.ToString());
        Assert.Equal(slug, (await reader.Get($"/delivery/v1/tags/{slug}")).Is(HttpStatusCode.OK).Member("name"));
        await editor.Withdraw(story);
        foreach (var gone in new[] { tag, slug }) (await reader.Get($"/delivery/v1/tags/{gone}")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_changed_address_of_the_site_reaches_them()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        await own.Story(Wire.Unique("artikel"), more: new { tags = new[] { "thema" } });
        (await own.Patch("/management/v1/site", new { baseUrl = "https://neu.example", paths = new { tag = "/t/{slug}" } }, "*")).Is(HttpStatusCode.OK);
        await service.Settle();

        Assert.Equal("https://neu.example/t/thema", (await anybody.Get("/delivery/v1/tags/thema")).Is(HttpStatusCode.OK).Member("url"));
    }

    [Fact]
    public async Task The_longest_slug_ends_a_page_too()
    {
        var names = new[] { string.Concat(Enumerable.Repeat("語", 80)), string.Concat(Enumerable.Repeat("語", 79)) };
        var authors = new List<Answer>();
        foreach (var name in names) authors.Add(await Introduce(new { name, slug = string.Concat(Enumerable.Repeat("語", 116)) + Wire.Unique("")[1..5] })); // 352 bytes
        await editor.Story(Wire.Unique("artikel"), more: By([.. authors]));

        Assert.Superset(authors.Select(a => a.Slug()).ToHashSet(), await All("authors"));
    }

    [Fact]
    public async Task An_answer_says_what_it_shows_and_a_slug_that_is_none_is_not_found()
    {
        var author = await Introduce();
        await editor.Story(Wire.Unique("artikel"), more: By(author));

        Assert.Equal($"author/{author.Slug()}", (await reader.Get($"/delivery/v1/authors/{author.Slug()}")).Message.Headers.GetValues("Surrogate-Key").Single());
        Assert.Equal("authors", (await reader.Get("/delivery/v1/authors")).Message.Headers.GetValues("Surrogate-Key").Single());
        Assert.Equal("tags", (await reader.Get("/delivery/v1/tags")).Message.Headers.GetValues("Cache-Tag").Single());
        foreach (var path in new[] { "authors", "authors/x", "tags", "tags/x" })
            Assert.Equal(["preview unknown"], (await reader.Get($"/delivery/v1/{path}?preview=1")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        foreach (var slug in new[] { "Gro%C3%9F", "never-was" }) (await reader.Get($"/delivery/v1/tags/{slug}")).Refuses(HttpStatusCode.NotFound, "not-found");
    }
}
