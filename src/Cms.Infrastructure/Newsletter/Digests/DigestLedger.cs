using Cms.Domain.Newsletter;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>What became of a reader's row of the ledger. The numbers stand in the database.</summary>
internal enum DigestState : short
{
    /// <summary>The mail is still to go.</summary>
    Due = 0,

    /// <summary>A server took it.</summary>
    Sent = 1,

    /// <summary>A server put it off: it goes again.</summary>
    Deferred = 2,

    /// <summary>It does not go: refused for good, or put off for too long.</summary>
    Failed = 3,

    /// <summary>The reader left, paused or was suppressed since the edition was frozen.</summary>
    Left = 4,
}

/// <summary>Mails that one node has, at most a hundred, until its lease runs out.</summary>
/// <param name="Lease">Tells its holder from one that had them before.</param>
/// <param name="Edition">The edition's number.</param>
/// <param name="Mails">Those whose readers may get it.</param>
/// <param name="Left">Those whose readers may not any more.</param>
internal sealed record DigestBatch(long Lease, long Edition, IReadOnlyList<DigestRecipient> Mails, IReadOnlyList<Guid> Left);

/// <summary>What became of one mail.</summary>
/// <param name="SubscriberId">Whose.</param>
/// <param name="State">What.</param>
/// <param name="Code">The server's reply; 0 for none.</param>
/// <param name="Status">Its enhanced status, or a word of ours.</param>
/// <param name="After">Deferred: when it goes again.</param>
/// <param name="IsInDoubt">It may have been taken.</param>
internal sealed record DigestOutcome(Guid SubscriberId, DigestState State, int Code, string? Status, TimeSpan? After, bool IsInDoubt);

/// <summary>What is to be written of one lease.</summary>
/// <param name="Edition">The edition's number.</param>
/// <param name="Lease">Whose mails they are.</param>
/// <param name="Sending">Those at a server from now on.</param>
/// <param name="Outcomes">What became of others.</param>
internal sealed record DigestRecord(long Edition, long Lease, IReadOnlyCollection<Guid> Sending, IReadOnlyList<DigestOutcome> Outcomes);

/// <summary>
/// The ledger of an edition: a row for each reader, written before the first mail. Nodes take up to a hundred rows at a time, in the order of the table's key, under a
/// lease of thirty seconds by the database's clock. The lease holds which mails are at a server this instant, so when a node dies only those are in doubt, and another
/// goes on. Whoever lost a lease changes nothing any more. A mail costs one update of its own row and a share in one of the lease's. One that is put off for the
/// twelfth time, or is in doubt for the third, has failed: a reader gets no tenth copy from a server that takes mails and hangs up.
/// </summary>
internal sealed class DigestLedger(Databases databases, SuppressionKey key, DigestTimes times)
{
    private const int AtOnce = 100;

    // Seconds. One try on a server that hangs does not outlast the lease.
    private int Patience => (int)Math.Max(1, times.Lease.TotalSeconds / 3);

    // Rows stand still once they are listed, so the cursor alone says which are taken: two nodes wait for each other at it and not at rows.
    private const string ClaimFresh = """
        WITH p AS (SELECT coalesce(claimed_through, uuid '00000000-0000-0000-0000-000000000000') AS after FROM cms.digest_progress WHERE edition = $1 FOR UPDATE),
          next AS MATERIALIZED (SELECT m.subscriber_id, m.set_key FROM cms.digest_mails m WHERE m.edition = $1 AND m.subscriber_id > (SELECT after FROM p) ORDER BY m.subscriber_id LIMIT $2),
          moved AS (UPDATE cms.digest_progress SET claimed_through = (SELECT subscriber_id FROM next ORDER BY subscriber_id DESC LIMIT 1) WHERE edition = $1 AND EXISTS (SELECT FROM next)),
          lease AS (INSERT INTO cms.digest_leases (edition, until) SELECT $1, clock_timestamp() + $3 FROM next HAVING count(*) > 0 RETURNING id),
          has AS (INSERT INTO cms.digest_leased (lease, ids) SELECT lease.id, (SELECT array_agg(subscriber_id) FROM next) FROM lease)
        SELECT lease.id, n.subscriber_id, n.set_key, s.email, s.status, s.email_key FROM next n CROSS JOIN lease LEFT JOIN cms.subscribers s ON s.id = n.subscriber_id
        """;

