using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What a newsroom that writes templates of its own sees of them, over HTTP.</summary>
public sealed class TemplatePreviewTests(ApiFixture fixture)
{
    private const string Templates = "/management/v1/newsletter-templates";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_template_but_a_layout_shows_in_every_language_with_each_sample_and_runs_nothing()
    {
        var all = (await fixture.Editor.Get(Templates)).Is(HttpStatusCode.OK).Body;
        var shown = 0;
        foreach (var template in all["items"]!.AsArray().Where(t => t!.Member("kind") != "layout"))
            foreach (var language in all["languages"]!.AsArray().Select(l => l!.Member("code")))
                for (var sample = 1; sample <= template!["samples"]!.GetValue<int>(); sample++, shown++)
                {
                    var name = template.Member("name");
                    var preview = (await fixture.Editor.Get($"{Templates}/{name}/preview?language={language}&sample={sample}")).Is(HttpStatusCode.OK);
                    Assert.Equal("no-store", preview.Message.Headers.CacheControl?.ToString());
                    Assert.NotEmpty(preview.Text.Trim());
                    if (!name.EndsWith(".html", StringComparison.Ordinal))
                    {
                        Assert.Equal("text/plain; charset=utf-8", preview.Message.Content.Headers.ContentType?.ToString());
                        continue;
                    }

                    var policy = preview.Message.Headers.GetValues("Content-Security-Policy").Single();
                    Assert.StartsWith("default-src 'none'; style-src '", policy, StringComparison.Ordinal);
                    Assert.EndsWith("; sandbox", policy, StringComparison.Ordinal);
                    Assert.Equal(template.Member("kind") == "page", policy.Contains("'sha256-", StringComparison.Ordinal));
                    var page = preview.Html();
                    Assert.Equal((language, language == "ar" ? "rtl" : "ltr"), (page.DocumentElement.GetAttribute("lang"), page.DocumentElement.GetAttribute("dir")));
                    Assert.Single(page.QuerySelectorAll("body"));
                    if (template.Member("kind") == "digest") Assert.Equal(3, page.QuerySelectorAll("h1, h2, a[href*='/unsubscribe/']").Length); // a whole mail, whichever part
                }

        Assert.Equal(["address-change.html", "address-change.subject", "address-change.txt", "already-confirmed.html"], all["items"]!.AsArray().Take(4).Select(t => t!.Member("name")));
        Assert.True(shown > 100, $"{shown}");
    }

    [Fact]
    public async Task A_newsrooms_own_files_are_told_apart_and_shown()
    {
        var folder = Directory.CreateTempSubdirectory("templates-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "left.html.liquid"), "{% assign title = t.left_title %}<p>Adieu, {{ site.name }}</p>", Ct);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "digest-foot.txt.liquid"), "Rue du Port. {{ unsubscribe_link }} {{ preferences_link }}", Ct);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "texts.de.json"), """{ "left_title": "Abgemeldet" }""", Ct);
        await using var service = await fixture.StartService(new() { ["Cms:Newsletter:TemplatesFolder"] = folder.FullName });
        using var client = await service.Client(Ct, Domain.Access.Scope.ContentRead);

        var all = (await client.Get(Templates)).Is(HttpStatusCode.OK).Body;
        var left = (await client.Get($"{Templates}/left.html/preview?language=de-AT")).Is(HttpStatusCode.OK).Html();
        var foot = (await client.Get($"{Templates}/digest-foot.txt/preview")).Is(HttpStatusCode.OK).Text;

        Assert.Equal(["digest-foot.txt", "left.html"], Overridden(all["items"]!, "name"));
        Assert.Equal(["de"], Overridden(all["languages"]!, "code"));
        Assert.Equal(("Abgemeldet", "Adieu, The Lantern"), (left.QuerySelector("h1")!.TextContent, left.QuerySelector("main p")!.TextContent));
        Assert.Contains("The river that came back", foot, StringComparison.Ordinal);
        Assert.EndsWith("https://cms.example/newsletter/v1/preferences/k3y", foot, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("lfet.html")]
    [InlineData("page")]
    [InlineData("left.html.liquid")]
    [InlineData("..%2Fleft.html")]
    [InlineData("left.html/preview?sample=2", "The template has 1 sample.")]
    [InlineData("confirm.html/preview?sample=3", "The template has 2 samples.")]
    public async Task What_there_is_not_is_404(string path, string told = "GET /management/v1/newsletter-templates lists them")
    {
        var answer = (await fixture.Editor.Get($"{Templates}/{path}{(path.Contains("/preview", StringComparison.Ordinal) ? "" : "/preview")}")).Refuses(HttpStatusCode.NotFound, "not-found");

        Assert.Contains(told, answer.Member("detail"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Overridden(JsonNode list, string name) => list.AsArray().Where(t => t!["overridden"]!.GetValue<bool>()).Select(t => t!.Member(name));
}
