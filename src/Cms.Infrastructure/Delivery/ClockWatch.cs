using System.Diagnostics;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Follows the clock on the primary, on a connection of its own: woken by NOTIFY, and each second in any case, so that a lost notice costs a
/// second and not the truth. A connection that does not answer within a second is given up for a new one.
/// </summary>
internal sealed class ClockWatch(Databases databases, DeliveryCache cache, ILogger<ClockWatch> log) : BackgroundService
{
    // A node that is further behind forgets all it holds.
    private const int MostTicks = 1_000;

    private const string Since = """
        SELECT c.number, c.mark, t.number, t.keys FROM delivery.clock c LEFT JOIN delivery.ticks t ON t.number > $1 ORDER BY t.number LIMIT $2
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(1), Respite = TimeSpan.FromMilliseconds(200);

    /// <summary>The clock is read each second, and a database that has not answered within another is given up: past this nobody can say what is new.</summary>
    public static readonly TimeSpan Confirmed = TimeSpan.FromSeconds(2.2);

    /// <summary>Past this a reading was missed.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    private long confirmed;
    private ClockReading? told;
    private bool isAway, isOther;

    /// <summary>How long ago the clock was read last; what is held is known to be right up to then.</summary>
    public TimeSpan Age => Volatile.Read(ref confirmed) is not 0 and var at ? Stopwatch.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>What the primary's clock said last; null before it said anything.</summary>
    public ClockReading? Told => Volatile.Read(ref told);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                if (!isAway) log.LogWarning("The clock of delivery cannot be read: {Fault}.", DatabaseFault.Name(e));
                isAway = true;
                await Pause(stoppingToken);
            }
        }
    }

    private async Task Follow(CancellationToken ct)
    {
        await using var connection = await Within(token => databases.Clock.OpenConnectionAsync(token).AsTask(), ct);
        if (Told is not null)
        {
            // It may be another server, as after a failover: idle connections may lead to the one before.
            databases.ClearPools();
            cache.Mistrust();
            isOther = true;
        }

        await using (var listen = new NpgsqlCommand($"LISTEN {DeliveryClock.Channel}", connection)) await Within(listen.ExecuteNonQueryAsync, ct);
        await using var since = new NpgsqlCommand(Since, connection)
        {
            Parameters = { new NpgsqlParameter<long>(), new NpgsqlParameter<int> { TypedValue = MostTicks + 1 } },
        };
        while (true)
        {
            var begun = Stopwatch.GetTimestamp();
            await Within(token => Read(since, token), ct);
            Volatile.Write(ref confirmed, begun);
            isAway = false;
            await connection.WaitAsync(Interval, ct);
        }
    }

    private async Task<bool> Read(NpgsqlCommand since, CancellationToken ct)
    {
        var known = cache.Known;
        since.Parameters[0].Value = known;
        var (number, mark, ticks, keys) = (0L, Guid.Empty, 0, new HashSet<string>(StringComparer.Ordinal));
        await using (var reader = await since.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
            {
                (number, mark) = (reader.GetInt64(0), reader.GetGuid(1));
                if (reader.IsDBNull(2)) continue;
                ticks++;
                keys.UnionWith(reader.GetFieldValue<string[]>(3));
            }

        var (before, now, maybeOther) = (Told, new ClockReading(number, mark), isOther);
        Volatile.Write(ref told, now);
        isOther = false;
        if (before == now) return true; // another server too, if it stands where the one before stood
        // Every number since the last known one, without a gap: else some were missed. Another server's may be of another past.
        if (!maybeOther && known >= 0 && number > known && number - known == ticks && ticks <= MostTicks) cache.Advance(number, keys);
        else cache.Restart(number);
        return true;
    }

    // A database behind a wall that drops everything answers nothing: neither may it hold the watch.
    internal static async Task<T> Within<T>(Func<CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await ask(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("The database did not answer in time.");
        }
    }

    private static async Task Pause(CancellationToken ct)
    {
        try
        {
            await Task.Delay(Respite, ct);
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}

/// <summary>What a clock says.</summary>
/// <param name="Number">The number of the last change.</param>
/// <param name="Mark">Made at random with it: the same number of another past has another.</param>
internal sealed record ClockReading(long Number, Guid Mark);
