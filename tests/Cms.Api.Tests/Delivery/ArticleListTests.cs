using System.Net;

namespace Cms.Api.Tests.Delivery;

public sealed class ArticleListTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<string[]> Slugs(string filter)
    {
        var (seen, path) = (new List<string>(), (string?)$"{Desk.Published}?{filter}");
        while (path is not null)
        {
            var page = (await reader.Get(path)).Is(HttpStatusCode.OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(a => a!["slug"]!.GetValue<string>()));
            path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
        }

        return [.. seen];
    }

    [Fact]
    public async Task Several_languages_are_one_list_in_the_order_of_all()
    {
        var section = await editor.OpenSection();
        var stories = new List<Answer>();
        foreach (var language in new[] { "fr", "de", "en", "fr", "en", "fr" }) stories.Add(await editor.Story(Wire.Unique(language), section.Id, new { language }));
        var wanted = stories.Where(s => s.Member("language") != "de").Select(s => s.Slug()).ToArray();

        Assert.Equal(wanted.Reverse(), await Slugs($"section={section.Slug()}&language=fr,en&limit=2"));
        Assert.Equal(wanted, await Slugs($"section={section.Slug()}&language=en,fr&limit=2&sort=oldest"));
        Assert.Equal([stories[1].Slug()], await Slugs($"section={section.Slug()}&language=de"));
    }

    [Fact]
    public async Task From_and_to_bound_the_first_publication_half_open()
    {
        var section = await editor.OpenSection();
        var stories = new List<Answer>();
        foreach (var language in new[] { "fr", "en", "fr", "en" }) stories.Add(await editor.Story(Wire.Unique("zeit"), section.Id, new { language }));
        var slugs = stories.Select(s => s.Slug()).ToArray();
        string At(int i) => Uri.EscapeDataString(stories[i].Member("firstPublishedAt"));
        await editor.Publish(await editor.Change(stories[0], new { standfirst = "neu" })); // its first publication stays

        foreach (var (sort, ordered) in new[] { ("newest", slugs.Reverse().ToArray()), ("oldest", slugs) })
        {
            var list = $"section={section.Slug()}&sort={sort}&limit=1";
            Assert.Equal(ordered.Where(s => s != slugs[0]), await Slugs($"{list}&from={At(1)}"));
            Assert.Equal(ordered.Where(s => s == slugs[0]), await Slugs($"{list}&to={At(1)}"));
            Assert.Equal(ordered.Where(s => s == slugs[1] || s == slugs[2]), await Slugs($"{list}&from={At(1)}&to={At(3)}"));
            Assert.Equal([slugs[2]], await Slugs($"{list}&from={At(1)}&to={At(3)}&language=fr,de"));
            Assert.Empty(await Slugs($"{list}&from=2199-01-01T00:00:00Z"));
            Assert.Empty(await Slugs($"{list}&from={At(2)}&to={At(2)}"));
        }
    }

    [Fact]
    public async Task Updated_puts_the_latest_publication_first_page_by_page()
    {
        var section = await editor.OpenSection();
        var stories = new List<Answer>();
        for (var i = 0; i < 4; i++) stories.Add(await editor.Story(Wire.Unique("frisch"), section.Id, new { language = i == 3 ? "en" : "fr" }));
        var renewed = await editor.Publish(await editor.Change(stories[1], new { standfirst = "neu" }));
        await editor.Change(stories[0], new { standfirst = "nur ein Entwurf" });

        string[] expected = [renewed.Slug(), stories[3].Slug(), stories[2].Slug(), stories[0].Slug()];
        Assert.Equal(expected, await Slugs($"section={section.Slug()}&sort=updated&limit=1"));
        Assert.Equal(expected, await Slugs($"section={section.Slug()}&sort=updated&limit=3&language=en,fr"));
        Assert.Equal(expected.Where(s => s != stories[3].Slug()), await Slugs($"section={section.Slug()}&sort=updated&limit=1&language=fr"));
        Assert.Equal([stories[3].Slug(), stories[2].Slug(), renewed.Slug(), stories[0].Slug()], await Slugs($"section={section.Slug()}"));
    }

    [Theory]
    [InlineData("language=fr,fr", "language range")]
    [InlineData("language=fr,FR", "language range")]
    [InlineData("section=a,b", "section range")]
    [InlineData("from=2026-11-24T09:00:00", "from range")]
    [InlineData("to=0001-01-01T00:00:00Z", "to range")]
    [InlineData("sort=headline", "sort range")]
    [InlineData("sort=updated&from=2026-11-24T09:00:00Z", "from sort")]
    [InlineData("sort=updated&from=2026-11-24T09:00:00Z&to=2026-11-25T09:00:00Z", "from sort", "to sort")]
    public async Task A_parameter_that_is_not_right_is_named(string query, params string[] faults) =>
        Assert.Equal(faults, (await reader.Get($"{Desk.Published}?{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
}
