using Cms.Domain;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Jobs;

/// <summary>What became of runs: a row for each job, by the database's time.</summary>
internal sealed class JobLedger(Databases databases)
{
    private const string RecordStart = """
        INSERT INTO cms.jobs (name, last_started_at, last_node, runs) VALUES ($1, clock_timestamp(), $2, 1)
        ON CONFLICT (name) DO UPDATE SET last_started_at = excluded.last_started_at, last_node = excluded.last_node, runs = jobs.runs + 1
        """;

    private const string RecordEnd = "UPDATE cms.jobs SET last_finished_at = clock_timestamp(), last_error = $2 WHERE name = $1";

    // Quartz keeps instants as .NET's ticks.
    private const string Runs = """
        SELECT j.last_started_at, j.last_finished_at, j.last_error,
          (SELECT min(t.next_fire_time) FROM cms.qrtz_triggers t WHERE t.sched_name = $2 AND t.job_name = v.name) AS next
        FROM unnest($1::text[]) WITH ORDINALITY v (name, place) LEFT JOIN cms.jobs j ON j.name = v.name ORDER BY v.place
        """;

    /// <summary>Who this process is among the nodes.</summary>
    public string Node { get; } = $"{Cut(Environment.MachineName)}-{Environment.ProcessId}-{Guid.CreateVersion7().ToString("n")[^12..]}";

    /// <summary>A run begins here.</summary>
    public Task Start(string name, CancellationToken ct) => Run(RecordStart, ct, name, Node);

    /// <summary>It ended.</summary>
    /// <param name="name">The job's.</param>
    /// <param name="fault">A type and a code, never a message, which may hold values; null when all was well.</param>
    /// <param name="ct">Cancels.</param>
    public Task End(string name, string? fault, CancellationToken ct) => Run(RecordEnd, ct, name, fault);

    /// <summary>The last and the next run of each of these jobs, in their order.</summary>
    public async Task<IReadOnlyList<JobRun>> List(IEnumerable<string> names, CancellationToken ct)
    {
        await using var command = Command(databases.Runtime, Runs, names.ToArray(), JobScheduler.Name);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var runs = new List<JobRun>();
        while (await reader.ReadAsync(ct)) runs.Add(new(Instant(reader, 0), Instant(reader, 1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero).Microseconds()));
        return runs;
    }

    private static string Cut(string name) => name.Length > 60 ? name[..60] : name;

    private static DateTimeOffset? Instant(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private async Task Run(string sql, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(databases.Jobs, sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, params object?[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return command;
    }
}

/// <summary>What is known of a job's runs; all null when it never ran and nobody has scheduled it yet.</summary>
/// <param name="LastStartedAt">By the database's time.</param>
/// <param name="LastFinishedAt">Earlier than the start while it runs, or when its node died.</param>
/// <param name="LastError">Of the run that finished last.</param>
/// <param name="NextRunAt">When a node will be woken.</param>
internal sealed record JobRun(DateTimeOffset? LastStartedAt, DateTimeOffset? LastFinishedAt, string? LastError, DateTimeOffset? NextRunAt);
