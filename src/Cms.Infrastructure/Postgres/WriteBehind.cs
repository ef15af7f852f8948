using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Postgres;

/// <summary>
/// What requests leave in memory, so that none waits for a write, stored every so often and when the service stops. A node that dies loses what it had since the last
/// time: it is for what may be lost.
/// </summary>
/// <param name="interval">Between two times.</param>
/// <param name="what">It is, for the log.</param>
/// <param name="time">Whose clock it goes by.</param>
/// <param name="log">Hears when it cannot be stored.</param>
internal abstract class WriteBehind(TimeSpan interval, string what, TimeProvider time, ILogger log) : BackgroundService
{
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim gate = new(1);

    /// <summary>Whose clock it goes by.</summary>
    protected TimeProvider Time => time;

    /// <summary>Stores what there is since the last time, once whoever is at it is done.</summary>
    public async Task Store(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await Write(ct);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Writes what there is. What it could not write it keeps.</summary>
    protected abstract Task Write(CancellationToken ct);

    /// <inheritdoc />
    public override void Dispose()
    {
        gate.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // Of its own: what else stops may have used the host's time up, and what is left in memory needs a moment.
        using var moment = new CancellationTokenSource(LastTry, time);
        await StoreOrLog(moment.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await StoreOrLog(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync stores the rest.
        }
    }

    private async Task StoreOrLog(CancellationToken ct)
    {
        try
        {
            await Store(ct);
        }
        catch (Exception e) // the boundary of a background loop: the next time tries again
        {
            log.LogWarning("{What} could not be stored: {Fault}.", what, DatabaseFault.Name(e));
        }
    }
}