    // PostgreSQL's statistics know nothing of an edition that has just begun, and it takes "of this edition" for a row or two. So each row is looked for by an edition that
    // stands beside its reader, and not by $1: else a plan reads all the edition's rows to find one.
    private const string ClaimAgain = """
        WITH next AS MATERIALIZED (SELECT edition, subscriber_id FROM cms.digest_deferred WHERE edition = $1 AND not_before <= clock_timestamp() ORDER BY not_before LIMIT $2 FOR UPDATE SKIP LOCKED),
          gone AS (DELETE FROM cms.digest_deferred d USING next n WHERE d.edition = n.edition AND d.subscriber_id = n.subscriber_id),
          taken AS (UPDATE cms.digest_mails m SET state = 0 FROM next n WHERE m.edition = n.edition AND m.subscriber_id = n.subscriber_id RETURNING m.subscriber_id, m.set_key),
          lease AS (INSERT INTO cms.digest_leases (edition, until) SELECT $1, clock_timestamp() + $3 FROM taken HAVING count(*) > 0 RETURNING id),
          has AS (INSERT INTO cms.digest_leased (lease, ids) SELECT lease.id, (SELECT array_agg(subscriber_id) FROM taken) FROM lease)
        SELECT lease.id, n.subscriber_id, n.set_key, s.email, s.status, s.email_key FROM taken n CROSS JOIN lease LEFT JOIN cms.subscribers s ON s.id = n.subscriber_id
        """;

    // A mail that was put off may have gone on under a newer lease while another of its old one still hung: it is the newer holder's.
    private const string ClaimDead = """
        WITH dead AS MATERIALIZED (SELECT id, edition, sending FROM cms.digest_leases WHERE edition = $1 AND until < clock_timestamp() ORDER BY until LIMIT 1 FOR UPDATE SKIP LOCKED),
          gone AS (DELETE FROM cms.digest_leases l USING dead d WHERE l.id = d.id),
          had AS MATERIALIZED (SELECT d.edition, i.id FROM dead d JOIN cms.digest_leased k ON k.lease = d.id CROSS JOIN LATERAL unnest(k.ids) i (id)
            WHERE NOT EXISTS (SELECT FROM cms.digest_leases l JOIN cms.digest_leased n ON n.lease = l.id WHERE l.edition = d.edition AND l.id > d.id AND i.id = ANY (n.ids)) LIMIT $2),
          sent AS MATERIALIZED (SELECT d.edition, i.id FROM dead d CROSS JOIN LATERAL unnest(d.sending) i (id)),
          next AS MATERIALIZED (SELECT m.subscriber_id, m.set_key FROM had h JOIN cms.digest_mails m ON m.edition = h.edition AND m.subscriber_id = h.id
            WHERE m.state = 0 AND NOT (m.doubts >= 2 AND m.subscriber_id IN (SELECT id FROM sent))),
          doubt AS (UPDATE cms.digest_mails m SET doubts = least(m.doubts + 1, 30000)::smallint, state = CASE WHEN m.doubts >= 2 THEN 3 ELSE 0 END, at = CASE WHEN m.doubts >= 2 THEN clock_timestamp() END
            FROM sent s WHERE m.edition = s.edition AND m.subscriber_id = s.id AND m.state = 0),
          lease AS (INSERT INTO cms.digest_leases (edition, until) SELECT $1, clock_timestamp() + $3 FROM next HAVING count(*) > 0 RETURNING id),
          has AS (INSERT INTO cms.digest_leased (lease, ids) SELECT lease.id, (SELECT array_agg(subscriber_id) FROM next) FROM lease)
        SELECT lease.id, n.subscriber_id, n.set_key, s.email, s.status, s.email_key FROM next n CROSS JOIN lease LEFT JOIN cms.subscribers s ON s.id = n.subscriber_id
        """;

    // Only what is still open: said twice, since the answer to the first time was lost, it changes nothing.
    private const string RecordDone = """
        WITH held AS (UPDATE cms.digest_leases SET sending = $3, until = clock_timestamp() + $4 WHERE id = $2 RETURNING 1),
          done AS (UPDATE cms.digest_mails m SET state = CASE WHEN v.state = 2 AND (m.attempts >= 11 OR v.doubt = 1 AND m.doubts >= 2) THEN 3 ELSE v.state END, attempts = least(m.attempts + 1, 30000)::smallint, doubts = least(m.doubts + v.doubt, 30000)::smallint, at = clock_timestamp(), code = v.code,
              status = v.status
            FROM unnest(array_fill($1::bigint, ARRAY[cardinality($5)]), $5::uuid[], $6::smallint[], $7::smallint[], $8::text[], $9::interval[], $10::int[]) v (edition, id, state, code, status, after, doubt)
            WHERE m.edition = v.edition AND m.subscriber_id = v.id AND m.state = 0 AND EXISTS (SELECT FROM held) RETURNING m.edition, m.subscriber_id, m.state, v.after),
          later AS (INSERT INTO cms.digest_deferred (edition, subscriber_id, not_before) SELECT edition, subscriber_id, clock_timestamp() + after FROM done WHERE state = 2
            ON CONFLICT (edition, subscriber_id) DO UPDATE SET not_before = excluded.not_before)
        SELECT count(*) FROM held
        """;

