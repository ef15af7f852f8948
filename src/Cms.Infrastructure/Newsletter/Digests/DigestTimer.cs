using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>Wakes the maker of editions. It remembers nothing: what is due is read from the editions that there are, so a node that slept or died misses none.</summary>
internal sealed class DigestTimer(EditionMaker maker, DigestTimes times, TimeProvider time, ILogger<DigestTimer> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(times.Timer, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await maker.MakeDue(await maker.Now(stoppingToken), stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested) // the boundary of a background loop: the next tick tries again
                {
                    log.LogWarning("Editions could not be made: {Fault}.", DatabaseFault.Name(e));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
