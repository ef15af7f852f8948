using Cms.Infrastructure.Delivery;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Cms.Infrastructure;

/// <summary>How EF Core speaks to PostgreSQL here.</summary>
internal static class CmsModel
{
    /// <summary>The newsroom's own schema, and in it EF Core's table of the migrations that were applied.</summary>
    public const string Schema = "cms", HistoryTable = "__EFMigrationsHistory";

    public static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource database, DeliveryClock clock) => options
        .UseNpgsql(database, npgsql => npgsql.MigrationsHistoryTable(HistoryTable, Schema))
        .UseSnakeCaseNamingConvention()
        .AddInterceptors(clock)
        // A failed save fails the request, whose transaction is rolled back whole.
        .ConfigureWarnings(w => w.Throw(RelationalEventId.MultipleCollectionIncludeWarning));
}

/// <summary>Lets <c>dotnet ef migrations add</c> build the model without a database.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<CmsDbContext>
{
    public CmsDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<CmsDbContext>();
        CmsModel.Configure(options, NpgsqlDataSource.Create("Host=localhost"), new DeliveryClock(cache: null));
        return new(options.Options, new Auditing.Actor(), TimeProvider.System);
    }
}
