using System.Globalization;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Bench;

/// <summary>One run: publishes and starts what is measured, measures part by part, and writes the table.</summary>
internal sealed class Bench(Options options)
{
    /// <summary>A connection string of a PostgreSQL to use, whose login may make databases and roles. Without it the embedded one runs.</summary>
    private const string Postgres = "CMS_BENCH_POSTGRES";

    private const int Articles = 10_000, DeepArticles = 100_000, CacheMegabytes = 64, Publications = 400, MailRounds = 3;

    private static readonly string[] ReadingParts = ["cached", "304", "br", "cold", "cold304", "lists", "scan", "memory"];

    public static readonly string[] PartNames = [.. ReadingParts, "deep", "search", "size", "start", "publish", "visible", "mail", "list"];

    private readonly Contest contest = new(options.Seconds, options.Rounds);
    private readonly List<Row> rows = [];
    private string? socket;

    public async Task Run()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var repository = Repository();
        var data = Path.Combine(repository, "bench", ".data");
        var service = Service.Publish(repository, data);
        await using var embedded = Environment.GetEnvironmentVariable(Postgres) is null
            ? await EmbeddedPostgres.StartAsync(Path.Combine(data, "postgres"), source: null, Console.WriteLine, CancellationToken.None, alsoOnLoopback: true)
            : null;
        var server = embedded is null ? Environment.GetEnvironmentVariable(Postgres)! : new NpgsqlConnectionStringBuilder(embedded.ConnectionString) { Host = "127.0.0.1" }.ConnectionString;
        socket = embedded is null ? null : new NpgsqlConnectionStringBuilder(embedded.ConnectionString).Host is ['/', ..] folder ? folder : null;
        try
        {
            await Measure(service, server, data, embedded?.Log);
        }
        finally
        {
            await Table.Write(Path.Combine(repository, "bench", "README.md"), rows, options, server); // what was measured before a fault stays measured
        }
    }

    private async Task Measure(Service service, string server, string data, string? log)
    {
        if (log is not null) await Replay.Silence(server); // one that was ended early may have left it talking
        var archive = await Archive.Open(server, Articles, service);
        if (ReadingParts.Any(options.Has)) Read(service, archive, Path.Combine(data, "answers"));
        if (options.Has("deep"))
        {
            using var cold = service.Serve((await Archive.Open(server, DeepArticles, service)).ConnectionString, cacheMegabytes: 0);
            Add(Reading.Deep(contest, cold));
        }

        if (options.Has("search"))
            foreach (var articles in new[] { DeepArticles, options.Rows }.Where(r => r > 0))
            {
                using var cold = service.Serve((await Archive.Open(server, articles, service, isSearched: true)).ConnectionString, cacheMegabytes: 0);
                Add(new Searching(cold, articles).Measure());
            }

        if (options.Has("size") && options.Rows > 0)
        {
            var large = await Archive.Open(server, options.Rows, service);
            using var largeCold = service.Serve(large.ConnectionString, cacheMegabytes: 0);
            using var smallCold = service.Serve(archive.ConnectionString, cacheMegabytes: 0);
            Add(Reading.Sizes(contest, large, largeCold, archive, smallCold));
        }

        if (options.Has("start")) Add(Start(service, archive));
        if (options.Has("publish") || options.Has("visible")) await Write(server, service, log);
        var mailing = new Mailing(service, server, Math.Min(options.Rounds, MailRounds), data);
        if (options.Has("mail")) Add(await mailing.Measure());
        if (options.Has("list") && options.Rows > 0) Add(await mailing.Long(options.Rows));
    }

    private void Read(Service service, Archive archive, string answers)
    {
        using var hot = service.Serve(archive.ConnectionString, CacheMegabytes);
        using var cold = service.Serve(archive.ConnectionString, cacheMegabytes: 0);
        Thread.Sleep(TimeSpan.FromSeconds(2)); // idle
        var idle = hot.WorkingSet;
        Reading.Can(hot, answers);
        using var memory = Child.Serve(service.Limits, port => ["memory", $"{port}", answers], "/");
        using var database = Child.Serve(service.Limits, port => ["database", $"{port}", answers], "/", Database(archive.ConnectionString));
        using var near = socket is null ? null : service.Serve(new NpgsqlConnectionStringBuilder(archive.ConnectionString) { Host = socket }.ConnectionString, cacheMegabytes: 0);
        var reading = new Reading(contest, archive, hot, cold, near, memory, database);
        if (options.Has("cached")) Add(reading.Cached());
        if (options.Has("304")) Add(reading.NotModified());
        if (options.Has("br")) Add(reading.Coded());
        if (options.Has("cold")) Add(reading.Cold());
        if (options.Has("cold304")) Add(reading.ColdNotModified());
        if (options.Has("lists")) Add(reading.Lists());
        if (options.Has("scan")) Add(reading.Scan());
        if (options.Has("memory")) Add(Memory(idle, hot.WorkingSet));
    }

    private IEnumerable<Row> Start(Service service, Archive archive)
    {
        var (ours, limit) = (new List<double>(), new List<double>());
        for (var i = 0; i <= options.Rounds; i++)
        {
            using (var child = service.Serve(archive.ConnectionString, CacheMegabytes, "/delivery/v1/articles/bench-0000001")) ours.Add(child.Start.TotalMilliseconds);
            using (var child = Child.Serve(service.Limits, port => ["model", $"{port}"], "/sections", Database(archive.ConnectionString))) limit.Add(child.Start.TotalMilliseconds);
        }

        var ratio = Contest.Median(ours.Zip(limit, (o, l) => o / l).Skip(1)); // the first reads the programs from the disk
        yield return new("cold start to first 200", $"{ratio:0.00}×", "≤ 1.5×", ratio <= 1.5,
            $"{Contest.Median(ours):0} ms against {Contest.Median(limit):0} ms of bare Kestrel with the same EF model, both compiled ahead; ours asks EF nothing until an editor does");
    }

    private async Task Write(string server, Service service, string? log)
    {
        const string Name = $"{Archive.Prefix}desk";
        var database = await Archive.Database(server, Name);
        service.Command(database, "migrate");
        var token = service.Command(database, "token", "create", "--name", "bench", "--scope", "content:read articles:write articles:publish taxonomy:write").Trim();
        var (drafts, recorded, copy) = (default(Writing.Drafts), default(Writing.Drafts), "");
        var replay = log is not null && await Replay.Program(server) is { } program ? new Replay(server, log, program) : null;
        if (options.Has("publish"))
        {
            using (var node = service.Serve(database, CacheMegabytes, "/health/live"))
            using (var writing = new Writing(node, node, token))
                (drafts, recorded) = (await writing.Write(Publications), await writing.Write(Publications));
            if (replay is not null) copy = await replay.Copy(Name); // nobody is connected now
        }

        using (var node = service.Serve(database, CacheMegabytes, "/health/live"))
        using (var other = service.Serve(database, CacheMegabytes, "/health/live"))
        using (var writing = new Writing(node, other, token))
        {
            if (drafts is not null && recorded is not null) Add(await Publish(writing, drafts, recorded, replay, copy));
            if (options.Has("visible")) Add([await writing.Visible()]);
        }
    }

    private async Task<IReadOnlyList<Row>> Publish(Writing writing, Writing.Drafts drafts, Writing.Drafts recorded, Replay? replay, string copy)
    {
        IReadOnlyList<string> told = [];
        if (replay is not null) told = await replay.Record(() => writing.Publish(recorded.All), Publications);
        else await writing.Publish(recorded.All); // the warm-up
        var (ours, theirs, each) = (new List<double>(), new List<double>(), new List<double>());
        var share = Math.Max(1, Publications / options.Rounds);
        foreach (var (round, drafted) in drafts.All.Chunk(share).Take(options.Rounds).Index())
        {
            // Who goes second meets a machine that has warmed up: by turns.
            if (round % 2 == 1) await Theirs(round);
            var (all, took) = await writing.Publish(drafted);
            ours.Add(drafted.Length / all.TotalSeconds);
            each.AddRange(took);
            if (round % 2 == 0) await Theirs(round);
        }

        var detail = $"p50 {Writing.Share(each, 0.5):0} ms, p99 {Writing.Share(each, 0.99):0} ms";
        return
        [
            theirs.Count == 0
                ? new($"publish an article over HTTP, {Writing.AtOnce} at once", $"{Contest.Median(ours):N0}/s", "0.50 of pgbench", null, detail)
                : Outcome(Contest.Median(ours.Zip(theirs, (o, t) => o / t))),
            await writing.Rename(drafts),
        ];

        async Task Theirs(int round)
        {
            if (replay is not null) theirs.Add(await replay.Play(copy, told.Chunk(share).ElementAt(round), Writing.AtOnce));
        }

        Row Outcome(double ratio) => new(
            $"publish an article over HTTP, {Writing.AtOnce} at once", $"{ratio:0.00} of pgbench", "0.50 of pgbench", ratio >= 0.5, $"{Contest.Median(ours):N0}/s of {Contest.Median(theirs):N0}/s; {detail}");
    }

    private static Dictionary<string, string> Database(string connectionString) => new() { [Limits.DatabaseVariable] = connectionString };

    private static IEnumerable<Row> Memory(double idle, double after)
    {
        yield return new("working set, idle", $"{idle:0} MiB", "≤ 150 MiB", idle <= 150, "");
        yield return new($"working set after the runs, cache of {CacheMegabytes} MiB", $"{after:0} MiB", "≤ 250 MiB", after <= 250, "");
    }

    private void Add(IEnumerable<Row> measured)
    {
        foreach (var row in measured)
        {
            Console.WriteLine($"{row.Work}: {row.Figure} (must {row.Must}{(row.Holds == false ? ", MISSED" : "")}) {row.Detail}");
            rows.Add(row);
        }
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Cms.sln"))) return folder.FullName;
        throw new InvalidOperationException("This runs in a clone.");
    }
}
