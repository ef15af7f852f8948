using System.Text;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Rows that go together in one transaction: what they make of readers, the ledger, the report and how far the import has come. It is done whole or not
/// at all, so an import that goes on elsewhere repeats nothing and leaves nothing out.
/// </summary>
internal sealed class ImportBatch(Databases databases, TimeProvider time)
{
    /// <summary>Rows of a batch.</summary>
    public const int Size = 500;

    private const int MaxTries = 3;

    private static readonly Refusal
        Suppressed = new("suppressed", "Mail to this address bounced, its reader complained, or they had themselves erased: no import brings them back."),
        Left = new("unsubscribed", "The reader unsubscribed here: no import brings them back.");

    // A plan made while the table is small must not be kept until it is large.
    private const string ByIndex = "SET LOCAL enable_seqscan = off";

    // In the order of the key, so that two imports wait for each other and not both. Whoever erases at this moment is waited for, and looked for behind it.
    private const string KnownReaders = """
        SELECT id, email_key, status, name, language, frequency, section_ids FROM cms.subscribers WHERE email_key = ANY ($1) ORDER BY email_key
        """;

    private const string LockedReaders = KnownReaders + " FOR UPDATE";

    private const string SuppressedHashes = "SELECT hash FROM cms.suppressions WHERE hash = ANY ($1)";

    private const string InsertReaders = """
        INSERT INTO cms.subscribers (id, email, name, language, frequency, section_ids, status, consent, created_at, updated_at)
        SELECT id, email, name, language, frequency, sections::uuid[], status, consent::json, $9, $9
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS n (id, email, name, language, frequency, sections, status, consent)
        ON CONFLICT (email_key) DO NOTHING
        """;

    private const string UpdateReaders = """
        UPDATE cms.subscribers s SET name = n.name, language = n.language, frequency = n.frequency, section_ids = n.sections::uuid[], status = n.status,
          consent = coalesce(n.consent::json, s.consent), updated_at = $8
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS n (id, name, language, frequency, sections, status, consent)
        WHERE s.id = n.id
        """;

    private const string InsertConsents = """
        INSERT INTO cms.consents (address_hash, kind, at, source, text_version)
        SELECT hash, $5, at, source, version FROM unnest($1::bytea[], $2::timestamptz[], $3::text[], $4::text[]) AS n (hash, at, source, version)
        """;

    private const string InsertReport = "INSERT INTO cms.import_reports (import_id, number, lines) VALUES ($1, $2, $3)";

    private const string Progress = """
        UPDATE cms.imports SET format = $3, lines = lines + $4, added = added + $5, updated = updated + $6, unchanged = unchanged + $7, refused = refused + $8,
          batches = batches + 1, attempts = 0, lease_until = clock_timestamp() + interval '30 seconds'
        WHERE id = $1 AND lease = $2
        """;

