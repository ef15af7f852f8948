using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Cms.Infrastructure;

internal static class JobTransaction
{
    /// <summary>Begins a transaction of a job in the background, whose statements may take <see cref="Databases.JobSeconds"/>.</summary>
    public static async Task<IDbContextTransaction> BeginJob(this CmsDbContext db, CancellationToken ct)
    {
        var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"SELECT set_config('statement_timeout', {Databases.JobSeconds + "s"}, true)", ct);
        return transaction;
    }
}
