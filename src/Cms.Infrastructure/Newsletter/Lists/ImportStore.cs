using System.Data;
using System.Runtime.CompilerServices;
using Cms.Domain;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Imports, their files and their reports. A file is streamed to the database and not to this machine's disk: the root of the image is read-only, and any
/// node can work what another took. No connection is held while a client sends. A node leases an import for thirty seconds by the database's clock and
/// renews that with each batch; when it dies, another one goes on behind the last batch. The file goes with the last line, the rest after thirty days.
/// </summary>
internal sealed class ImportStore(Databases databases, TimeProvider time)
{
    /// <summary>Bytes of a piece of the file. A larger array would not be collected before all else is.</summary>
    public const int ChunkBytes = 64 * 1024;

    /// <summary>How long an import and its report are kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>How long a file may take to come in, and a little more.</summary>
    public static readonly TimeSpan ReceivedWithin = TimeSpan.FromMinutes(15);

    /// <summary>Imports at one time: each has its file in the database until it is done.</summary>
    public const int MaxOpen = 20;

    /// <summary>Tries of one batch.</summary>
    public const int MaxAttempts = 8;

    private const string FailedAgain = "Lines failed again and again, and the service's log says how. Those with an outcome are imported: send the file again.";

    private const string Columns = "id, status, format, dry_run, consent_source, text_version, consent_at, language, lines, added, updated, unchanged, refused, created_at, started_at, finished_at, fault";

    private const string InsertReceiving = """
        INSERT INTO cms.imports (id, status, format, dry_run, consent_source, text_version, consent_at, language, created_at)
        SELECT $1, 'receiving', $2, $3, $4, $5, $6, $7, $8
        WHERE (SELECT count(*) FROM cms.imports WHERE status IN ('receiving', 'waiting', 'running')) < $9
        """;

    private const string InsertChunk = "INSERT INTO cms.import_chunks (import_id, number, bytes) VALUES ($1, $2, $3)";

    private const string SubmitReceived = """
        WITH submitted AS (UPDATE cms.imports SET status = 'waiting' WHERE id = $1 RETURNING id)
        INSERT INTO cms.audit (id, at, actor, action, resource, resource_id, members) SELECT $2, $3, $4, 'importSubscribers', 'import', id::text, '{}' FROM submitted
        """;

    private const string DeleteImport = "DELETE FROM cms.imports WHERE id = $1";

    // One that still has a lease was somebody's who died over it: that counts as a try, or lines that kill their node would kill one after the other.
    private const string ClaimDue = $"""
        UPDATE cms.imports SET status = 'running', attempts = attempts + (lease IS NOT NULL)::int, lease = $1, lease_until = clock_timestamp() + interval '30 seconds', started_at = coalesce(started_at, $2)
        WHERE id = (SELECT id FROM cms.imports WHERE status IN ('waiting', 'running') AND lease_until <= clock_timestamp() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {Columns}, batches, attempts
        """;

    private const string RenewHeld = "UPDATE cms.imports SET lease_until = clock_timestamp() + interval '30 seconds' WHERE id = $1 AND lease = $2";

    private const string GiveBackHeld = "UPDATE cms.imports SET lease = NULL, lease_until = clock_timestamp() WHERE id = $1 AND lease = $2 AND status = 'running'";

    private const string PutOffHeld = """
        WITH off AS (
          UPDATE cms.imports SET lease = NULL, attempts = attempts + 1, lease_until = clock_timestamp() + least(2 ^ attempts, 60) * interval '1 second',
            status = CASE WHEN attempts + 1 < $3 THEN status ELSE 'failed' END, finished_at = CASE WHEN attempts + 1 < $3 THEN NULL ELSE $4 END, fault = CASE WHEN attempts + 1 < $3 THEN NULL ELSE $5 END
          WHERE id = $1 AND lease = $2 RETURNING id, status)
        DELETE FROM cms.import_chunks WHERE import_id IN (SELECT id FROM off WHERE status = 'failed')
        """;

    private const string FinishHeld = """
        WITH ended AS (UPDATE cms.imports SET status = $3, finished_at = $4, fault = $5, lease = NULL WHERE id = $1 AND lease = $2 RETURNING id)
        DELETE FROM cms.import_chunks WHERE import_id IN (SELECT id FROM ended)
        """;

    private const string ReadOne = $"SELECT {Columns} FROM cms.imports WHERE id = $1 AND status <> 'receiving'";

    private const string ReadPage = $"SELECT {Columns} FROM cms.imports WHERE id < $1 AND status <> 'receiving' ORDER BY id DESC LIMIT $2";

    private const string ReadReport = "SELECT number, lines FROM cms.import_reports WHERE import_id = $1 AND number > $2 ORDER BY number LIMIT 1";

    private const string ReadChunk = "SELECT bytes FROM cms.import_chunks WHERE import_id = $1 AND number = $2";

    private static readonly Guid Last = Guid.AllBitsSet;

