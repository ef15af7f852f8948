using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// What one request reads of delivery, and from whom. Where there are standbys one of them is asked first. Its answer counts when the clock of the
/// same server, in the same snapshot or an earlier one, is at least the newest number that this node knows and that this request has seen: so no reader
/// sees what the node knows to be old, and no request goes back in time. Else, and where the standby fails, the primary is asked, once: what it shows
/// is at least as new as what the node knew before it asked.
/// </summary>
/// <remarks>
/// When nobody has reached the primary for two seconds there is no newest number to go by. A standby that answers is then as near to the truth as
/// anybody is, and better than 503: <see cref="MayBeOld"/>.
/// </remarks>
internal sealed class DeliveryReading(DeliveryServers servers)
{
    internal const string ClockNumber = "SELECT number FROM delivery.clock";

    // What a standby's statement may take and a little more: one that hangs is not waited for, whatever becomes of its connection.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.2);

    private readonly Seen ofPrimary = new(isOfStandby: false, servers.HasStandbys);
    private long newest = -1;
    private long? earliest;
    private bool isOfPrimary;

    /// <summary>The cache's generation before anything was read.</summary>
    public int Generation { get; } = servers.Generation;

    /// <summary>The earliest number of the clock that a reading of this request saw; null before the first.</summary>
    public long? Number => earliest is { } other && ofPrimary.Earliest is { } own ? Math.Min(other, own) : earliest ?? ofPrimary.Earliest;

    /// <summary>Something was read of a standby while nobody could say whether it is still right.</summary>
    public bool MayBeOld { get; private set; }

    /// <summary>A standby said something before the primary did: it is right for now, and nothing to keep, for a standby may be a copy of another past.</summary>
    public bool IsAhead { get; private set; }

    /// <summary>Reads what tells the clock's number of its own snapshot: it must say what it <see cref="Seen.Saw"/>.</summary>
    public Task<T> Read<T>(Func<NpgsqlDataSource, Seen, Task<T>> read) => Read(ReadPool.Delivery, read);

    /// <summary>Reads the clock, where it has to be asked: whatever is read after it is at least as new.</summary>
    public Task ReadClock(CancellationToken ct)
    {
        if (servers.HasStandbys)
            return Read(async (source, seen) =>
            {
                await using var command = source.CreateCommand(ClockNumber);
                return seen.Saw((long)(await command.ExecuteScalarAsync(ct) ?? 0L));
            });
        Claim();
        return Task.CompletedTask;
    }

    /// <summary>Reads what does not tell the clock's number. Of a standby the clock is read before it, on the same connection.</summary>
    public Task<T> Read<T>(ReadPool pool, Func<NpgsqlConnection, Task<T>> read, CancellationToken ct) => Read(pool, (source, seen) => On(source, seen, read, ct));

    private Task<T> Read<T>(ReadPool pool, Func<NpgsqlDataSource, Seen, Task<T>> read) => servers.HasStandbys ? Anywhere(pool, read) : OfPrimary(pool, read);

    private Task<T> OfPrimary<T>(ReadPool pool, Func<NpgsqlDataSource, Seen, Task<T>> read)
    {
        Claim();
        return DatabaseFault.ReadTwice(servers.Primary(pool), ofPrimary, read);
    }

    // Every number that this node knows was committed there: what is read from now on is at least as new, and the clock need not be asked.
    private void Claim()
    {
        if (!servers.HasStandbys) ofPrimary.Saw(servers.Newest);
    }

    private static async Task<T> On<T>(NpgsqlDataSource source, Seen seen, Func<NpgsqlConnection, Task<T>> read, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        if (seen.IsOfStandby)
        {
            await using var clock = new NpgsqlCommand(ClockNumber, connection);
            seen.Saw((long)(await clock.ExecuteScalarAsync(ct) ?? -1L));
        }

        return await read(connection);
    }

    // Who was told something by the primary stays with it: a standby may know less.
    private async Task<T> Anywhere<T>(ReadPool pool, Func<NpgsqlDataSource, Seen, Task<T>> read)
    {
        var orOld = servers.SparesPrimary();
        if ((!isOfPrimary || orOld) && servers.Standby(orBehind: orOld) is { } standby && await OfStandby(standby, pool, read, orOld) is { IsTaken: true } taken) return taken.Answer;
        try
        {
            var answer = await OfPrimary(pool, read);
            (isOfPrimary, newest) = (true, Math.Max(newest, ofPrimary.Newest));
            servers.Answered(isStandby: false);
            return answer;
        }
        catch (Exception e) when (IsAway(e))
        {
            servers.PrimaryFailed();
            if (servers.Standby(orBehind: true) is { } left && await OfStandby(left, pool, read, orOld: true) is { IsTaken: true } old) return old.Answer;
            throw;
        }
    }

    private async Task<(bool IsTaken, T Answer)> OfStandby<T>(Standby standby, ReadPool pool, Func<NpgsqlDataSource, Seen, Task<T>> read, bool orOld)
    {
        var atLeast = Math.Max(servers.Newest, newest);
        var seen = new Seen(isOfStandby: true, asksClock: true);
        try
        {
            var answer = await read(pool == ReadPool.Search ? standby.Search : standby.Delivery, seen).WaitAsync(Patience);
            standby.Answered();
            // Old or not, no request goes back in time.
            if (seen.Earliest >= (orOld ? newest : atLeast))
            {
                (newest, earliest) = (Math.Max(newest, seen.Newest), Math.Min(earliest ?? long.MaxValue, seen.Earliest ?? long.MaxValue));
                MayBeOld |= orOld || servers.IsPrimaryAway;
                IsAhead |= newest > servers.Known;
                servers.Answered(isStandby: true);
                return (true, answer);
            }

            standby.FallBehind();
        }
        catch (Exception e) when (DatabaseFault.In(e) is not null || e is TimeoutException or IOException)
        {
            if (IsLost(e)) standby.Lose();
            else if (pool != ReadPool.Search) standby.Stumble(); // a search that found no place, or took long, says nothing of the others
        }

        return default;
    }

    private static bool IsLost(Exception e) => e is IOException || DatabaseFault.IsLostConnection(e)
        || DatabaseFault.In(e) is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or ['5', '3' or '8', ..] or ['X', 'X', ..] };

    // A primary that only has no place left is not away: what it would say is known to be newer.
    private bool IsAway(Exception e) => DatabaseFault.In(e) is { } fault
        && (DatabaseFault.IsLostConnection(fault) || fault.SqlState == PostgresErrorCodes.CannotConnectNow || (fault is not PostgresException && servers.IsPrimaryLate));
}
