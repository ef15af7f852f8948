using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Xml.Linq;
using Cms.Api.Syndication.Sitemaps;
using Npgsql;

namespace Cms.Api.Tests.Syndication;

/// <summary>Sitemaps as a crawler reads them, each test on a service of its own: they tell of the whole archive.</summary>
public sealed class SitemapTests(ApiFixture fixture) : IAsyncLifetime
{
    private static readonly XNamespace Map = SitemapXml.Namespace, Xhtml = SitemapXml.Xhtml, GoogleNews = "http://www.google.com/schemas/sitemap-news/0.9";

    private TestService? service;
    private HttpClient? editor, reader;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestService Service => service ?? throw new InvalidOperationException("The service has not started.");

    private HttpClient Editor => editor ?? throw new InvalidOperationException("The service has not started.");

    private HttpClient Reader => reader ?? throw new InvalidOperationException("The service has not started.");

    public async ValueTask InitializeAsync()
    {
        service = await fixture.StartService();
        (editor, reader) = (await service.Client(Ct, [.. Domain.Access.Scope.All]), service.Anonymous());
    }

    public async ValueTask DisposeAsync()
    {
        editor?.Dispose();
        reader?.Dispose();
        if (service is not null) await service.DisposeAsync();
    }

    private async Task<XElement> Xml(string path) => XDocument.Parse((await Reader.Get(path.Replace("https://cms.example.org", "", StringComparison.Ordinal))).Is(HttpStatusCode.OK).Text).Root!;

    private async Task<List<string>> Shards() =>
        [.. (await Xml("/sitemaps/index.xml")).Elements(Map + "sitemap").Select(s => s.Element(Map + "loc")!.Value).Where(l => l.Contains("/articles-", StringComparison.Ordinal))];

