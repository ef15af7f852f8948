using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class AuthorTests(ApiFixture fixture)
{
    private const string Authors = "/management/v1/authors";
    private readonly HttpClient editor = fixture.Editor;

    private async Task<Answer> Introduce(object? more = null) =>
        (await editor.Post(Authors, more ?? new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);

    private static object Credit(Answer author) => new { credits = new[] { new { role = "author", authorId = author.Id } } };

    [Fact]
    public async Task What_creating_answers_is_what_reading_gives_back()
    {
        var name = Wire.Unique("Zoë Ørsted");
        var created = await Introduce(new { name, bio = "Une ligne\r\nune autre", url = "https://example.org/zoe", email = "Zoe@Bücher.example" });
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal($"{Authors}/{created.Id}", created.Message.Headers.Location?.ToString());
        Assert.Equal(created.Text, read.Text);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal(name.ToLowerInvariant().Replace("ë", "e", StringComparison.Ordinal).Replace("ø", "o", StringComparison.Ordinal).Replace(' ', '-'), read.Slug());
        Assert.Equal(("Une ligne\nune autre", "https://example.org/zoe", "Zoe@xn--bcher-kva.example"), (read.Member("bio"), read.Member("url"), read.Member("email")));
        Assert.Equal(read.Member("createdAt"), read.Member("updatedAt"));
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        var refused = await editor.Post(Authors, new { name = " ", slug = "Not A Slug", bio = "a\u202Eb", url = "ftp://example.org", email = "nobody" });

        Assert.Equal(["/name required", "/slug slug", "/bio text", "/url url", "/email email"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(
            ["/name tooLong", "/slug tooLong", "/bio tooLong", "/url tooLong", "/email email"],
            (await editor.Post(Authors, new
            {
                name = new string('n', 201),
                slug = new string('s', 121),
                bio = new string('b', 501),
                url = "https://example.org/" + new string('u', 2_048),
                email = new string('e', 65) + "@example.org",
            })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name required"], (await editor.Post(Authors, new { })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/name text"], (await editor.Post(Authors, new { name = "a\nb" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task The_longest_values_are_kept_whole()
    {
        var name = Wire.Unique(string.Concat(Enumerable.Repeat("𝒜", 150))) + new string('n', 39); // 150 + 11 + 39 scalars
        var author = await Introduce(new { name, bio = new string('é', 500), url = "https://example.org/" + new string('u', 2_028) });

        Assert.Equal(name, (await editor.Get($"{Authors}/{author.Id}")).Member("name"));
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_removes()
    {
        var author = await Introduce(new { name = Wire.Unique("Berthe"), bio = "x", url = "https://example.org/" });
        var changed = (await editor.Patch($"{Authors}/{author.Id}", new { url = (string?)null, email = "b@example.org" }, author.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal((author.Member("name"), "x", "", "b@example.org"), (changed.Member("name"), changed.Member("bio"), changed.Member("url"), changed.Member("email")));
        Assert.NotEqual(author.ETag, changed.ETag);
        Assert.Equal(["/name required"], (await editor.Patch($"{Authors}/{author.Id}", new { name = (string?)null }, changed.ETag))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        (await editor.Patch($"{Authors}/{author.Id}", new { bio = "y" }, author.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task A_PUT_without_a_slug_keeps_it_and_drops_what_else_it_leaves_out()
    {
        var author = await Introduce(new { name = Wire.Unique("Claire"), bio = "x" });
        var replaced = (await editor.Put($"{Authors}/{author.Id}", new { name = Wire.Unique("Denise") }, author.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal((author.Slug(), ""), (replaced.Slug(), replaced.Member("bio")));
    }

    [Fact]
    public async Task A_derived_slug_takes_the_next_number_and_a_given_one_that_is_taken_is_refused()
    {
        var name = Wire.Unique("Eve");
        var (first, second) = (await Introduce(new { name }), await Introduce(new { name }));

        Assert.Equal((name.ToLowerInvariant(), name.ToLowerInvariant() + "-2"), (first.Slug(), second.Slug()));
        (await editor.Post(Authors, new { name, slug = first.Slug() })).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Patch($"{Authors}/{second.Id}", new { slug = first.Slug() }, second.ETag)).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Patch($"{Authors}/{second.Id}", new { slug = second.Slug() }, second.ETag)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_old_slug_leads_readers_on_and_nobody_else_may_take_it()
    {
        var author = await Introduce();
        await editor.Story(Wire.Unique("Article"), more: Credit(author));
        var slug = Wire.Unique("neu");
        (await editor.Patch($"{Authors}/{author.Id}", new { slug }, author.ETag)).Is(HttpStatusCode.OK);

        foreach (var known in new[] { author.Slug(), slug })
            Assert.Single((await fixture.Reader.Get($"{Desk.Published}?author={known}")).Is(HttpStatusCode.OK).Body["items"]?.AsArray() ?? []);
        (await editor.Post(Authors, new { name = "x", slug = author.Slug() })).Refuses(HttpStatusCode.Conflict, "slug-taken");
    }

    [Fact]
    public async Task A_rename_reaches_the_articles_that_readers_see()
    {
        var author = await Introduce();
        var story = await editor.Story(Wire.Unique("Article"), more: Credit(author));
        var name = Wire.Unique("Françoise");
        (await editor.Patch($"{Authors}/{author.Id}", new { name }, author.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        var shown = (await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
        Assert.Equal(name, shown.Body["credits"]?[0]?["name"]?.ToString());
    }

    [Fact]
    public async Task An_author_in_use_stays_and_the_refusal_says_by_how_many_articles()
    {
        var author = await Introduce();
        var section = (await editor.OpenSection()).Id;
        var draft = await editor.Draft(Wire.Unique("Brouillon"), section, Credit(author));
        var story = await editor.Story(Wire.Unique("Article"), section, Credit(author));

        var refused = (await editor.Delete($"{Authors}/{author.Id}", author.ETag)).Refuses(HttpStatusCode.Conflict, "author-in-use");
        Assert.StartsWith("2 articles", refused.Member("detail"), StringComparison.Ordinal);

        await editor.Change(draft, new { credits = Array.Empty<object>() });
        await editor.Change(story, new { credits = Array.Empty<object>() }); // readers still see the credit
        refused = (await editor.Delete($"{Authors}/{author.Id}", author.ETag)).Refuses(HttpStatusCode.Conflict, "author-in-use");
        Assert.StartsWith("1 article", refused.Member("detail"), StringComparison.Ordinal);
        (await editor.Get($"{Authors}/{author.Id}")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_deleted_author_is_gone_and_the_slug_is_free()
    {
        var author = await Introduce();
        Assert.Empty((await editor.Delete($"{Authors}/{author.Id}", author.ETag)).Is(HttpStatusCode.NoContent).Bytes);

        (await editor.Get($"{Authors}/{author.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await editor.Delete($"{Authors}/{author.Id}", author.ETag)).Refuses(HttpStatusCode.NotFound, "not-found");
        await Introduce(new { name = "x", slug = author.Slug() });
    }

    [Fact]
    public async Task Pages_hold_every_author_once_oldest_first()
    {
        await using var service = await fixture.StartService();
        var client = await service.Client(TestContext.Current.CancellationToken, "taxonomy:write");
        var made = new List<string>();
        for (var i = 0; i < 5; i++) made.Add((await client.Post(Authors, new { name = $"N{i}" })).Is(HttpStatusCode.Created).Member("id"));

        var (seen, path) = (new List<string>(), $"{Authors}?limit=2");
        for (var next = ""; next is not null; path = $"{Authors}?limit=2&cursor={next}")
        {
            var page = (await client.Get(path)).Is(HttpStatusCode.OK);
            seen.AddRange((page.Body["items"]?.AsArray() ?? []).Select(a => a?["id"]?.ToString() ?? ""));
            next = page.Body["next"]?.ToString();
            Assert.Equal(next is null ? [] : [$"<{Authors}?limit=2&cursor={next}>; rel=\"next\""], page.Message.Headers.TryGetValues("Link", out var link) ? link.ToArray() : []);
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task A_slug_that_no_reader_ever_saw_is_free_again_when_it_changes()
    {
        var slug = Wire.Unique("frei");
        var first = (await editor.Post(Authors, new { name = Wire.Unique("Anne"), slug })).Is(HttpStatusCode.Created);
        (await editor.Patch($"{Authors}/{first.Id}", new { slug = Wire.Unique("anders") }, first.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(slug, (await editor.Post(Authors, new { name = Wire.Unique("Anne"), slug })).Is(HttpStatusCode.Created).Slug());
    }
}