    /// <summary>An import whose file comes now; null when too many are open.</summary>
    public async Task<Guid?> Begin(ImportOrder order, CancellationToken ct)
    {
        var (id, now) = (Guid.CreateVersion7(time.Now()), time.Now());
        var begun = await Run(databases.Runtime, InsertReceiving, ct, id, Text(order.Format?.ToString().ToLowerInvariant()), order.DryRun, order.ConsentSource, order.TextVersion,
            new NpgsqlParameter { Value = (object?)order.ConsentAt ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }, Text(order.Language), now, MaxOpen);
        return begun > 0 ? id : null;
    }

    /// <summary>A piece of its file.</summary>
    public Task Add(Guid id, int number, ReadOnlyMemory<byte> bytes, CancellationToken ct) => Run(databases.Runtime, InsertChunk, ct, id, number, bytes);

    /// <summary>The file is whole: whoever is free works it.</summary>
    public Task Submit(Guid id, string actor, CancellationToken ct) => Run(databases.Runtime, SubmitReceived, ct, id, Guid.CreateVersion7(time.Now()), time.Now(), actor);

    /// <summary>The file did not come whole.</summary>
    public Task Discard(Guid id, CancellationToken ct) => Run(databases.Runtime, DeleteImport, ct, id);

    /// <summary>One import; null when there is none.</summary>
    public async Task<ImportJob?> Find(Guid id, CancellationToken ct) => (await Read(databases.Runtime, ReadOne, Of, ct, id)).SingleOrDefault();

    /// <summary>Imports, newest first.</summary>
    public Task<List<ImportJob>> Page(Guid? before, int most, CancellationToken ct) => Read(databases.Runtime, ReadPage, Of, ct, before ?? Last, most);

    /// <summary>The report of an import, batch by batch.</summary>
    public async IAsyncEnumerable<string> Report(Guid id, [EnumeratorCancellation] CancellationToken ct)
    {
        var number = -1;
        while ((await Read(databases.Runtime, ReadReport, r => (Number: r.GetInt32(0), Lines: r.GetString(1)), ct, id, number)) is [var batch])
        {
            yield return batch.Lines;
            number = batch.Number;
        }
    }

    /// <summary>A piece of a file; null behind the last one.</summary>
    public async Task<byte[]?> Chunk(Guid id, int number, CancellationToken ct) => (await Read(databases.Jobs, ReadChunk, r => r.GetFieldValue<byte[]>(0), ct, id, number)).SingleOrDefault();

    /// <summary>Takes the oldest import that no node works on; null when there is none.</summary>
    public async Task<LeasedImport?> Claim(CancellationToken ct)
    {
        var lease = Guid.CreateVersion7(time.Now());
        return (await Read(databases.Jobs, ClaimDue, r => new LeasedImport(lease, Of(r), r.GetInt32("batches"), r.GetInt32("attempts")), ct, lease, time.Now())).SingleOrDefault();
    }

    /// <summary>Keeps it for another thirty seconds.</summary>
    /// <returns>False when another node has it.</returns>
    public async Task<bool> Renew(LeasedImport held, CancellationToken ct) => await Run(databases.Jobs, RenewHeld, ct, held.Job.Id, held.Lease) > 0;

    /// <summary>This node stops: another one may go on at once.</summary>
    public Task GiveBack(LeasedImport held, CancellationToken ct) => Run(databases.Jobs, GiveBackHeld, ct, held.Job.Id, held.Lease);

    /// <summary>A batch did not go: later again, and after the last try never.</summary>
    public Task PutOff(LeasedImport held, CancellationToken ct) => Run(databases.Jobs, PutOffHeld, ct, held.Job.Id, held.Lease, MaxAttempts, time.Now(), FailedAgain);

    /// <summary>It was tried too often: it is over.</summary>
    public Task GiveUp(LeasedImport held, CancellationToken ct) => Finish(held, FailedAgain, ct);

    /// <summary>It is over, and its file goes.</summary>
    public Task Finish(LeasedImport held, string? fault, CancellationToken ct) =>
        Run(databases.Jobs, FinishHeld, ct, held.Job.Id, held.Lease, fault is null ? "done" : "failed", time.Now(), Text(fault));

    private static ImportJob Of(NpgsqlDataReader r) => new(
        r.GetGuid("id"), Enum.Parse<ImportStatus>(r.GetString("status"), ignoreCase: true),
        new(Optional(r, "format") is { } format ? Enum.Parse<ImportFormat>(format, ignoreCase: true) : null, r.GetBoolean("dry_run"), r.GetString("consent_source"), r.GetString("text_version"), Time(r, "consent_at"), Optional(r, "language")),
        new(r.GetInt32("lines"), r.GetInt32("added"), r.GetInt32("updated"), r.GetInt32("unchanged"), r.GetInt32("refused")),
        r.GetFieldValue<DateTimeOffset>("created_at"), Time(r, "started_at"), Time(r, "finished_at"), Optional(r, "fault"));

    private static string? Optional(NpgsqlDataReader r, string column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader r, string column) => r.IsDBNull(column) ? null : r.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static async Task<int> Run(NpgsqlDataSource database, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(database, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<T>> Read<T>(NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params object[] values)
    {
        await using var command = Command(database, sql, values);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        return command;
    }
}