    [Fact]
    public async Task An_article_stands_in_the_shard_of_its_month_with_its_true_date_and_its_languages()
    {
        var section = await Editor.OpenSection();
        var french = await Editor.Story(Wire.Unique("carte"), section.Id);
        var english = await Editor.Story(Wire.Unique("map"), section.Id, new { language = "en", translationOf = french.Id });
        var article = (await Reader.Get($"{Desk.Published}/{french.Slug()}")).Body;
        var shard = Assert.Single(await Shards());
        var url = (await Xml(shard)).Elements(Map + "url").Single(u => u.Element(Map + "loc")!.Value == article["url"]!.GetValue<string>());

        Assert.Equal(article["updatedAt"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds(), DateTimeOffset.Parse(url.Element(Map + "lastmod")!.Value, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Equal(["fr", "en"], url.Elements(Xhtml + "link").Select(l => l.Attribute("hreflang")!.Value));
        Assert.Equal([article["url"]!.GetValue<string>(), (await Reader.Get($"{Desk.Published}/{english.Slug()}")).Member("url")], url.Elements(Xhtml + "link").Select(l => l.Attribute("href")!.Value));

        await Editor.Withdraw(english);
        await Editor.Withdraw(french);
        Assert.Empty(await Shards());
        (await Reader.Get(shard.Replace("https://cms.example.org", "", StringComparison.Ordinal))).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_crawler_that_holds_a_shard_is_told_so_until_the_month_changes()
    {
        await Editor.Story(Wire.Unique("halten"));
        foreach (var path in new[] { (await Shards()).Single().Replace("https://cms.example.org", "", StringComparison.Ordinal), "/sitemaps/index.xml", "/sitemaps/sections.xml", "/sitemaps/news.xml", "/robots.txt" })
        {
            var (held, head) = (await Reader.Get(path), await Reader.Ask(HttpMethod.Head, path, null, null));
            (await Reader.Get(path, ("If-None-Match", held.ETag))).Is(HttpStatusCode.NotModified);
            Assert.Equal((HttpStatusCode.OK, held.ETag, 0), (head.Status, head.ETag, head.Bytes.Length));
        }

        var shard = (await Shards()).Single().Replace("https://cms.example.org", "", StringComparison.Ordinal);
        var before = await Reader.Get(shard);
        await Editor.Story(Wire.Unique("neu"));
        (await Reader.Get(shard, ("If-None-Match", before.ETag))).Is(HttpStatusCode.OK);
        foreach (var (coding, open) in new (string, Func<Stream, Stream>)[] { ("br", s => new BrotliStream(s, CompressionMode.Decompress)), ("gzip", s => new GZipStream(s, CompressionMode.Decompress)) })
        {
            await using var stream = open(new MemoryStream((await Reader.Get(shard, ("Accept-Encoding", coding))).Is(HttpStatusCode.OK).Bytes));
            Assert.Equal((await Reader.Get(shard)).Text, await new StreamReader(stream).ReadToEndAsync(Ct));
        }
    }

    [Fact]
    public async Task News_holds_two_days_and_names_the_newspaper()
    {
        var (old, fresh) = (await Editor.Story(Wire.Unique("alt")), await Editor.Story("A & <B> " + Wire.Unique("frisch"), more: new { language = "zh-Hant-HK" }));
        await Sql($"UPDATE delivery.listings SET first_published_at = now() - interval '49 hours' WHERE article_id = '{old.Id}'");
        var url = Assert.Single((await Xml("/sitemaps/news.xml")).Elements(Map + "url"));
        var news = url.Element(GoogleNews + "news")!;

        Assert.Equal((await Reader.Get($"{Desk.Published}/{fresh.Slug()}")).Member("url"), url.Element(Map + "loc")!.Value);
        Assert.Equal(("Cms", "zh-tw", fresh.Member("headline")), (news.Element(GoogleNews + "publication")!.Element(GoogleNews + "name")!.Value, news.Element(GoogleNews + "publication")!.Element(GoogleNews + "language")!.Value, news.Element(GoogleNews + "title")!.Value));
    }

    [Fact]
    public async Task What_changes_by_the_passing_of_time_is_held_for_half_a_minute_and_what_a_change_purges_for_longer()
    {
        foreach (var (path, browsers, cdns) in new[]
        {
            ("/sitemaps/news.xml", "public, max-age=30", "max-age=30"),
            ("/sitemaps/index.xml", "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600", "max-age=3600, stale-if-error=3600"),
        })
        {
            var headers = (await Reader.Get(path)).Is(HttpStatusCode.OK).Message.Headers;
            Assert.Equal((browsers, cdns), (headers.GetValues("Cache-Control").Single(), headers.GetValues("CDN-Cache-Control").Single()));
            Assert.Contains($"in/{Guid.Empty:N}", headers.GetValues("Surrogate-Key").Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sections_and_robots_say_where_everything_is()
    {
        var section = await Editor.OpenSection();
        var below = await Editor.OpenSection(parentId: section.Id);
        await Editor.Story(Wire.Unique("unten"), below.Id);
        var empty = await Editor.OpenSection();
        var pages = (await Xml("/sitemaps/sections.xml")).Elements(Map + "url").ToDictionary(u => u.Element(Map + "loc")!.Value, u => u.Element(Map + "lastmod")?.Value);

        Assert.Equal([true, true, true, false], new[] { "/", $"/{section.Slug()}", $"/{below.Slug()}", $"/{empty.Slug()}" }.Select(p => pages["http://localhost:3000" + p] is not null));
        (await Editor.Patch("/management/v1/site", new { syndication = new { baseUrl = "https://courrier.example", robots = "User-agent: GPTBot\nDisallow: /" } }, "*")).Is(HttpStatusCode.OK);
        Assert.Equal("""
            User-agent: *
            Disallow: /management/
            Disallow: /docs/
            User-agent: GPTBot
            Disallow: /

            Sitemap: https://courrier.example/sitemaps/index.xml
            Sitemap: https://courrier.example/sitemaps/news.xml

            """, (await Reader.Get("/robots.txt")).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task Sixty_thousand_articles_are_told_in_shards_without_holding_them()
    {
        const int Many = 60_000;
        await Sql($$"""
            SET session_replication_role = replica;
            CREATE TEMP TABLE made AS SELECT i, ('01900000' || lpad(to_hex(i), 24, '0'))::uuid AS id, TIMESTAMPTZ '2020-01-01T00:00:00Z' + i * interval '1 minute' AS at FROM generate_series(1, {{Many}}) i;
            INSERT INTO delivery.articles (id, slug, etag, changed_at, body) SELECT id, 'viel-' || i, 'e', at, '' FROM made;
            INSERT INTO delivery.summaries (id, json) SELECT id, convert_to(json_build_object('url', 'https://site.example/viel-' || i, 'language', 'fr', 'title', 'T',
              'translations', '[]'::json, 'firstPublishedAt', at, 'updatedAt', at)::text, 'UTF8') FROM made;
            INSERT INTO delivery.listings (target, language, first_published_at, updated_at, article_id) SELECT '00000000-0000-0000-0000-000000000000', '', at, at, id FROM made;
            INSERT INTO delivery.sitemap_months (month, articles, updated_at, version) SELECT date_trunc('month', at AT TIME ZONE 'UTC'), count(*), max(at), 1 FROM made GROUP BY 1;
            ANALYZE delivery.listings, delivery.summaries;
            """);
        var shards = await Shards();
        Assert.Equal(["2020-01-1", "2020-01-2", "2020-01-3", "2020-01-4", "2020-01-5", "2020-02-1", "2020-02-2"], shards.Select(s => s[(s.IndexOf("articles-", StringComparison.Ordinal) + 9)..^4]));

        var (seen, begun) = (new HashSet<string>(), Stopwatch.GetTimestamp());
        foreach (var shard in shards)
        {
            var urls = (await Xml(shard)).Elements(Map + "url").Select(u => u.Element(Map + "loc")!.Value).ToList();
            Assert.InRange(urls.Count, 1, SitemapXml.MaxArticles);
            Assert.All(urls, u => Assert.True(seen.Add(u)));
        }

        Assert.Equal(Many, seen.Count);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(30));

        // Its length is not known before it is sent: it is never held. And a new article changes no shard but its own.
        var old = shards[0].Replace("https://cms.example.org", "", StringComparison.Ordinal);
        var before = await Reader.Get(old);
        Assert.True(before.Message.Headers.TransferEncodingChunked);
        await Editor.Story(Wire.Unique("heute"));
        Assert.Equal(shards, (await Shards())[..^1]);
        (await Reader.Get(old, ("If-None-Match", before.ETag))).Is(HttpStatusCode.NotModified);
    }

    private async Task Sql(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Service.ConnectionString);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(Ct);
    }
}
