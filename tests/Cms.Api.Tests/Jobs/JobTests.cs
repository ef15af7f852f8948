using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Cms.Api.Commands;
using Cms.Api.Tests.Newsletter;
using Cms.Domain.Access;
using Cms.Infrastructure.Jobs;
using Cms.Infrastructure.Newsletter.Digests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Jobs;

/// <summary>What Quartz wakes, on one node and on several.</summary>
public sealed class JobTests(ApiFixture fixture)
{
    private const string Jobs = "/management/v1/jobs", Probe = "probe";

    private static readonly JobTimes Soon = JobTimes.Default with { Start = TimeSpan.Zero, CheckIn = TimeSpan.FromSeconds(1), Silence = TimeSpan.FromSeconds(4), Again = TimeSpan.FromMilliseconds(200) };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_job_is_listed_with_its_last_and_its_next_run()
    {
        await using var service = await fixture.StartService(configure: Waking(Soon));
        using var operatorClient = await service.Client(Ct, Scope.JobsRead);
        await Until(service, "SELECT 1 FROM cms.jobs WHERE name = 'digest' AND runs > 1");

        var items = (await operatorClient.Get(Jobs)).Is(HttpStatusCode.OK).Body["items"]!.AsArray();

        Assert.Equal(["digest", "retention"], items.Select(i => i!.Member("name")));
        Assert.All(items, i => Assert.NotEmpty(i!.Member("about")));
        var now = fixture.Now();
        Assert.InRange(Instant(items[0], "lastStartedAt"), now.AddMinutes(-1), now.AddSeconds(5));
        Assert.InRange(Instant(items[0], "nextRunAt"), now.AddMinutes(-1), now.AddSeconds(5));
        Assert.NotNull(items[0]!["lastFinishedAt"]);
        Assert.Null(items[0]!["lastError"]);
        Assert.Null(items[1]!["lastStartedAt"]);
        Assert.InRange(Instant(items[1], "nextRunAt"), now, now.AddMinutes(1));
    }

