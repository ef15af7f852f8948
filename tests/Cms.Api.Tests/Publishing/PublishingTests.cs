using System.Net;

namespace Cms.Api.Tests.Publishing;

public sealed class PublishingTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<Answer> Read(string slug) => (await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);

    [Fact]
    public async Task A_draft_that_is_not_ready_is_refused_with_what_is_missing()
    {
        var draft = (await editor.Post(Desk.Articles, new { headline = Wire.Unique("x") })).Is(HttpStatusCode.Created);

        var refused = (await editor.Act($"{Desk.Articles}/{draft.Id}/publish", draft.ETag)).Refuses(HttpStatusCode.Conflict, "not-ready");
        Assert.Contains("sectionId", refused.Member("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishing_an_unchanged_article_changes_nothing()
    {
        var story = await editor.Story(Wire.Unique("gleich"));
        var before = await Read(story.Slug());
        var again = await editor.Publish(story);

        Assert.Equal((story.Text, story.ETag), (again.Text, again.ETag));
        Assert.Equal((before.Text, before.ETag), await Read(story.Slug()) is var after ? (after.Text, after.ETag) : default);
    }

    [Fact]
    public async Task No_byte_of_an_edit_reaches_readers_before_it_is_published()
    {
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("live"), section.Id, new { standfirst = "vieux" });
        var before = await Read(story.Slug());
        var edited = await editor.Change(story, new { headline = Wire.Unique("SECRET"), standfirst = "SECRET", slug = Wire.Unique("secret"), body = new[] { new { type = "paragraph", text = "SECRET" } }, tags = new[] { "SECRET" } });

        Assert.Equal("True", edited.Member("hasUnpublishedChanges"), ignoreCase: true);
        Assert.Equal(before.Text, (await Read(story.Slug())).Text);
        var renamed = Wire.Unique("Rubrique");
        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { name = renamed }, section.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        var rerendered = await Read(story.Slug());
        Assert.Equal(renamed, rerendered.Body["section"]!["name"]!.GetValue<string>());
        Assert.DoesNotContain("SECRET", rerendered.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("SECRET", (await reader.Get($"{Desk.Published}?section={section.Slug()}")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before.Member("updatedAt"), rerendered.Member("updatedAt"));
        Assert.NotEqual(before.ETag, rerendered.ETag);

        var published = await editor.Publish(edited);
        Assert.Contains("SECRET", (await Read(published.Slug())).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_slug_redirects_after_the_next_publication_and_not_before()
    {
        var (first, second) = (Wire.Unique("alt"), Wire.Unique("neu"));
        var story = await editor.Story(first);
        var moved = await editor.Change(story, new { slug = second });

        await Read(first);
        (await reader.Get($"{Desk.Published}/{second}")).Refuses(HttpStatusCode.NotFound, "not-found");
        await editor.Publish(moved);
        var redirect = (await reader.Get($"{Desk.Published}/{first}")).Is(HttpStatusCode.MovedPermanently);
        Assert.Equal($"{Desk.Published}/{second}", redirect.Message.Headers.Location?.ToString());
        await Read(second);
        // Readers know the old address: it is nobody else's.
        (await editor.Post(Desk.Articles, new { headline = "x", slug = first })).Refuses(HttpStatusCode.Conflict, "slug-taken");
    }

    [Fact]
    public async Task A_withdrawn_article_is_gone_at_every_address_it_had_and_can_come_back()
    {
        var (first, second) = (Wire.Unique("alt"), Wire.Unique("neu"));
        var story = await editor.Story(first);
        var moved = await editor.Publish(await editor.Change(story, new { slug = second }));
        var withdrawn = await editor.Withdraw(moved);

        Assert.Equal("withdrawn", withdrawn.Member("status"));
        (await reader.Get($"{Desk.Published}/{first}")).Refuses(HttpStatusCode.Gone, "gone");
        (await reader.Get($"{Desk.Published}/{second}")).Refuses(HttpStatusCode.Gone, "gone");
        (await editor.Act($"{Desk.Articles}/{story.Id}/withdraw", withdrawn.ETag)).Refuses(HttpStatusCode.Conflict, "wrong-status");
        var back = await editor.Publish(withdrawn);
        Assert.Equal(story.Member("firstPublishedAt"), back.Member("firstPublishedAt"));
        await Read(second);
        (await reader.Get($"{Desk.Published}/{first}")).Is(HttpStatusCode.MovedPermanently);
    }

    [Fact]
    public async Task Withdrawing_takes_an_article_out_of_whatever_shows_it_at_once()
    {
        var shown = await editor.Story(Wire.Unique("gezeigt"));
        var showing = await editor.Story(Wire.Unique("zeigt"), more: new
        {
            relatedIds = new[] { shown.Id },
            body = new object[] { new { type = "paragraph", text = "a" }, new { type = "related", label = "À lire aussi", articleId = shown.Id } },
        });
        var before = await Read(showing.Slug());
        Assert.Equal(shown.Slug(), before.Body["related"]![0]!["slug"]!.GetValue<string>());
        Assert.Equal(shown.Slug(), before.Body["body"]![1]!["article"]!["slug"]!.GetValue<string>());

        await editor.Withdraw(shown);
        var after = await Read(showing.Slug());

        Assert.Empty(after.Body["related"]!.AsArray());
        Assert.Single(after.Body["body"]!.AsArray());
        Assert.DoesNotContain(shown.Slug(), after.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_published_article_appears_where_it_was_named_before_with_its_headline_of_today()
    {
        var later = await editor.Draft(Wire.Unique("spaeter"));
        var showing = await editor.Story(Wire.Unique("zeigt"), more: new { relatedIds = new[] { later.Id } });
        Assert.Empty((await Read(showing.Slug())).Body["related"]!.AsArray());

        var published = await editor.Publish(later);
        Assert.Equal(later.Slug(), (await Read(showing.Slug())).Body["related"]![0]!["slug"]!.GetValue<string>());
        var headline = Wire.Unique("umbenannt");
        await editor.Publish(await editor.Change(published, new { headline }));
        Assert.Equal(headline, (await Read(showing.Slug())).Body["related"]![0]!["headline"]!.GetValue<string>());
    }

    [Fact]
    public async Task Past_two_hundred_the_rest_follows_in_the_background()
    {
        var section = (await editor.OpenSection()).Id;
        var shown = await editor.Story(Wire.Unique("vielgezeigt"), section);
        var showing = new List<string>();
        for (var i = 0; i < 205; i++) showing.Add((await editor.Story(Wire.Unique("zeigt"), section, new { relatedIds = new[] { shown.Id } })).Slug());

        await editor.Withdraw(shown);
        await fixture.Service.Settle();

        foreach (var slug in showing) Assert.Empty((await Read(slug)).Body["related"]!.AsArray());
    }

    [Fact]
    public async Task Translations_name_each_other()
    {
        var french = await editor.Story(Wire.Unique("texte"));
        var english = await editor.Story(Wire.Unique("text"), more: new { language = "en", translationOf = french.Id });

        var translation = Assert.Single((await Read(french.Slug())).Body["translations"]!.AsArray());
        Assert.Equal(("en", english.Slug()), (translation!["language"]!.GetValue<string>(), translation["slug"]!.GetValue<string>()));
        Assert.Equal(french.Slug(), (await Read(english.Slug())).Body["translations"]![0]!["slug"]!.GetValue<string>());
        await editor.Withdraw(english);
        Assert.Empty((await Read(french.Slug())).Body["translations"]!.AsArray());
    }

    [Fact]
    public async Task Discarding_returns_the_draft_to_what_readers_see()
    {
        var story = await editor.Story(Wire.Unique("bleibt"), more: new { kicker = "k", extra = new { z = 1, a = "b" } });
        var slug = Wire.Unique("verworfen");
        var edited = await editor.Change(story, new { kicker = "anders", slug });
        var discarded = (await editor.Act($"{Desk.Articles}/{story.Id}/discard-draft", edited.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(("k", story.Slug(), "False"), (discarded.Member("kicker"), discarded.Slug(), discarded.Member("hasUnpublishedChanges")), new IgnoreCase());
        (await editor.Post(Desk.Articles, new { headline = "x", slug })).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_preview_is_what_delivery_shows_after_publication()
    {
        var draft = await editor.Draft(Wire.Unique("vorschau"), more: new { body = new[] { new { type = "heading", level = 2, text = "Été" } } });
        var preview = (await editor.Get($"{Desk.Articles}/{draft.Id}/preview")).Is(HttpStatusCode.OK);
        var story = await editor.Publish(draft);
        var (before, after) = (preview.Body, (await Read(story.Slug())).Body);

        Assert.Equal("no-store", preview.Message.Headers.CacheControl?.ToString());
        foreach (var name in new[] { "firstPublishedAt", "publishedAt", "updatedAt" }) (before[name], after[name]) = (null, null);
        Assert.Equal(after.ToJsonString(), before.ToJsonString());
    }

    [Theory]
    [InlineData("?include=head&render=html")]
    [InlineData("?include=head&render=html,text")]
    [InlineData("?fields=headline,slug&render=text")]
    public async Task The_preview_has_the_page_that_delivery_has_after_publication(string parts)
    {
        var draft = await editor.Draft(Wire.Unique("seite"), more: new { body = new[] { new { type = "heading", level = 2, text = "Été" } } });
        var preview = (await editor.Get($"{Desk.Articles}/{draft.Id}/preview{parts}")).Is(HttpStatusCode.OK).Body;
        var story = await editor.Publish(draft);
        var read = (await reader.Get($"{Desk.Published}/{story.Slug()}{parts}")).Is(HttpStatusCode.OK).Body;

        Assert.Equal(read.AsObject().Select(m => m.Key), preview.AsObject().Select(m => m.Key));
        foreach (var name in new[] { "html", "text", "headline" }) Assert.Equal(read[name]?.ToJsonString(), preview[name]?.ToJsonString());
        Assert.Equal(read["head"]?["canonical"]?.ToJsonString(), preview["head"]?["canonical"]?.ToJsonString());
    }

    [Fact]
    public async Task A_renamed_author_and_tag_show_everywhere()
    {
        var author = (await editor.Post("/management/v1/authors", new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);
        var tagName = Wire.Unique("thema");
        var story = await editor.Story(Wire.Unique("genannt"), more: new { tags = new[] { tagName }, credits = new[] { new { role = "author", authorId = author.Id } } });
        var tag = (await editor.Get($"/management/v1/tags?q={tagName}")).Body["items"]![0]!;
        var tagAddress = $"/management/v1/tags/{tag["id"]}";
        var (newAuthor, newTag) = (Wire.Unique("Berthe"), Wire.Unique("sujet"));

        (await editor.Patch($"/management/v1/authors/{author.Id}", new { name = newAuthor, slug = newAuthor.ToLowerInvariant() }, author.ETag)).Is(HttpStatusCode.OK);
        (await editor.Patch(tagAddress, new { name = newTag }, (await editor.Get(tagAddress)).ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        var read = await Read(story.Slug());
        Assert.Equal((newAuthor, newTag), (read.Body["credits"]![0]!["name"]!.GetValue<string>(), read.Body["tags"]![0]!["name"]!.GetValue<string>()));
        Assert.Single((await reader.Get($"{Desk.Published}?author={newAuthor.ToLowerInvariant()}")).Body["items"]!.AsArray());
        Assert.Single((await reader.Get($"{Desk.Published}?author={author.Slug()}")).Body["items"]!.AsArray());
    }

    private sealed class IgnoreCase : IEqualityComparer<(string, string, string)>
    {
        public bool Equals((string, string, string) x, (string, string, string) y) => string.Equals(x.ToString(), y.ToString(), StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string, string, string) obj) => 0;
    }
}
