using System.Globalization;
using System.Text.RegularExpressions;
using Cms.Api.Http;
using Cms.Api.Tests.Management;

namespace Cms.Api.Tests.Contract;

/// <summary>Over an archive of 100,000 articles every list and every read by slug is a range of an index: the plans PostgreSQL really ran say so.</summary>
public sealed partial class PlanTests(ApiFixture fixture) : IAsyncLifetime
{
    // Two filters together read what the narrower one names: here 2,200 of 100,000 at most.
    private const int MostRemoved = 3_000, MostRead = 4_000;

    private Archive? archive;

    public async ValueTask InitializeAsync() => archive = await Archive.Open(fixture.Database, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (archive is not null) await archive.DisposeAsync();
    }

    // One test and not a theory: the archive takes seconds to fill.
    [Fact]
    public async Task Every_list_and_the_read_by_slug_use_an_index_and_touch_few_rows()
    {
        var open = archive ?? throw new InvalidOperationException("The archive is not open.");
        var lists = new[] { Face.Delivery, Face.Management }.SelectMany(f => Operation.All(open.Service, f))
            .Where(o => o.Parameters.Contains(Query.CursorParameter)).Select(o => o.At($"{Archive.Reader}")).ToHashSet();
        Assert.Subset(Tables.Keys.ToHashSet(), lists);
        Assert.Subset(Paths().Select(PathOf).ToHashSet(), lists);

        var failures = new List<string>();
        foreach (var (path, plans) in await open.PlansOf(Paths()))
        {
            // Its own question, and not the look-up of the token that asks: all that is told in pages is told in an order.
            var isList = Tables.TryGetValue(PathOf(path), out var table);
            var own = plans.Where(p => Regex.IsMatch(p, $@"\bon {table ?? "articles"}\b") && (!isList || p.Contains("ORDER BY", StringComparison.Ordinal))).ToList();
            if (own.Count == 0 || !own.All(p => p.Contains("Index", StringComparison.Ordinal))) failures.Add($"{path}: no index of {table}\n{string.Join('\n', plans)}");
            foreach (var plan in plans)
            {
                foreach (Match scan in SequentialScan().Matches(plan)) failures.Add($"{path}: {scan.Value}");
                var removed = RowsRemoved().Matches(plan).Sum(r => Number(r.Groups[1]));
                var read = RowsRead().Matches(plan).Sum(r => Number(r.Groups[1]) * Number(r.Groups[2]));
                if (removed > MostRemoved || read > MostRead) failures.Add($"{path}: {read:N0} rows read, {removed:N0} more for nothing\n{plan}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    /// <summary>What each list is a list of.</summary>
    private static readonly Dictionary<string, string> Tables = new()
    {
        [Desk.Published] = "listings",
        ["/delivery/v1/authors"] = "names",
        ["/delivery/v1/tags"] = "names",
        ["/delivery/v1/lists"] = "lists",
        ["/management/v1/lists"] = "lists",
        ["/delivery/v1/lists/l1"] = "listings",
        ["/delivery/v1/sections/s7"] = "listings",
        ["/delivery/v1/lists/l2"] = "listings",
        ["/delivery/v1/search"] = "search_french",
        [Desk.Articles] = "articles",
        [Desk.Sections] = "sections",
        ["/management/v1/authors"] = "authors",
        ["/management/v1/tags"] = "tags",
        ["/management/v1/subscribers"] = "subscribers",
        ["/management/v1/imports"] = "imports",
        [$"/management/v1/subscribers/{Archive.Reader}/consents"] = "consents",
        ["/management/v1/share"] = "articles",
        ["/management/v1/digests"] = "editions",
        ["/management/v1/tokens"] = "tokens",
        ["/management/v1/audit"] = "audit",
        ["/sitemaps/news.xml"] = "listings",
        ["/sitemaps/sections.xml"] = "listings",
        ["/feeds/articles.rss"] = "listings",
        ["/feeds/sections/s7.atom"] = "listings",
        ["/feeds/tags/t100.json"] = "listings",
        ["/feeds/authors/w100.rss"] = "listings",
    };

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    private static string PathOf(string address) => address.Split('?')[0];

    private static IEnumerable<string> Paths()
    {
        var (section, tag, author) = ("aaaaaaaa-0000-0000-0000-000000000007", "bbbbbbbb-0000-0000-0000-000000000064", "cccccccc-0000-0000-0000-000000000064");
        const string Delivery = Desk.Published, Management = Desk.Articles;
        yield return $"{Delivery}/a54321";
        yield return Delivery;
        yield return $"{Delivery}?limit=100&sort=oldest";
        yield return $"{Delivery}?section=s7";
        yield return $"{Delivery}?section=s7&language=en";
        yield return $"{Delivery}?tag=t100";
        yield return $"{Delivery}?author=w100";
        yield return $"{Delivery}?author=w100&language=fr&sort=oldest";
        yield return $"{Delivery}?language=en&limit=100";
        foreach (var sort in new[] { "newest", "oldest", "updated" })
        {
            yield return $"{Management}?sort={sort}";
            yield return $"{Management}?sort={sort}&section={section}";
            yield return $"{Management}?sort={sort}&status=draft";
            yield return $"{Management}?sort={sort}&language=en";
            yield return $"{Management}?sort={sort}&tag={tag}";
            yield return $"{Management}?sort={sort}&author={author}";
            yield return $"{Management}?sort={sort}&q=word4321";
        }

        foreach (var old in new[] { "newest", "oldest" }) yield return $"{Management}?sort={old}&section=aaaaaaaa-0000-0000-0000-000000000033"; // whose articles are the oldest
        yield return $"{Delivery}?language=fr,en,de&limit=100";
        yield return $"{Delivery}?section=s7&language=fr,en&sort=oldest";
        yield return $"{Delivery}?from=2026-11-01T00:00:00Z&to=2026-11-10T00:00:00Z";
        yield return $"{Delivery}?section=s7&language=en&from=2026-11-01T00:00:00Z&sort=oldest";
        yield return $"{Delivery}?sort=updated";
        yield return $"{Delivery}?sort=updated&tag=t100&language=fr,en";
        yield return $"{Delivery}/a54321/related?limit=20";
        const string Search = "/delivery/v1/search";
        foreach (var sort in new[] { "newest", "relevance" })
        {
            yield return $"{Search}?sort={sort}&q=word4321"; // rare, and a beginning
            yield return $"{Search}?sort={sort}&q=hundredth42%20&section=s7";
            yield return $"{Search}?sort={sort}&q=%22number%2054321%22%20";
        }

        yield return $"{Search}?q=headline%20number%20"; // in every article: the newest are walked
        yield return $"{Search}?q=headline%20&limit=100&language=fr&from=2026-09-01T00:00:00Z";
        yield return $"{Search}?q=hundredth42%20headline%20"; // as many as are counted
        yield return $"{Search}?q=headline%20word4321%20-kicker%20";
        yield return $"{Management}?from=2026-11-01T00:00:00Z&to=2026-11-10T00:00:00Z";
        yield return $"{Management}?sort=oldest&from=2026-11-01T00:00:00Z";
        yield return $"{Management}?to=2026-10-01T00:00:00Z";
        yield return $"{Management}?language=fr,en";
        yield return $"{Management}?sort=updated&language=en,de";
        yield return $"{Management}?section={section},aaaaaaaa-0000-0000-0000-000000000008";
        yield return $"{Management}?tag={tag},bbbbbbbb-0000-0000-0000-000000000065";
        yield return $"{Management}?sort=oldest&author={author},cccccccc-0000-0000-0000-000000000065";
        yield return $"{Management}?status=draft&language=en";
        yield return $"{Management}?status=withdrawn&q=headline";
        yield return $"{Management}?section={section}&tag={tag}";
        yield return $"{Management}?externalId=none";
        yield return $"{Management}?updatedSince=2199-01-01T00:00:00Z";
        yield return $"{Management}/{Archive.IdOf(54_321)}";
        yield return "/delivery/v1/authors?limit=100";
        yield return "/delivery/v1/tags";
        yield return "/delivery/v1/lists";
        yield return "/delivery/v1/lists/l1";
        yield return "/delivery/v1/lists/l2";
        yield return "/delivery/v1/sections/s7?include=articles,list";
        yield return "/management/v1/lists";
        yield return "/feeds/articles.rss?language=fr,en";
        yield return "/feeds/sections/s7.atom";
        yield return "/feeds/tags/t100.json?utm_source=x";
        yield return "/feeds/authors/w100.rss";
        yield return "/sitemaps/news.xml";
        yield return "/sitemaps/sections.xml";
        yield return Desk.Sections;
        yield return "/management/v1/authors";
        yield return "/management/v1/tags";
        yield return "/management/v1/tags?q=t100";
        yield return "/management/v1/tokens";
        yield return "/management/v1/subscribers";
        yield return "/management/v1/subscribers?email=READER777";
        yield return "/management/v1/digests";
        yield return "/management/v1/subscribers?status=pending";
        yield return "/management/v1/subscribers?status=pending&email=reader";
        yield return "/management/v1/subscribers?language=de";
        yield return "/management/v1/subscribers?language=fr&status=pending";
        yield return $"/management/v1/subscribers?sectionIds={section}";
        yield return $"/management/v1/subscribers?sectionIds={section},aaaaaaaa-0000-0000-0000-000000000008&language=de";
        yield return "/management/v1/subscribers?since=1970-01-01T00:00:00Z";
        yield return "/management/v1/imports";
        yield return $"/management/v1/subscribers/{Archive.Reader}/consents";
        yield return "/management/v1/share?missing=image";
        yield return "/management/v1/share?missing=alt";
        yield return "/management/v1/share?missing=description";
        yield return "/management/v1/audit";
        yield return "/management/v1/audit?resourceId=00000000-0000-0000-0000-00000000d431";
    }

    // Tables that grow with the archive, its editors or its readers. The site is one row.
    [GeneratedRegex(@"Seq Scan on (articles|articles_br|articles_gzip|search_[a-z]+|names|spellings|nearness|list_pins|summaries|listings|mentions|addresses|publications|article_sections|article_tags|article_authors|sections|subscribers|editions|imports|consents|audit|tags|authors|tokens|token_uses)\b.*", RegexOptions.NonBacktracking)]
    private static partial Regex SequentialScan();

    [GeneratedRegex(@"Rows Removed by [A-Za-z ]+: (\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex RowsRemoved();

    [GeneratedRegex(@"Scan [^\n]*actual rows=([0-9.]+) loops=(\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex RowsRead();
}
