using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class SeedArticleTests(ApiFixture fixture)
{
    /// <summary>The real page that the product started from lies beside the repository where it may; elsewhere this test has nothing to feed.</summary>
    private static string? SeedFile()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", "seed-article.txt") is var file && File.Exists(file)) return file;
        return null;
    }

    [Fact]
    public async Task The_real_article_passes_through_the_API_to_readers_with_its_own_slug()
    {
        Assert.SkipWhen(SeedFile() is null, "The real text is not beside this clone.");
        var lines = (await File.ReadAllLinesAsync(SeedFile() ?? "", TestContext.Current.CancellationToken)).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        var (section, title, slug, standfirst) = (lines[0], lines[1].Split(" : ", 2), lines[2], lines[3]);
        var body = lines.Skip(6).TakeWhile(l => l != "Newsletter").ToList();
        await using var service = await fixture.StartService();
        using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        var read = await editor.Story("Kim Jong-Un : \"La Corée du Nord sera toujours aux côtés de la Russie\"");

        var draft = (await editor.Post(Desk.Articles, new
        {
            language = "fr",
            kicker = title[0],
            headline = title[1],
            standfirst,
            sectionId = (await editor.OpenSection(section)).Id,
            sources = new[] { new { name = "Ech Chorouk" }, new { name = "Paris Match" } },
            body = body.Select(line => line == "Autres cadeaux échangés" ? (object)new { type = "heading", level = 2, text = line }
                : line.StartsWith("A lire aussi", StringComparison.Ordinal) ? new { type = "related", label = "À lire aussi", articleId = read.Id }
                : new { type = "paragraph", text = line.Replace("&", "&amp;", StringComparison.Ordinal) }),
        })).Is(HttpStatusCode.Created);
        await editor.Publish(draft);
        var article = (await service.Anonymous().Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK);

        Assert.Equal(slug, draft.Slug());
        Assert.Equal(lines[1], article.Member("title"));
        Assert.Equal($"/international/{slug}", article.Member("path"));
        Assert.Equal(body.Count, article.Body["body"]!.AsArray().Count);
        Assert.Contains("un gant de scaphandre ayant voyagé plusieurs fois dans l’espace", article.Text, StringComparison.Ordinal);
    }
}
