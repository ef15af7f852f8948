using Cms.Domain;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Outbox;

/// <summary>An event that one node works on.</summary>
/// <param name="Id">Which.</param>
/// <param name="Attempts">How often it has failed.</param>
/// <param name="Payload">What is to be said, JSON.</param>
internal sealed record LeasedEvent(long Id, int Attempts, string Payload);

/// <summary>Events of one kind and target that one node works on.</summary>
/// <param name="Lease">Tells its holder from one that had them before.</param>
/// <param name="Events">What goes together: what has not failed, or what has, or one that must go alone.</param>
internal sealed record LeasedEvents(Guid Lease, IReadOnlyList<LeasedEvent> Events)
{
    /// <summary>Their ids.</summary>
    public long[] Ids => [.. Events.Select(e => e.Id)];
}

/// <summary>
/// Events for others, who may be slow: no connection is held while they are spoken to. A node leases what is due by putting it off for twenty
/// seconds by the database's clock under a name of its own, commits, speaks, and deletes it. While it speaks it renews the lease; when
/// it dies, the event is simply due again. Whoever lost a lease changes nothing any more, so what is said is said at least once.
/// </summary>
internal sealed class OutboxLeases(Databases databases, TimeProvider time)
{
    // What has not failed goes first: a target that is back first hears the new. Then together what it could not take, so that its weakness does
    // not make many requests of one. What was refused for its own sake goes alone and last: a poisoned event takes no other with it.
    private const string ClaimDue = """
        WITH due AS (
          SELECT id, not_before, CASE WHEN alone THEN 2 WHEN attempts > 0 THEN 1 ELSE 0 END AS rank FROM cms.outbox
          WHERE kind = $1 AND target = $2 AND NOT dead AND not_before <= clock_timestamp()
            AND NOT EXISTS (SELECT FROM cms.outbox_rests r WHERE r.kind = $1 AND r.target = $2 AND r.until > clock_timestamp())
          ORDER BY alone, attempts > 0, not_before, id LIMIT $3 FOR UPDATE SKIP LOCKED),
        chosen AS (SELECT id, rank, row_number() OVER (ORDER BY not_before, id) AS place FROM due WHERE rank = (SELECT min(rank) FROM due))
        UPDATE cms.outbox SET lease = $4, not_before = clock_timestamp() + interval '20 seconds'
        WHERE id IN (SELECT id FROM chosen WHERE rank < 2 OR place = 1)
        RETURNING id, attempts, payload
        """;

    private const string RenewHeld = "UPDATE cms.outbox SET not_before = clock_timestamp() + interval '20 seconds' WHERE id = ANY ($1) AND lease = $2";

    private const string DeleteDone = "DELETE FROM cms.outbox WHERE id = ANY ($1) AND lease = $2";

    private const string PutOffFailed = """
        UPDATE cms.outbox SET lease = NULL, attempts = attempts + 1, dead = attempts + 1 >= $3, alone = alone OR $5 OR ($6 AND attempts + 1 >= 4),
          not_before = clock_timestamp() + least(4 ^ (attempts + 1), $4) * interval '1 second' + random() * interval '1 second'
        WHERE id = ANY ($1) AND lease = $2
        """;

    private const string RestTarget = """
        INSERT INTO cms.outbox_rests AS known (kind, target, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')
        ON CONFLICT (kind, target) DO UPDATE SET until = greatest(known.until, excluded.until)
        """;

    private const string DelayHeld = "UPDATE cms.outbox SET lease = NULL, not_before = clock_timestamp() + $3 WHERE id = ANY ($1) AND lease = $2";

    private const string GiveBackHeld = "UPDATE cms.outbox SET lease = NULL, not_before = clock_timestamp() WHERE id = ANY ($1) AND lease = $2";

    // One that was refused alone again and again, while others were taken, would use up its tries on their good days.
    private const string HastenFailed = """
        UPDATE cms.outbox SET not_before = clock_timestamp()
        WHERE kind = $1 AND target = $2 AND NOT dead AND lease IS NULL AND attempts > 0 AND (NOT alone OR attempts < 4 OR $3) AND not_before > clock_timestamp()
        """;

    /// <summary>Takes what is due.</summary>
    /// <param name="kind">Of this kind.</param>
    /// <param name="target">For this one.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<LeasedEvents> Claim(string kind, string target, int most, CancellationToken ct)
    {
        var (lease, events) = (Guid.CreateVersion7(time.Now()), new List<LeasedEvent>());
        await using var command = Command(ClaimDue, kind, target, most, lease);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) events.Add(new(reader.GetInt64(0), reader.GetInt32(1), reader.IsDBNull(2) ? "null" : reader.GetString(2)));
        return new(lease, events);
    }

    /// <summary>Keeps them for another twenty seconds.</summary>
    /// <returns>False when another node has them.</returns>
    public async Task<bool> Renew(LeasedEvents held, CancellationToken ct) => await Run(RenewHeld, ct, held.Ids, held.Lease) > 0;

    /// <summary>They are said.</summary>
    public Task Done(LeasedEvents held, CancellationToken ct) => Run(DeleteDone, ct, held.Ids, held.Lease);

    /// <summary>They could not be said: later again, and after the last try never.</summary>
    /// <param name="held">They.</param>
    /// <param name="longest">No later than so long from now.</param>
    /// <param name="alone">It may be one of them that is at fault: each goes alone from now on.</param>
    /// <param name="perhapsAlone">It may be, though the answer does not say so: each goes alone from the fourth time on.</param>
    /// <param name="ct">Cancels.</param>
    public Task PutOff(LeasedEvents held, TimeSpan longest, bool alone, bool perhapsAlone, CancellationToken ct) =>
        Run(PutOffFailed, ct, held.Ids, held.Lease, OutboxEvent.MaxAttempts, longest.TotalSeconds, alone, perhapsAlone);

    /// <summary>They wait for a while, and it was no try of theirs.</summary>
    public Task Delay(LeasedEvents held, TimeSpan delay, CancellationToken ct) => Run(DelayHeld, ct, held.Ids, held.Lease, delay);

    /// <summary>The target wants to be left alone: no node tells it anything for so long.</summary>
    public Task Rest(string kind, string target, TimeSpan rest, CancellationToken ct) => Run(RestTarget, ct, kind, target, rest.TotalSeconds);

    /// <summary>This node stops: another one may have them at once.</summary>
    public Task GiveBack(LeasedEvents held, CancellationToken ct) => Run(GiveBackHeld, ct, held.Ids, held.Lease);

    /// <summary>Whoever could not be reached answers again: what was put off is due now.</summary>
    /// <param name="kind">Of this kind.</param>
    /// <param name="target">For this one.</param>
    /// <param name="isRecovered">It took nothing for a while: even what was refused alone, again and again, may have been no fault of its own.</param>
    /// <param name="ct">Cancels.</param>
    public Task Hasten(string kind, string target, bool isRecovered, CancellationToken ct) => Run(HastenFailed, ct, kind, target, isRecovered);

    private async Task<int> Run(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = databases.Jobs.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
