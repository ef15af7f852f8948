using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Delivery;

public sealed class RelatedTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static string[] Slugs(JsonNode? items) => [.. items!.AsArray().Select(i => i!["slug"]!.GetValue<string>())];

    private async Task<string[]> Beside(Answer story, string query = "") =>
        Slugs((await reader.Get($"{Desk.Published}/{story.Slug()}/related{query}")).Is(HttpStatusCode.OK).Body["items"]);

    [Fact]
    public async Task The_editors_choice_stands_first_then_the_nearest()
    {
        var (one, two) = (Wire.Unique("marke"), Wire.Unique("marke"));
        var (section, other) = (await editor.OpenSection(), await editor.OpenSection());
        var sectionOnly = await editor.Story(Wire.Unique("ressort"), section.Id);
        var sameWords = await editor.Story("Kleine Brücke am Fluss", section.Id);
        var oneTag = await editor.Story(Wire.Unique("eine"), other.Id, new { tags = new[] { one } });
        var oneTagNewer = await editor.Story(Wire.Unique("eine"), other.Id, new { tags = new[] { two } });
        var oneTagAndSection = await editor.Story(Wire.Unique("beides"), section.Id, new { tags = new[] { one } });
        var twoTags = await editor.Story(Wire.Unique("zwei"), other.Id, new { tags = new[] { two, one } });
        var foreign = await editor.Story(Wire.Unique("fremd"), section.Id, new { language = "en", tags = new[] { one, two } });
        var unseen = await editor.Draft(Wire.Unique("entwurf"), section.Id, new { tags = new[] { one, two } });
        var chosen = await editor.Story(Wire.Unique("wahl"));
        var more = new { tags = new[] { one, two }, relatedIds = new[] { unseen.Id, chosen.Id, oneTag.Id } };
        var story = await editor.Story("Große Brücke über den Fluss", section.Id, more);
        await editor.Story(Wire.Unique("translated"), section.Id, new { language = "de", translationOf = story.Id, tags = new[] { one, two } });

        string[] expected = [chosen.Slug(), oneTag.Slug(), twoTags.Slug(), oneTagAndSection.Slug(), oneTagNewer.Slug(), sameWords.Slug(), sectionOnly.Slug()];
        Assert.Equal(expected, await Beside(story, "?limit=20"));
        Assert.Equal(expected[..6], await Beside(story));
        Assert.Equal(expected[..1], await Beside(story, "?limit=1&fields=slug"));
        Assert.DoesNotContain(foreign.Slug(), expected);

        var whole = (await reader.Get($"{Desk.Published}/{story.Slug()}?include=related,head&fields=headline,related")).Is(HttpStatusCode.OK);
        Assert.Equal(expected[..6], Slugs(whole.Body["relatedArticles"]));
        Assert.Equal([chosen.Slug(), oneTag.Slug()], Slugs(whole.Body["related"]));
        Assert.Equal(["headline", "related", "head", "relatedArticles"], whole.Body.Select(m => m.Key));
        Assert.Equal("public, max-age=30", whole.Message.Headers.CacheControl?.ToString());
        Assert.Equal([$"article/{story.Slug()}"], whole.Message.Headers.GetValues("Surrogate-Key"));

        await editor.Withdraw(chosen);
        Assert.Equal(expected[1..], await Beside(story, "?limit=20"));
    }

    [Fact]
    public async Task It_moves_and_goes_with_the_article()
    {
        var story = await editor.Story(Wire.Unique("umzug"));
        var (old, slug) = (story.Slug(), Wire.Unique("neu"));
        Assert.Empty(await Beside(story));
        var moved = await editor.Publish(await editor.Change(story, new { slug }));

        foreach (var below in new[] { "/related?limit=3", "?include=related" })
        {
            var answer = (await reader.Get($"{Desk.Published}/{old}{below}")).Is(HttpStatusCode.MovedPermanently);
            Assert.Equal($"{Desk.Published}/{slug}{below}", answer.Message.Headers.Location?.ToString());
            (await reader.Get($"{Desk.Published}/{Wire.Unique("nie")}{below}")).Refuses(HttpStatusCode.NotFound, "not-found");
        }

        await editor.Withdraw(moved);
        (await reader.Get($"{Desk.Published}/{slug}/related")).Refuses(HttpStatusCode.Gone, "gone");
        Assert.Equal(["limit range"], (await reader.Get($"{Desk.Published}/{slug}/related?limit=21")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Caches_hold_it_for_half_a_minute_and_nothing_purges_it()
    {
        var story = await editor.Story(Wire.Unique("kurz"));
        var answer = (await reader.Get($"{Desk.Published}/{story.Slug()}/related")).Is(HttpStatusCode.OK);

        Assert.Equal(("public, max-age=30", "max-age=30"), (answer.Message.Headers.CacheControl?.ToString(), answer.Message.Headers.GetValues("CDN-Cache-Control").Single()));
        Assert.False(answer.Message.Headers.Contains("Surrogate-Key") || answer.Message.Headers.Contains("Cache-Tag"));
        (await reader.Get($"{Desk.Published}/{story.Slug()}/related", ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
    }
}
