using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// What one request reads of delivery, and from whom. Where there are standbys one of them is asked first. Its answer counts when the clock of the
/// same server, in the same snapshot or an earlier one, is at least the newest number that this node knows and that this request has seen: so no reader
/// sees what the node knows to be old, and no request goes back in time. Else, and where the standby fails, the primary is asked, once.
/// </summary>
/// <remarks>
/// When nobody has reached the primary for two seconds there is no newest number to go by. A standby that answers is then as near to the truth as
/// anybody is, and better than 503: <see cref="MayBeOld"/>.
/// </remarks>
internal sealed class DeliveryReading(DeliveryServers servers)
{
    internal const string ClockNumber = "SELECT number FROM delivery.clock";

    // Of this request, and of the present attempt.
    private long newest = -1, earliest = long.MaxValue;
    private bool isOfStandby;

    /// <summary>The earliest number of the clock that a reading of this request saw; null before the first.</summary>
    public long? Number { get; private set; }

    /// <summary>Something was read of a standby while nobody could say whether it is still right.</summary>
    public bool MayBeOld { get; private set; }

    /// <summary>A standby said something before the primary did: it is right for now, and nothing to keep, for a standby may be a copy of another past.</summary>
    public bool IsAhead { get; private set; }

    /// <summary>Reads what tells the clock's number of its own snapshot: it must say what it <see cref="Saw"/>.</summary>
    public Task<T> Read<T>(Func<NpgsqlDataSource, Task<T>> read) => Read(ReadPool.Delivery, read);

    /// <summary>Reads what does not tell the clock's number. Of a standby the clock is read before it, on the same connection.</summary>
    public Task<T> Read<T>(ReadPool pool, Func<NpgsqlConnection, Task<T>> read, CancellationToken ct) => Read(pool, source => On(source, read, ct));

    /// <summary>A reading tells the clock's number.</summary>
    public long Saw(long number)
    {
        Number = Math.Min(number, Number ?? number);
        (newest, earliest) = (Math.Max(newest, number), Math.Min(earliest, number));
        return number;
    }

    private Task<T> Read<T>(ReadPool pool, Func<NpgsqlDataSource, Task<T>> read) =>
        servers.HasStandbys ? Anywhere(pool, read) : DatabaseFault.ReadTwice(servers.Primary(pool), read);

    private async Task<T> On<T>(NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> read, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        if (isOfStandby)
        {
            await using var clock = new NpgsqlCommand(ClockNumber, connection);
            Saw((long)(await clock.ExecuteScalarAsync(ct) ?? -1L));
        }

        return await read(connection);
    }

    private async Task<T> Anywhere<T>(ReadPool pool, Func<NpgsqlDataSource, Task<T>> read)
    {
        var isAway = servers.IsPrimaryAway;
        if (servers.Standby(orBehind: isAway) is { } standby && await OfStandby(standby, pool, read, isAway) is { IsFound: true } found) return found.Answer;
        try
        {
            var answer = await DatabaseFault.ReadTwice(servers.Primary(pool), read);
            servers.Answered(isStandby: false);
            return answer;
        }
        catch (Exception e) when (IsAway(e))
        {
            if (servers.Standby(orBehind: true) is { } left && await OfStandby(left, pool, read, isAway: true) is { IsFound: true } old) return old.Answer;
            throw;
        }
    }

    private async Task<(bool IsFound, T Answer)> OfStandby<T>(Standby standby, ReadPool pool, Func<NpgsqlDataSource, Task<T>> read, bool isAway)
    {
        var before = (Number, newest);
        var atLeast = Math.Max(servers.Newest, newest);
        (earliest, isOfStandby) = (long.MaxValue, true);
        try
        {
            var answer = await read(pool == ReadPool.Search ? standby.Search : standby.Delivery);
            if (isAway || (earliest >= atLeast && earliest != long.MaxValue))
            {
                MayBeOld |= isAway;
                IsAhead |= newest > servers.Known;
                servers.Answered(isStandby: true);
                return (true, answer);
            }

            standby.FallBehind();
        }
        catch (Exception e) when (DatabaseFault.In(e) is not null || e is TimeoutException or IOException)
        {
            if (SaysMore(e, pool)) standby.Lose();
        }
        finally
        {
            isOfStandby = false;
        }

        (Number, newest) = before;
        return default;
    }

    // One query that took too long, or was in the way of what is replayed, says nothing of the next; nor does a search that found no place.
    private static bool SaysMore(Exception e, ReadPool pool) => DatabaseFault.In(e) switch
    {
        PostgresException refused => refused.SqlState is not (PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected),
        { } fault when pool == ReadPool.Search => DatabaseFault.IsLostConnection(fault),
        _ => true,
    };

    // A primary that only has no place left is not away: what it would say is known to be newer.
    private bool IsAway(Exception e) => DatabaseFault.In(e) is { } fault
        && (DatabaseFault.IsLostConnection(fault) || fault.SqlState == PostgresErrorCodes.CannotConnectNow || (fault is not PostgresException && servers.IsPrimaryLate));
}