    [Fact]
    public async Task A_job_that_fails_says_so_without_its_message_and_is_well_after_the_next_run()
    {
        var (fails, logs) = (true, new CollectedLogs());
        await using var service = await fixture.StartService(configure: Waking(Soon, Failing) + logs.Collect);
        using var operatorClient = await service.Client(Ct, Scope.JobsRead);

        await Until(service, "SELECT 1 FROM cms.jobs WHERE name = 'probe' AND last_error IS NOT NULL");
        Assert.Equal("InvalidOperationException", (await Item(operatorClient)).Member("lastError"));
        Volatile.Write(ref fails, false);
        await Until(service, "SELECT 1 FROM cms.jobs WHERE name = 'probe' AND last_error IS NULL AND last_finished_at > last_started_at");

        Assert.Null((await Item(operatorClient))["lastError"]);
        Assert.Contains(logs.Lines, l => l.Contains("The job probe failed: InvalidOperationException.", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains("lea@example.org", StringComparison.Ordinal));

        Task Failing(CancellationToken ct) => Volatile.Read(ref fails) ? throw new InvalidOperationException("lea@example.org") : Task.CompletedTask;
    }

    [Fact]
    public async Task Of_two_nodes_one_does_what_is_due_and_the_other_goes_on_when_it_stops()
    {
        var (atOnce, most, runs, held) = (0, 0, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var first = await fixture.StartService(configure: Waking(Soon, Counted));
        await using var second = await TestService.Start(first.ConnectionString, Ct, null, Waking(Soon, Counted));
        await Until(first, "SELECT 1 FROM cms.qrtz_scheduler_state HAVING count(*) = 2");

        // One run is held. Meanwhile both nodes say twice that they live, and several wakings are due: none of the two begins another.
        await Until(first, "SELECT 1 FROM cms.jobs WHERE name = 'probe' AND last_started_at > coalesce(last_finished_at, '-infinity')");
        for (var i = 0; i < 2; i++)
        {
            var said = await first.Sql("SELECT max(last_checkin_time) FROM cms.qrtz_scheduler_state");
            await Until(first, $"SELECT 1 FROM cms.qrtz_scheduler_state HAVING min(last_checkin_time) > {said}");
        }

        Assert.Equal((1, 1), (Volatile.Read(ref most), Volatile.Read(ref runs)));
        held.SetResult();
        var reached = (long)(await first.Sql("SELECT runs FROM cms.jobs WHERE name = 'probe'") ?? 0L) + 8;
        await Until(first, $"SELECT 1 FROM cms.jobs WHERE name = 'probe' AND runs >= {reached}");

        Assert.Equal(1, most);

        await first.Stop();
        var node = second.Services.GetRequiredService<JobLedger>().Node;
        var stopped = Volatile.Read(ref runs);
        await Until(second, $"SELECT 1 FROM cms.jobs WHERE name = 'probe' AND last_node = '{node}' AND runs > {stopped + 2}");

        async Task Counted(CancellationToken ct)
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            Interlocked.Increment(ref runs);
            await held.Task.WaitAsync(ct);
            Interlocked.Decrement(ref atOnce);
        }
    }

    [Fact]
    public async Task Another_node_goes_on_with_the_job_of_one_that_was_killed_within_a_minute()
    {
        await using var first = await fixture.StartService(configure: Waking(Soon with { Start = TimeSpan.FromDays(1) }));
        using var process = Serve(first.ConnectionString);
        await using var source = NpgsqlDataSource.Create(first.ConnectionString);
        await using (var connection = await source.OpenConnectionAsync(Ct))
        {
            // The job waits for this lock, until it is killed.
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using var hold = new NpgsqlCommand("LOCK TABLE cms.editions IN ACCESS EXCLUSIVE MODE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Ct);
            await Until(first, "SELECT 1 FROM cms.jobs WHERE name = 'digest' AND last_started_at > coalesce(last_finished_at, '-infinity')");
            process.Kill();
            await process.WaitForExitAsync(Ct);
        }

        var killed = Stopwatch.GetTimestamp();
        Assert.Equal("BLOCKED", await first.Sql("SELECT trigger_state FROM cms.qrtz_triggers WHERE trigger_name = 'digest'"));
        var dead = await first.Sql("SELECT last_node FROM cms.jobs WHERE name = 'digest'");

        await using var second = await TestService.Start(first.ConnectionString, Ct, null, Waking(JobTimes.Default with { Start = TimeSpan.Zero }));
        await Until(first, $"SELECT 1 FROM cms.jobs WHERE name = 'digest' AND last_node <> '{dead}' AND last_finished_at > last_started_at AND last_error IS NULL");

        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_node_whose_database_cannot_wake_it_yet_serves_and_tries_again()
    {
        var logs = new CollectedLogs();
        await using var prepared = await fixture.StartService();
        await prepared.Sql("ALTER TABLE cms.qrtz_locks RENAME TO away");
        await using var service = await TestService.Start(prepared.ConnectionString, Ct, null, Waking(Soon) + logs.Collect);

        await logs.Until("Jobs cannot be woken yet", Ct);
        using (var reader = service.Anonymous()) (await reader.Get("/health/ready")).Is(HttpStatusCode.OK);
        await prepared.Sql("ALTER TABLE cms.away RENAME TO qrtz_locks");
        await Until(service, "SELECT 1 FROM cms.jobs WHERE name = 'digest' AND last_finished_at > last_started_at");

        var host = new NpgsqlConnectionStringBuilder(service.ConnectionString);
        Assert.DoesNotContain(logs.Lines, l => l.Contains("Quartz", StringComparison.Ordinal) && (l.Contains($"{host.Password}", StringComparison.Ordinal) || l.Contains("qrtz_", StringComparison.OrdinalIgnoreCase)));
    }

    private static Action<WebApplicationBuilder> Waking(JobTimes times, Func<CancellationToken, Task>? probe = null) => builder =>
    {
        builder.Services.AddSingleton(times);
        builder.Services.AddSingleton(DigestTimes.Default with { Timer = TimeSpan.FromSeconds(1) });
        if (probe is not null) builder.Services.AddSingleton(new ScheduledJob(Probe, "Counts.", TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300), probe));
    };

    private static async Task<JsonNode> Item(HttpClient client) => (await client.Get(Jobs)).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Single(i => i!.Member("name") == Probe)!;

    private static DateTimeOffset Instant(JsonNode? item, string member) => item![member]!.GetValue<DateTimeOffset>();

    /// <summary>Asks until there is an answer, and gives it.</summary>
    private static async Task<object> Until(TestService service, string sql)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        while (true)
        {
            await using var command = source.CreateCommand(sql);
            if (await command.ExecuteScalarAsync(patience.Token) is { } answer) return answer;
            await Task.Yield(); // the question itself takes its time
        }
    }

    // As an operator starts it: a process of its own, that can be killed.
    private static Process Serve(string connectionString)
    {
        var start = new ProcessStartInfo("dotnet");
        string[] arguments =
        [
            typeof(CommandLine).Assembly.Location, "--environment", "Testing", "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:Cms={connectionString}",
            "--Cms:PublicUrl=https://cms.example.org", $"--Cms:SuppressionKey={Convert.ToBase64String(new byte[32])}", "--Logging:Console:LogLevel:Default=None",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException("There is no dotnet.");
    }
}
