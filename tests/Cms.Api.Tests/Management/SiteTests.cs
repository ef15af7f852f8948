using System.Net;
using System.Text.Json.Nodes;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Management;

/// <summary>Settings are one row for all, so each test that changes them has a service of its own.</summary>
public sealed class SiteTests(ApiFixture fixture)
{
    private const string Site = "/management/v1/site";

    /// <summary>Settings whole, as an editor sends them.</summary>
    public static JsonObject Settings() => JsonNode.Parse("""
        { "name": "Le Courrier", "baseUrl": "https://courrier.example", "language": "fr", "timeZone": "Europe/Paris",
          "publisher": { "name": "Courrier SA", "logoUrl": "https://courrier.example/logo.png", "postalAddress": "1 rue du Port, 67000 Strasbourg" }, "kickerSeparator": " : ",
          "share": { "title": null, "description": "Des nouvelles", "image": { "url": "https://courrier.example/s.jpg", "alt": "Le logo", "width": 1200, "height": 630 },
                     "card": "summary_large_image", "canonicalUrl": null },
          "digestHour": 6, "digestDay": "friday",
          "paths": { "article": "/{language}/{section}/{yyyy}/{mm}/{dd}/{slug}", "section": "/{slug}", "author": "/a/{id}", "tag": "/t/{slug}" } }
        """)?.AsObject() ?? [];

    private async Task<(TestService Service, HttpClient Editor, Answer Site)> Start()
    {
        var service = await fixture.StartService();
        var editor = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
        return (service, editor, (await editor.Get(Site)).Is(HttpStatusCode.OK));
    }

    [Fact]
    public async Task Settings_come_back_as_they_were_sent_and_show_at_once()
    {
        var (service, editor, first) = await Start();
        await using var _ = service;
        var settings = Settings();
        var replaced = (await editor.Put(Site, settings, first.ETag)).Is(HttpStatusCode.OK);
        var read = (await editor.Get(Site)).Is(HttpStatusCode.OK);

        Assert.Equal(replaced.Text, read.Text);
        Assert.Equal(replaced.ETag, read.ETag);
        Assert.NotEqual(first.ETag, read.ETag);
        foreach (var (name, value) in settings) Assert.True(JsonNode.DeepEquals(value, read.Body[name]), $"{name}: {read.Body[name]}");
        var shown = (await service.Anonymous().Get("/delivery/v1/site")).Is(HttpStatusCode.OK);
        Assert.Equal("Le Courrier", shown.Member("name"));
        Assert.Equal("Des nouvelles", shown.Body["share"]?["description"]?.ToString());
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_every_article_follows()
    {
        var (service, editor, first) = await Start();
        await using var _ = service;
        var story = await editor.Story("Une nouvelle", more: new { kicker = "Surtitre" });
        var changed = (await editor.Patch(Site, new { kickerSeparator = " | ", paths = new { article = "/n/{id}" } }, first.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(first.Member("name"), changed.Member("name"));
        Assert.Equal("/{slug}", changed.Body["paths"]?["section"]?.ToString());
        await service.Settle();
        var rendered = (await service.Anonymous().Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
        Assert.Equal("Surtitre | Une nouvelle", rendered.Member("title"));
        Assert.Equal($"/n/{story.Id}", rendered.Member("path"));
        (await editor.Patch(Site, new { digestHour = 8 }, first.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        var etag = (await fixture.Editor.Get(Site)).ETag;
        var refused = await fixture.Editor.Put(Site, new
        {
            name = " ",
            baseUrl = "https://courrier.example/",
            language = "FR",
            timeZone = "Romance Standard Time",
            publisher = new { name = "", logoUrl = "javascript:0" },
            kickerSeparator = "12345678901",
            share = new { image = new { url = "x", width = 0 } },
            digestHour = 24,
            paths = new { article = "{slug}", section = "/{what}/{slug}", author = "/authors", tag = "/{yyyy}/{slug}" },
        }, etag);

        Assert.Equal(
            [
                "/name required", "/baseUrl url", "/language language", "/timeZone timeZone", "/publisher/name required", "/publisher/logoUrl url",
                "/kickerSeparator tooLong", "/share/image/url url", "/share/image/width range", "/digestHour range", "/digestDay required",
                "/paths/article path", "/paths/section path", "/paths/author path", "/paths/tag path",
            ], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(
            [
                "/name required", "/baseUrl required", "/language required", "/timeZone required", "/publisher required", "/kickerSeparator required",
                "/digestHour required", "/digestDay required", "/paths required",
            ], (await fixture.Editor.Put(Site, new { }, etag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/baseUrl required"], (await fixture.Editor.Patch(Site, new { baseUrl = (string?)null }, etag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Theory]
    [InlineData("baseUrl", "ftp://courrier.example")]
    [InlineData("baseUrl", "//courrier.example")]
    [InlineData("baseUrl", "https://courrier.example?a=1")]
    [InlineData("baseUrl", "https://courrier.example#a")]
    [InlineData("baseUrl", "https://a:b@courrier.example")]
    [InlineData("timeZone", "UTC")]
    [InlineData("timeZone", "Europe/Nowhere")]
    [InlineData("timeZone", "europe/paris")]
    [InlineData("timeZone", "Europe/../Europe/Paris")]
    [InlineData("timeZone", "/etc/passwd")]
    [InlineData("timeZone", "+01:00")]
    [InlineData("kickerSeparator", "")]
    [InlineData("kickerSeparator", "a\nb")]
    public async Task A_setting_that_would_break_links_or_times_is_refused(string member, string value)
    {
        var etag = (await fixture.Editor.Get(Site)).ETag;
        var refused = await fixture.Editor.Patch(Site, new Dictionary<string, string> { [member] = value }, etag);

        Assert.StartsWith($"/{member} ", Assert.Single(refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/{slug}")]
    [InlineData("/a//{slug}")]
    [InlineData("/../{slug}")]
    [InlineData("/{slug}?a=1")]
    [InlineData("/{slug}#a")]
    [InlineData("/{slug")]
    [InlineData("/{Slug}")]
    [InlineData("/a b/{slug}")]
    [InlineData("/é/{slug}")]
    [InlineData("/\\evil/{slug}")]
    [InlineData("/{yyyy}")]
    public async Task A_template_that_makes_no_clean_path_is_refused(string template)
    {
        var etag = (await fixture.Editor.Get(Site)).ETag;
        var refused = await fixture.Editor.Patch(Site, new { paths = new { article = template } }, etag);

        Assert.Equal(["/paths/article path"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }
}