    /// <summary>Does it.</summary>
    /// <param name="held">The import.</param>
    /// <param name="number">Of the batch.</param>
    /// <param name="format">Of the file.</param>
    /// <param name="rows">At most <see cref="Size"/>; no address twice.</param>
    /// <param name="language">Of new readers whose row says none.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>False when another node has the import.</returns>
    public async Task<bool> Commit(LeasedImport held, int number, ImportFormat format, IReadOnlyList<ImportRow> rows, string language, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            await using var connection = await databases.Jobs.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            var changes = await Decide(connection, rows, held.Job.Order.DryRun, ct);
            if (!held.Job.Order.DryRun && !await Apply(connection, changes, language, ct))
            {
                if (tries == MaxTries) throw new InvalidOperationException("Somebody else adds the same readers again and again.");
                continue; // somebody added one of them since: now they are known
            }

            await Run(connection, InsertReport, ct, held.Job.Id, number, Report(changes));
            int Count(Outcome outcome) => changes.Count(c => c.Outcome == outcome);
            if (await Run(connection, Progress, ct, held.Job.Id, held.Lease, format.ToString().ToLowerInvariant(), rows.Count,
                Count(Outcome.Added), Count(Outcome.Updated), Count(Outcome.Unchanged), Count(Outcome.Refused)) == 0) return false;
            await transaction.CommitAsync(ct);
            return true;
        }
    }

    private static async Task<List<Change>> Decide(NpgsqlConnection connection, IReadOnlyList<ImportRow> rows, bool dryRun, CancellationToken ct)
    {
        await Run(connection, ByIndex, ct);
        var readers = rows.Select(r => r.Reader).OfType<ImportReader>().ToList();
        var known = (await Read(connection, dryRun ? KnownReaders : LockedReaders, Known.Of, ct, [Each(readers, r => r.Address.Key)])).ToDictionary(k => k.EmailKey, StringComparer.Ordinal);
        var suppressed = (await Read(connection, SuppressedHashes, r => Convert.ToHexString(r.GetFieldValue<byte[]>(0)), ct, [Each(readers, r => r.Hash)])).ToHashSet(StringComparer.Ordinal);
        return [.. rows.Select(row => row.Reader is not { } reader ? new(row, Outcome.Refused, null, row.Refusal)
            : suppressed.Contains(Convert.ToHexString(reader.Hash)) ? new(row, Outcome.Refused, null, Suppressed)
            : known.TryGetValue(reader.Address.Key, out var present) ? Of(row, reader, present)
            : new Change(row, Outcome.Added, null, null))];
    }

    private static Change Of(ImportRow row, ImportReader reader, Known known) => known.Status switch
    {
        SubscriberStatus.Bounced or SubscriberStatus.Complained => new(row, Outcome.Refused, null, Suppressed),
        SubscriberStatus.Unsubscribed => new(row, Outcome.Refused, null, Left),
        _ when known.Status == SubscriberStatus.Pending || known.Differs(reader) => new(row, Outcome.Updated, known, null),
        _ => new(row, Outcome.Unchanged, known, null),
    };

    /// <returns>False when a reader who was to be added is there now.</returns>
    private async Task<bool> Apply(NpgsqlConnection connection, List<Change> changes, string language, CancellationToken ct)
    {
        var now = time.Now();
        var added = changes.Where(c => c.Outcome == Outcome.Added).Select(c => c.Reader).OrderBy(r => r.Address.Key, StringComparer.Ordinal).ToList();
        var updated = changes.Where(c => c is { Outcome: Outcome.Updated, Known: not null }).Select(c => (Known: c.Known!, c.Reader)).ToList();
        if (added.Count > 0 && await Run(connection, InsertReaders, ct,
            Each(added, _ => Guid.CreateVersion7(now)), Each(added, r => r.Address.Value), Each(added, r => r.Name), Each(added, r => r.Language ?? language), Each(added, r => $"{r.Frequency ?? Frequency.Daily}"),
            Each(added, r => Ids(r.SectionIds ?? [])), Each(added, r => $"{Status(r)}"), Each(added, r => JsonColumn.Write(r.Consent)), now) < added.Count) return false;
        if (updated.Count > 0) await Run(connection, UpdateReaders, ct,
            Each(updated, u => u.Known.Id), Each(updated, u => u.Reader.Name ?? u.Known.Name), Each(updated, u => u.Reader.Language ?? u.Known.Language), Each(updated, u => $"{u.Reader.Frequency ?? u.Known.Frequency}"),
            Each(updated, u => Ids(u.Reader.SectionIds ?? u.Known.SectionIds)), Each(updated, u => $"{(u.Known.IsPending ? Status(u.Reader) : u.Known.Status)}"),
            Each(updated, u => u.Known.IsPending ? JsonColumn.Write(u.Reader.Consent) : null), now);

        // Who subscribes already keeps the evidence that there is: it is their own.
        var agreed = added.Concat(updated.Where(u => u.Known.IsPending).Select(u => u.Reader)).ToList();
        if (agreed.Count > 0) await Run(connection, InsertConsents, ct,
            Each(agreed, r => r.Hash), Each(agreed, r => r.Consent.At), Each(agreed, r => r.Consent.Source), Each(agreed, r => r.Consent.TextVersion), ConsentEvent.Imported);
        return true;
    }

    private static SubscriberStatus Status(ImportReader reader) => reader.IsPaused ? SubscriberStatus.Paused : SubscriberStatus.Active;

    private static string Ids(IEnumerable<Guid> ids) => $"{{{string.Join(',', ids)}}}";

    private static TValue[] Each<T, TValue>(List<T> items, Func<T, TValue> value) => [.. items.Select(value)];

    private static string Report(List<Change> changes)
    {
        var report = new StringBuilder();
        foreach (var (row, outcome, _, refusal) in changes)
            Csv.AppendLine(report, row.Line.ToString(System.Globalization.CultureInfo.InvariantCulture), outcome.ToString().ToLowerInvariant(), refusal?.Code, refusal?.Message);
        return report.ToString();
    }

    private static async Task<int> Run(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<T>> Read<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private enum Outcome
    {
        Added,
        Updated,
        Unchanged,
        Refused,
    }

    private sealed record Change(ImportRow Row, Outcome Outcome, Known? Known, Refusal? Refusal)
    {
        public ImportReader Reader => Row.Reader ?? throw new InvalidOperationException("A refused row has no reader.");
    }

    /// <summary>Whom we have already.</summary>
    private sealed record Known(Guid Id, string EmailKey, SubscriberStatus Status, string? Name, string Language, Frequency Frequency, Guid[] SectionIds)
    {
        public bool IsPending => Status == SubscriberStatus.Pending;

        public static Known Of(NpgsqlDataReader r) => new(
            r.GetGuid(0), r.GetString(1), Enum.Parse<SubscriberStatus>(r.GetString(2)), r.IsDBNull(3) ? null : r.GetString(3), r.GetString(4), Enum.Parse<Frequency>(r.GetString(5)), r.GetFieldValue<Guid[]>(6));

        public bool Differs(ImportReader reader) =>
            (reader.Name is not null && reader.Name != Name) || (reader.Language is not null && reader.Language != Language) || (reader.Frequency is { } often && often != Frequency)
            || (reader.SectionIds is { } wanted && !wanted.ToHashSet().SetEquals(SectionIds));
    }
}