    // In the order in which the recorder updates them, or the two would wait for each other.
    private const string KeepHeld = """
        UPDATE cms.digest_leases l SET until = clock_timestamp() + $2 FROM (SELECT id FROM cms.digest_leases WHERE id = ANY ($1) ORDER BY id FOR UPDATE) mine WHERE l.id = mine.id
        """;

    private const string EndLease = "DELETE FROM cms.digest_leases WHERE id = $1";

    private const string GiveBackHeld = "UPDATE cms.digest_leases SET until = clock_timestamp() WHERE id = ANY ($1)";

    private const string FinishWhenDone = """
        WITH done AS (UPDATE cms.editions e SET status = 'Sent', finished_at = clock_timestamp() WHERE e.number = $1 AND e.status = 'Sending'
          AND NOT EXISTS (SELECT FROM cms.digest_leases l WHERE l.edition = $1)
          AND NOT EXISTS (SELECT FROM cms.digest_deferred d WHERE d.edition = $1)
          AND NOT EXISTS (SELECT FROM cms.digest_mails m, cms.digest_progress p WHERE m.edition = $1 AND p.edition = $1 AND m.subscriber_id > coalesce(p.claimed_through, uuid '00000000-0000-0000-0000-000000000000') LIMIT 1) RETURNING e.number)
        UPDATE cms.digest_progress p SET taken = (SELECT count(*) FROM cms.digest_mails m WHERE m.edition = p.edition AND m.state = 1) FROM done WHERE p.edition = done.number
        """;

    private const string StillThere = "SELECT id, email, email_key FROM cms.subscribers WHERE id = ANY ($1) AND status = 'Active'";

    private const string GiveUpUnbegun = """
        WITH late AS (UPDATE cms.editions e SET status = 'Skipped', skipped_because = 'late' FROM cms.digest_progress p
            WHERE e.number = $1 AND e.status = 'Sending' AND p.edition = e.number AND p.claimed_through IS NULL RETURNING e.number)
        DELETE FROM cms.edition_articles a USING late WHERE a.edition = late.number
        """;

    /// <summary>Takes mails of a node that died, else those that nobody had yet or those that were put off and are due again.</summary>
    /// <param name="edition">The edition's number.</param>
    /// <param name="isAgainFirst">Which of the two go first. By turns, none waits for the end of a long list, and a server that puts off everything stops no fresh one.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Null when there is nothing to do now.</returns>
    public async Task<DigestBatch?> Claim(long edition, bool isAgainFirst, CancellationToken ct)
    {
        var (one, other) = isAgainFirst ? (ClaimAgain, ClaimFresh) : (ClaimFresh, ClaimAgain);
        return await Claim(ClaimDead, edition, ct) ?? await Claim(one, edition, ct) ?? await Claim(other, edition, ct);
    }

    /// <summary>Records what became of mails, and which are at a server from now on; one commit for all.</summary>
    /// <param name="connection">The recorder's own: it asks thousands of times a second, and the pool clears a session between two uses.</param>
    /// <param name="records">Each of another lease, in the order of their numbers.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>For each: false when another node has the lease. Nothing of it was recorded, and nothing of it may be sent.</returns>
    public async Task<bool[]> Record(NpgsqlConnection connection, IReadOnlyList<DigestRecord> records, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = Patience };
        foreach (var (edition, lease, sending, outcomes) in records)
        {
            var command = new NpgsqlBatchCommand(RecordDone);
            Add(command.Parameters, [edition, lease, sending.ToArray(), times.Lease, outcomes.Select(o => o.SubscriberId).ToArray(), outcomes.Select(o => (short)o.State).ToArray(),
                outcomes.Select(o => (short)o.Code).ToArray(), outcomes.Select(o => o.Status ?? "").ToArray(), outcomes.Select(o => o.After ?? TimeSpan.Zero).ToArray(), outcomes.Select(o => o.IsInDoubt ? 1 : 0).ToArray()]);
            batch.BatchCommands.Add(command);
        }

