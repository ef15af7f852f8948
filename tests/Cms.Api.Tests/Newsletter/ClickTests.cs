using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Newsletter;

public sealed partial class ClickTests(ApiFixture fixture)
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8", Public = "https://cms.example.org";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unless_the_site_asks_for_it_links_lead_to_the_articles_and_nothing_is_counted()
    {
        await using var news = await Newsroom.Open(fixture);
        var article = await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");

        await news.MakeDue();
        var mail = await news.Mails.Next("lea@example.org", Ct);
        await news.Finished();
        var report = await news.Report();

        Assert.Contains("https://gazette.example/international/le-pont-rouvre", mail.Message.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("/click/", mail.Message.HtmlBody + mail.Message.TextBody, StringComparison.Ordinal);
        Assert.Equal(("", ""), (report["counts"]!.Member("clicks"), report["articles"]![0]!.Member("clicks"))); // null, not 0
        (await news.Anonymous.Get($"/newsletter/v1/click/{report["digest"]!.Member("number")}/{article}")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Links_lead_through_the_service_to_the_article_the_same_for_all_readers_and_only_what_a_reader_opens_counts()
    {
        await using var news = await Newsroom.Open(fixture);
        await Count(news, "https://größe.example"); // a header is ASCII
        var world = await news.Section("International");
        var (bridge, final) = (await news.Publish("Le pont rouvre", world), await news.Publish("La finale", world));
        foreach (var email in new[] { "lea@example.org", "nora@example.org" }) await news.Reader(email);

        var preview = (await news.Editor.Get("/management/v1/digests/next")).Is(HttpStatusCode.OK).Body["preview"]!.Member("html");
        await news.MakeDue();
        var links = new[] { await news.Mails.Next("lea@example.org", Ct), await news.Mails.Next("nora@example.org", Ct) }.Select(m => Links(m.Message.HtmlBody, m.Message.TextBody)).ToArray();
        await news.Finished();
        var link = links[0].Single(l => l.EndsWith(bridge.ToString(), StringComparison.Ordinal));
        var before = await news.Report();

        var opened = (await news.Anonymous.Get(link, ("Accept", Browser), ("Cookie", "a=b"))).Is(HttpStatusCode.Found);
        (await news.Anonymous.Get($"{link}?utm_source=x")).Is(HttpStatusCode.Found);
        (await news.Anonymous.Ask(HttpMethod.Head, link, null, null)).Is(HttpStatusCode.Found);
        foreach (var (name, value) in new[] { ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch") }) (await news.Anonymous.Get(link, (name, value))).Is(HttpStatusCode.Found);
        await news.Service.Services.GetRequiredService<ClickCounter>().Store(Ct);
        var after = await news.Report();

        Assert.Contains("https://größe.example/international/le-pont-rouvre", WebUtility.HtmlDecode(preview), StringComparison.Ordinal);
        Assert.DoesNotContain("/click/", preview, StringComparison.Ordinal);
        Assert.Equal(2, links[0].Length);
        Assert.Equal(links[0], links[1]);
        Assert.Equal("https://xn--gre-6ka8i.example/international/le-pont-rouvre", opened.Message.Headers.GetValues("Location").Single());
        Assert.Equal(("no-store", "no-referrer", false), (opened.Message.Headers.CacheControl!.ToString(), opened.Message.Headers.GetValues("Referrer-Policy").Single(), opened.Message.Headers.Contains("Set-Cookie")));
        Assert.Equal(("0", "0", "0"), Clicks(before, bridge, final));
        Assert.Equal(("2", "2", "0"), Clicks(after, bridge, final));
        Assert.Equal("edition,article_id,clicks", await news.Service.Sql("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'digest_clicks'")); // nobody is there to be found
    }

    [Theory]
    [InlineData("https://gazette.example.org")]
    [InlineData("https://gazette.example.org:8443")]
    [InlineData("http://gazette.example.org/journal")]
    [InlineData("https://größe.example:8443", "https://xn--gre-6ka8i.example:8443")]
    public async Task A_link_leads_to_the_very_address_that_a_page_names_as_its_own(string baseUrl, string? ascii = null)
    {
        await using var news = await Newsroom.Open(fixture);
        await Count(news, baseUrl);
        var article = await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();

        var opened = (await news.Anonymous.Get($"/newsletter/v1/click/{(await news.Report())["digest"]!.Member("number")}/{article}")).Is(HttpStatusCode.Found);

        Assert.Equal($"{ascii ?? baseUrl}/international/le-pont-rouvre", opened.Message.Headers.NonValidated["Location"].Single()); // as it was sent: the client's own Uri hides a port
    }

    [Fact]
    public async Task A_link_that_no_edition_has_leads_nowhere_and_browsers_get_a_page()
    {
        await using var news = await Newsroom.Open(fixture);
        await Count(news);
        var world = await news.Section("International");
        var article = await news.Publish("Le pont rouvre", world);
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();
        var other = await news.Publish("La finale", world); // published, and in no edition
        var number = (await news.Report())["digest"]!.Member("number");

        (await news.Anonymous.Get($"/newsletter/v1/click/{number}/{article}")).Is(HttpStatusCode.Found);
        foreach (var wrong in new[] { $"{number}/{other}", $"{number}/{Guid.Empty}", $"99999/{article}", $"-1/{article}", $"99999999999999999999/{article}", $"{number}/https:%2F%2Fevil.example", $"{number}/{article}/more" })
        {
            (await news.Anonymous.Get($"/newsletter/v1/click/{wrong}")).Refuses(HttpStatusCode.NotFound, "not-found");
            Assert.NotEmpty((await news.Anonymous.Get($"/newsletter/v1/click/{wrong}", ("Accept", Browser))).Is(HttpStatusCode.NotFound).Headline());
        }
    }

    [Fact]
    public async Task Clicks_of_several_nodes_add_up_and_a_node_that_stops_stores_its_own()
    {
        await using var news = await Newsroom.Open(fixture);
        await Count(news);
        var article = await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();
        var link = $"/newsletter/v1/click/{(await news.Report())["digest"]!.Member("number")}/{article}";

        await using (var second = await TestService.Start(news.Service.ConnectionString, Ct))
        {
            using var reader = second.Anonymous();
            for (var round = 0; round < 5; round++)
            {
                var opened = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => new[] { news.Anonymous.Get(link), reader.Get(link) }));
                Assert.All(opened, o => Assert.Equal(HttpStatusCode.Found, o.Status));
                await Task.WhenAll(news.Service.Services.GetRequiredService<ClickCounter>().Store(Ct), second.Services.GetRequiredService<ClickCounter>().Store(Ct));
            }

            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => reader.Get(link)));
            await second.Services.GetRequiredService<ClickCounter>().StopAsync(Ct);
        }

        await news.Service.Services.GetRequiredService<ClickCounter>().Store(Ct);
        Assert.Equal("210", (await news.Report())["counts"]!.Member("clicks"));
    }

    [Fact]
    public async Task After_ninety_days_an_editions_total_is_left_and_its_links_go_on_leading_to_its_articles()
    {
        await using var news = await Newsroom.Open(fixture);
        await Count(news);
        var article = await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();
        var (link, clicks) = ($"/newsletter/v1/click/{(await news.Report())["digest"]!.Member("number")}/{article}", news.Service.Services.GetRequiredService<ClickCounter>());
        (await news.Anonymous.Get(link)).Is(HttpStatusCode.Found);
        await clicks.Store(Ct);
        await news.Service.Sql("UPDATE cms.editions SET finished_at = now() - interval '91 days'");

        await Waiting.Until(async () =>
        {
            await news.Service.Services.GetRequiredService<Sweeper>().RunOnce(Ct); // the service's own timer may be at it
            return await news.Service.Sql("SELECT 1 FROM cms.digest_progress WHERE NOT is_emptied") is null;
        }, "The edition's rows are kept.");
        (await news.Anonymous.Get(link)).Is(HttpStatusCode.Found);
        await clicks.Store(Ct);
        var report = await news.Report();

        Assert.Equal(("1", ""), (report["counts"]!.Member("clicks"), report["articles"]![0]!.Member("clicks")));
        Assert.Equal(0L, await news.Service.Sql("SELECT count(*) FROM cms.digest_clicks"));
    }

    private static async Task Count(Newsroom news, string baseUrl = "https://gazette.example") =>
        (await news.Editor.Patch("/management/v1/site", new { digestClicks = true, baseUrl }, (await news.Editor.Get("/management/v1/site")).ETag)).Is(HttpStatusCode.OK);

    private static (string All, string First, string Second) Clicks(JsonNode report, Guid first, Guid second)
    {
        string Of(Guid id) => report["articles"]!.AsArray().Single(a => a!.Member("id") == id.ToString())!.Member("clicks");
        return (report["counts"]!.Member("clicks"), Of(first), Of(second));
    }

    // In HTML and in text there are the same ones.
    private static string[] Links(string? html, string? text)
    {
        string[] Of(string? body) => [.. Click().Matches(body ?? "").Select(m => m.Value[Public.Length..]).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(Of(html), Of(text));
        return Of(text);
    }

    [GeneratedRegex(@"https://cms\.example\.org/newsletter/v1/click/\d+/[0-9a-f-]{36}", RegexOptions.NonBacktracking)]
    private static partial Regex Click();
}
