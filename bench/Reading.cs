using System.Text.Json;

namespace Cms.Bench;

/// <summary>The rows on reading: the service, with and without its cache, beside bare Kestrel and bare Npgsql.</summary>
internal sealed class Reading(Contest contest, Archive archive, Child hot, Child cold, Child? near, Child memory, Child database)
{
    private const string Slug = "bench-0000042", List = $"/delivery/v1/articles?section={Archive.SectionSlug}";

    private const string Brotli = "Accept-Encoding: br\r\n";

    /// <summary>What the limit in memory sends: the service's own answers.</summary>
    public static void Can(Child hot, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, ask) in new[] { ("article", Article(hot)), ("held", Held(hot)), ("list", new Ask(hot, List)) })
        {
            Load.Once(ask); // its second answer is the cache's
            File.WriteAllBytes(Path.Combine(folder, $"{name}.json"), JsonSerializer.SerializeToUtf8Bytes(Canned.Of(ask)));
        }
    }

    public IEnumerable<Row> Cached()
    {
        var outcome = contest.Between(Article(hot), new Ask(memory, "/article/x"));
        yield return outcome.Row("article by slug, cached", "K", 0.80);
        yield return outcome.TailRow("cached: p99 at 32 connections", 2);
    }

    public IEnumerable<Row> NotModified()
    {
        yield return contest.Between(Held(hot), new Ask(memory, "/held/x", Status: 304)).Row("`If-None-Match` → 304, cached", "bare 304", 0.85);
    }

    public IEnumerable<Row> Coded()
    {
        yield return contest.Between(Article(hot) with { Headers = Brotli }, Article(hot)).Row("Brotli body, cached", "our plain", 0.95);
    }

    public IEnumerable<Row> Cold()
    {
        var limit = new Ask(database, "/article/bench-#", Articles: archive.Rows);
        var outcome = contest.Between(Any(cold), limit);
        yield return outcome.Row("article by slug, cold", "N", 0.85);
        yield return outcome.TailRow("cold: p99 at 32 connections", 2);
        if (near is not null) yield return contest.Between(Any(near), limit).Beside("the same, PostgreSQL by its socket", "N by TCP");
    }

    public IEnumerable<Row> ColdNotModified()
    {
        var limit = new Ask(database, "/article/bench-#", Articles: archive.Rows);
        yield return contest.Between(Tagged(cold), limit).Row("`If-None-Match` → 304, cold", "N", 1.15);
        if (near is not null) yield return contest.Between(Tagged(near), limit).Beside("304, cold, PostgreSQL by its socket", "N by TCP");

        Ask Tagged(Child service) => Any(service) with { Headers = "If-None-Match: \"#\"\r\n", Status = 304 };
    }

    public IEnumerable<Row> Lists()
    {
        yield return contest.Between(new Ask(hot, List), new Ask(memory, "/list/x")).Row("20 newest of a section, cached", "K", 0.75);
        yield return contest.Between(new Ask(cold, List), new Ask(database, $"/list/{archive.Section}")).Row("20 newest of a section, cold", "N's list", 0.80);
    }

    /// <summary>A crawler that walks the archive beside readers of one article.</summary>
    public IEnumerable<Row> Scan()
    {
        var outcome = contest.Between(time =>
        {
            var crawl = Any(hot);
            var crawler = new Thread(() => Load.Run(crawl, time, connections: 4, perSecond: 500));
            crawler.Start();
            var seen = Load.Run(Article(hot), time);
            crawler.Join();
            return seen;
        }, time => Load.Run(Article(hot), time));
        yield return outcome.TailRow("hot p99 beside a scan of 500 slugs a second, of quiet", 2);
    }

    /// <summary>An archive of another size beside this one.</summary>
    public static IEnumerable<Row> Sizes(Contest contest, Archive large, Child largeCold, Archive small, Child smallCold)
    {
        var outcome = contest.Between(Any(largeCold) with { Articles = large.Rows }, Any(smallCold) with { Articles = small.Rows });
        yield return outcome.Row($"article by slug, cold, {large.Rows:N0} articles", $"of {small.Rows:N0}", 0.85);
    }

    /// <summary>A page far down beside the first.</summary>
    public static IEnumerable<Row> Deep(Contest contest, Child cold)
    {
        const int Depth = 50_000, Step = 100;
        var (path, next) = ($"{List}&limit={Step}", "");
        for (var i = 0; i < Depth / Step; i++)
        {
            var (_, body) = Load.Once(new Ask(cold, path + next));
            next = $"&cursor={JsonDocument.Parse(body).RootElement.GetProperty("next").GetString()}";
        }

        var deep = new Ask(cold, $"{List}&limit=20{next}");
        yield return contest.Between(deep, new Ask(cold, $"{List}&limit=20")).Row($"a page {Depth:N0} articles deep", "page 1", 0.90);
    }

    private static Ask Article(Child service) => new(service, $"/delivery/v1/articles/{Slug}");

    private static Ask Held(Child service) => Article(service) with { Headers = "If-None-Match: \"0000042\"\r\n", Status = 304 };

    private Ask Any(Child service) => Any(service, archive.Rows);

    private static Ask Any(Child service, int rows = 1) => new(service, "/delivery/v1/articles/bench-#", Articles: rows);
}
