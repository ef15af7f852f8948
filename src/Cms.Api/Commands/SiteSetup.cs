using Cms.Infrastructure;
using Cms.Infrastructure.Postgres;
using Cms.Infrastructure.Publishing;

namespace Cms.Api.Commands;

/// <summary>Makes the readers' documents of a newsroom that nobody changed yet.</summary>
internal static class SiteSetup
{
    public static async Task Render(IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<Databases>().Reach(services.GetRequiredService<TimeProvider>(), ct);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CmsDbContext>();
        var publisher = scope.ServiceProvider.GetRequiredService<Publisher>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await publisher.Lock(ct);
        await publisher.Changed([], ct);
        await transaction.CommitAsync(ct);
    }
}
