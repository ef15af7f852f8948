using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests;

/// <summary>What the service does behind a request, done now.</summary>
public static class Background
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Works the outbox until nothing of it is due, waiting by row lock for whoever is at it, and until this node knows what was changed.</summary>
    public static async Task Settle(this TestService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var ct = TestContext.Current.CancellationToken;
        var pump = service.Services.GetRequiredService<OutboxPump>();
        await using var due = service.Services.GetRequiredService<Databases>().Runtime.CreateCommand(
            "SELECT id FROM cms.outbox WHERE NOT dead AND not_before <= now() ORDER BY id FOR UPDATE");
        do
        {
            while (await pump.PumpOnce(ct)) continue;
        }
        while (await due.ExecuteScalarAsync(ct) is not null);

        var (number, cache) = ((long?)await service.Sql("SELECT number FROM delivery.clock") ?? 0, service.Services.GetRequiredService<DeliveryCache>());
        using var patience = new CancellationTokenSource(Patience);
        while (cache.Known < number && !patience.IsCancellationRequested) await Task.Yield();
    }
}
