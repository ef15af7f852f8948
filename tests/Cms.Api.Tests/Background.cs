using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests;

/// <summary>What the service does behind a request, done now.</summary>
public static class Background
{
    /// <summary>Works the outbox until nothing of it is due, waiting by row lock for whoever is at it.</summary>
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
    }
}