        var held = new bool[records.Count];
        await using var reader = await batch.ExecuteReaderAsync(ct);
        for (var i = 0; i < held.Length; i++, await reader.NextResultAsync(ct)) held[i] = await reader.ReadAsync(ct) && reader.GetInt64(0) == 1;
        return held;
    }

    /// <summary>A connection for the recorder.</summary>
    public ValueTask<NpgsqlConnection> Connect(CancellationToken ct) => databases.Jobs.OpenConnectionAsync(ct);

    /// <summary>Keeps leases for another while.</summary>
    public Task Keep(long[] leases, CancellationToken ct) => Try(KeepHeld, ct, leases, times.Lease);

    /// <summary>Every mail of the lease is recorded.</summary>
    public Task End(long lease) => Try(EndLease, CancellationToken.None, lease);

    /// <summary>This node stops: another one may have them at once.</summary>
    public Task GiveBack(long[] leases, CancellationToken ct) => Run(GiveBackHeld, ct, leases);

    /// <summary>Ends an edition of which every mail went, or is known not to.</summary>
    public async Task<bool> Finish(long edition, CancellationToken ct) => await Run(FinishWhenDone, ct, edition) > 0;

    /// <summary>What these sets of readers get.</summary>
    public async Task<IReadOnlyList<DigestSet>> Sets(long edition, Guid[] keys, CancellationToken ct)
    {
        await using var command = Command("SELECT key, language, parts FROM cms.digest_sets WHERE edition = $1 AND key = ANY ($2)", edition, keys);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var sets = new List<DigestSet>();
        while (await reader.ReadAsync(ct)) sets.Add(new(reader.GetGuid(0), reader.GetString(1), JsonColumn.Read<List<DigestSetPart>>(reader.GetString(2))));
        return sets;
    }

    /// <summary>Ends an edition of which no mail went while it was news: what it holds is in the next one.</summary>
    public async Task<bool> GiveUp(long edition, CancellationToken ct) => await Run(GiveUpUnbegun, ct, edition) > 0;

    /// <summary>Which of these may get their mail at this instant: not who left, moved, or has an address that was barred since.</summary>
    public async Task<HashSet<Guid>> MayGetIt(IReadOnlyList<DigestRecipient> mails, CancellationToken ct)
    {
        var emails = mails.ToDictionary(m => m.SubscriberId, m => m.Email);
        var there = new List<(Guid Id, byte[] Hash)>(mails.Count);
        await using (var command = Command(StillThere, emails.Keys.ToArray()))
        {
            command.CommandTimeout = Patience;
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                if (reader.GetString(1) == emails[reader.GetGuid(0)]) there.Add((reader.GetGuid(0), key.Hash(reader.GetString(2))));
        }

        var suppressed = await Suppressed([.. there.Select(t => t.Hash)], ct);
        return [.. there.Where(t => !suppressed.Contains(Convert.ToHexString(t.Hash))).Select(t => t.Id)];
    }

    private async Task<DigestBatch?> Claim(string sql, long edition, CancellationToken ct)
    {
        var (lease, mails, left) = (0L, new List<(DigestRecipient To, byte[] Hash)>(AtOnce), new List<Guid>());
        await using (var command = Command(sql, edition, AtOnce, times.Lease))
        await using (var reader = await command.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
            {
                lease = reader.GetInt64(0);
                if (reader.IsDBNull(3) || reader.GetString(4) != nameof(SubscriberStatus.Active)) left.Add(reader.GetGuid(1));
                else mails.Add((new(reader.GetGuid(1), reader.GetString(3), reader.GetGuid(2)), key.Hash(reader.GetString(5))));
            }

        if (lease == 0) return null;
        // An address may be barred beside the import that brings it, which sees nothing of that.
        var suppressed = await Suppressed([.. mails.Select(m => m.Hash)], ct);
        left.AddRange(mails.Where(m => suppressed.Contains(Convert.ToHexString(m.Hash))).Select(m => m.To.SubscriberId));
        return new(lease, edition, [.. mails.Where(m => !suppressed.Contains(Convert.ToHexString(m.Hash))).Select(m => m.To)], left);
    }

    private async Task<HashSet<string>> Suppressed(byte[][] hashes, CancellationToken ct)
    {
        await using var command = Command("SELECT hash FROM cms.suppressions WHERE hash = ANY ($1)", (object)hashes);
        command.CommandTimeout = Patience;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var suppressed = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct)) suppressed.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
        return suppressed;
    }

    private async Task Try(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        command.CommandTimeout = Patience;
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<int> Run(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = databases.Jobs.CreateCommand(sql);
        Add(command.Parameters, values);
        return command;
    }

    private static void Add(NpgsqlParameterCollection parameters, object[] values)
    {
        foreach (var value in values) parameters.Add(new NpgsqlParameter { Value = value });
    }
}

/// <summary>How long sending waits for what. A test, and nobody else, makes them shorter.</summary>
/// <param name="Lease">How long a node has mails without saying that it lives.</param>
/// <param name="Renewal">How often it says so.</param>
/// <param name="Poll">How often a node looks whether there is work.</param>
/// <param name="Fresh">How long it is believed who may get mail.</param>
/// <param name="Timer">How often it is looked whether an edition is due.</param>
/// <param name="Again">How long a mail waits at least that a server put off.</param>
internal sealed record DigestTimes(TimeSpan Lease, TimeSpan Renewal, TimeSpan Poll, TimeSpan Fresh, TimeSpan Timer, TimeSpan Again)
{
    /// <summary>Another node goes on within sixty seconds.</summary>
    public static DigestTimes Default { get; } = new(
        TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1));
}
