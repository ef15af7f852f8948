using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>Connection strings as the operator gives them.</summary>
/// <param name="Cms">The service's own login.</param>
/// <param name="CmsOwner">The login that owns the schema and migrates it; <paramref name="Cms"/> when absent.</param>
/// <param name="CmsDelivery">The login that reads delivery alone; when absent, <paramref name="Cms"/> under the delivery role.</param>
internal sealed record ConnectionStrings(string Cms, string? CmsOwner, string? CmsDelivery)
{
    /// <summary>The owner's, migrations' and roles' login.</summary>
    public string Owner => CmsOwner ?? Cms;
}

/// <summary>
/// The three ways into PostgreSQL, each with its own pool and rights: the owner changes the schema, the runtime role reads and writes rows
/// (and cannot rewrite the audit), the delivery role may SELECT in schema <c>delivery</c> and nowhere else. The role is a start-up option of
/// the connection, so it survives <c>DISCARD ALL</c>.
/// </summary>
internal sealed class Databases : IAsyncDisposable
{
    private const int WaitSeconds = 2, OwnerSeconds = 600, RuntimeSeconds = 10, DeliverySeconds = 2;

    /// <summary>How long a statement of a job may take. Jobs share the runtime pool, so the client waits as long there, and the server ends the rest.</summary>
    public const int JobSeconds = 60;

    // The ends of .NET's time are no infinities of PostgreSQL's: a time that comes in goes out the same. Npgsql reads this once, at its first use.
    static Databases() => AppContext.SetSwitch("Npgsql.DisableDateTimeInfinityConversions", true);

    public Databases(ConnectionStrings strings)
    {
        var roles = RoleNames.Of(new NpgsqlConnectionStringBuilder(strings.Cms).Database ?? "cms");
        Strings = strings;
        Roles = roles;
        Owner = Build(strings.Owner, "owner", "", pool: 5, statementSeconds: OwnerSeconds, commandSeconds: OwnerSeconds + 1);
        Runtime = Build(strings.Cms, "runtime", Role(roles.Runtime), pool: 15, statementSeconds: RuntimeSeconds, commandSeconds: JobSeconds + 1);
        Delivery = Build(strings.CmsDelivery ?? strings.Cms, "delivery", Role(roles.Delivery), pool: Math.Max(4 * Environment.ProcessorCount, 8), statementSeconds: DeliverySeconds, commandSeconds: DeliverySeconds + 1);
    }

    public ConnectionStrings Strings { get; }

    public RoleNames Roles { get; }

    /// <summary>Migrations and roles.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>The management face and jobs.</summary>
    public NpgsqlDataSource Runtime { get; }

    /// <summary>The delivery face.</summary>
    public NpgsqlDataSource Delivery { get; }

    /// <summary>Drops idle connections, which a restart or failover of the server left broken.</summary>
    public void ClearPools()
    {
        Runtime.Clear();
        Delivery.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Delivery.DisposeAsync();
        await Runtime.DisposeAsync();
        await Owner.DisposeAsync();
    }

    private static string Role(string name) => $" -c role={name}";

    private static NpgsqlDataSource Build(string connectionString, string name, string options, int pool, int statementSeconds, int commandSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = $"cms-{name}",
            Timeout = WaitSeconds, // to connect, and to wait for a place in the pool
            CommandTimeout = commandSeconds,
            MaxPoolSize = pool,
            MaxAutoPrepare = 50,
            IncludeErrorDetail = false, // it holds values of rows
        };
        settings.Options = $"{settings.Options} -c statement_timeout={statementSeconds}s -c lock_timeout=3s"
            + $" -c idle_in_transaction_session_timeout=15s -c timezone=UTC{options}";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
