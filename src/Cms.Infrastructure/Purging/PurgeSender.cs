using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Cms.Domain;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Purging;

/// <summary>
/// Tells the caches in front what changed: each change at once, and again two seconds later, when a slower node may have refilled them. Each
/// target has a lane of its own, so a slow one delays neither the others nor the outbox's other work; changes that wait for one target go together,
/// those again that it could not take, and only what it may have refused for its own sake goes alone. A target that wants rest gets it from every node.
/// </summary>
internal sealed class PurgeSender(PurgeTargets targets, OutboxLeases leases, PurgeMeter meter, TimeProvider time, ILogger<PurgeSender> log) : BackgroundService
{
    private const int EventsAtOnce = 64;

    // Twelve tries then take about an hour and a quarter: by then caches that keep answers for an hour have let go of what was stale by themselves.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), Renewal = TimeSpan.FromSeconds(5), Farewell = TimeSpan.FromSeconds(2);

    // So many failures in a row of what was not refused as often already are the target's, not one event's.
    private const int LongAway = 4;

    // Such failures of targets that failed of late: once one answers, what was put off need not wait.
    private readonly ConcurrentDictionary<string, int> away = new(StringComparer.Ordinal);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(targets.All.Select(t => Lane(t, stoppingToken)));

    /// <summary>Tells one target what is due now.</summary>
    /// <returns>False when nothing is.</returns>
    public async Task<bool> SendOnce(PurgeTarget target, CancellationToken ct)
    {
        var held = await leases.Claim(OutboxEvent.Purge, target.Name, EventsAtOnce, ct);
        if (held.Events.Count == 0) return false;

        var keys = held.Events.SelectMany(e => JsonSerializer.Deserialize<string[]>(e.Payload) ?? []).Distinct(StringComparer.Ordinal).ToList();
        var begun = Stopwatch.GetTimestamp();
        try
        {
            await WhileHeld(held, token => target.Purger.Purge(keys, token), ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await GiveBack(held);
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException) // it refused, is away, or took too long
        {
            meter.Record(target.Name, keys.Count, Stopwatch.GetElapsedTime(begun), isDone: false);
            // Never the message: it may hold the address, which may hold a credential.
            log.LogWarning("A purge of {Keys} keys at {Target} failed, try {Attempt} of {Attempts}: {Fault}.",
                keys.Count, target.Name, held.Events.Max(h => h.Attempts) + 1, OutboxEvent.MaxAttempts, Fault(e));
            await PutOff(target, held, e as PurgeRefusedException, ct);
            return true;
        }

        meter.Record(target.Name, keys.Count, Stopwatch.GetElapsedTime(begun), isDone: true);
        await leases.Done(held, ct);
        if (away.TryRemove(target.Name, out var failures)) await leases.Hasten(OutboxEvent.Purge, target.Name, isRecovered: failures >= LongAway, ct);
        return true;
    }

    private async Task Lane(PurgeTarget target, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var (committed, worked) = (targets.Committed, false);
            try
            {
                worked = await SendOnce(target, ct);
                if (!worked) await Task.WhenAny(committed, Task.Delay(Poll, time, ct));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                log.LogWarning("Purges of {Target} could not be worked: {Fault}.", target.Name, DatabaseFault.Name(e));
                await Task.WhenAny(Task.Delay(Poll, time, ct));
            }
        }
    }

    private async Task WhileHeld(LeasedEvents held, Func<CancellationToken, Task> speak, CancellationToken ct)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var speaking = speak(lost.Token);
        try
        {
            while (await Task.WhenAny(speaking, Task.Delay(Renewal, time, lost.Token)) != speaking)
                if (ct.IsCancellationRequested || !await leases.Renew(held, ct)) break; // the service stops, or another node speaks now
        }
        finally
        {
            if (!speaking.IsCompleted) await lost.CancelAsync();
        }

        await speaking;
    }

    private async Task PutOff(PurgeTarget target, LeasedEvents held, PurgeRefusedException? refused, CancellationToken ct)
    {
        var counts = held.Events.Any(e => e.Attempts < LongAway) ? 1 : 0; // what is refused again and again says nothing new of the target
        // A target that is only asked too often is not asked sooner for having answered another.
        if (refused is not { StatusCode: HttpStatusCode.TooManyRequests }) away.AddOrUpdate(target.Name, counts, (_, failures) => failures + counts);
        if (refused?.Rest(time.Now(), LongestDelay) is { Ticks: > 0 } rest) await leases.Rest(OutboxEvent.Purge, target.Name, rest, ct);
        await leases.PutOff(held, LongestDelay, refused is { IsOfKeys: true }, refused is { MayBeOfKeys: true }, ct);
    }

    private async Task GiveBack(LeasedEvents held)
    {
        using var patience = new CancellationTokenSource(Farewell, time);
        await leases.GiveBack(held, patience.Token);
    }

    private static string Fault(Exception e) => e switch
    {
        HttpRequestException { StatusCode: { } status } => $"status {(int)status}",
        HttpRequestException http => http.HttpRequestError.ToString(),
        OperationCanceledException => "no answer in time",
        _ => e.GetType().Name,
    };
}
