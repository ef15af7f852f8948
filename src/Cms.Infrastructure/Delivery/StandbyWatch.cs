using System.Diagnostics;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Looks after the standbys, each on a connection of its own: every second, and sooner while one is behind. Requests ask only those that this
/// found answering; whether an answer is new enough, each reading finds out itself (<see cref="DeliveryReading"/>).
/// </summary>
internal sealed class StandbyWatch(Databases databases, DeliveryCache cache, ClockWatch clock, ILogger<StandbyWatch> log) : BackgroundService
{
    private const string State = "SELECT pg_is_in_recovery(), number, mark FROM delivery.clock";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), CatchingUp = TimeSpan.FromMilliseconds(50), Respite = TimeSpan.FromMilliseconds(500),
        LongBehind = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(databases.Standbys.Select(s => new Sentry(s, cache, clock, log).Watch(stoppingToken)));

    /// <summary>Who looks after one of them.</summary>
    private sealed class Sentry(Standby standby, DeliveryCache cache, ClockWatch clock, ILogger log)
    {
        private StandbyState? said;
        private long behindSince;
        private (long Number, long At) shown;
        private bool isAstray; // until it shows the primary's own number and mark: one of another past is soon only behind

        public async Task Watch(CancellationToken ct)
        {
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    await Follow(ct);
                }
                catch (OperationCanceledException) when (ct.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception e) // the boundary of a background loop: it must outlive a server that is away
                {
                    standby.Lose();
                    Say(StandbyState.Lost, DatabaseFault.Name(e));
                    await Pause(ct);
                }
            }
        }

        private async Task Follow(CancellationToken ct)
        {
            await using var connection = await ClockWatch.Within(token => standby.Clock.OpenConnectionAsync(token).AsTask(), ct);
            await using var state = new NpgsqlCommand(State, connection);
            while (true)
            {
                var (isStandby, reading) = await ClockWatch.Within(token => Read(state, token), ct);
                isAstray = IsAstray() || IsOther(reading) || (isAstray && !IsSame(reading));
                shown = (reading.Number, Stopwatch.GetTimestamp());
                if (!isStandby) await Refuse("it is no standby", ct); // it was promoted, or never was one: readers' primary may be another
                else if (isAstray) await Refuse("it shows changes that the primary does not have", ct);
                else await Confirm(reading.Number, ct);
            }
        }

        // What it showed, the primary had before, and has told a watch that asked it since; unless this is a copy of another past, as after a failover
        // that lost commits. (The watch takes the number in before it says when it asked.)
        private bool IsAstray() => shown.At != 0 && clock.Age < Stopwatch.GetElapsedTime(shown.At) && cache.Known is >= 0 and var known && known < shown.Number;

        // The primary of another past has reached the same number.
        private bool IsOther(ClockReading reading) => clock.Told is { } told && told.Number == reading.Number && told.Mark != reading.Mark;

        private bool IsSame(ClockReading reading) => clock.Told == reading;

        private Task Confirm(long number, CancellationToken ct)
        {
            // Before this node knows the clock nobody can say what is new enough; and one that begins may not know what the primary does not.
            var isCurrent = cache.Known is >= 0 and var known && number >= cache.Newest && (number <= known || standby.State == StandbyState.Current);
            standby.Confirm(isCurrent);
            if (isCurrent) behindSince = 0;
            else if (behindSince == 0) behindSince = Stopwatch.GetTimestamp();
            var isLongBehind = behindSince != 0 && Stopwatch.GetElapsedTime(behindSince) > LongBehind;
            if (isLongBehind) Say(StandbyState.Behind, "it is behind");
            else if (isCurrent && said != StandbyState.Current)
            {
                log.LogInformation("Standby {Standby} serves readers.", standby.Name);
                said = StandbyState.Current;
            }

            return standby.Woken(isCurrent || isLongBehind ? Interval : CatchingUp, ct);
        }

        private Task Refuse(string why, CancellationToken ct)
        {
            standby.Lose();
            Say(StandbyState.Lost, why);
            return Task.Delay(Interval, ct);
        }

        // Once, however often the reason changes while it starts.
        private void Say(StandbyState state, string fault)
        {
            if (said == state) return;
            log.LogWarning("Standby {Standby} serves no readers: {Fault}. The primary does.", standby.Name, fault);
            said = state;
        }

        private static async Task<(bool IsStandby, ClockReading Reading)> Read(NpgsqlCommand state, CancellationToken ct)
        {
            await using var reader = await state.ExecuteReaderAsync(ct);
            return await reader.ReadAsync(ct) ? (reader.GetBoolean(0), new(reader.GetInt64(1), reader.GetGuid(2))) : throw new InvalidOperationException("Delivery has no clock.");
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
}
