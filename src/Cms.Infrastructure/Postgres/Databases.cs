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
/// The ways into PostgreSQL, each with its own pool and rights: the owner changes the schema, the runtime role reads and writes rows
/// (and cannot rewrite the audit), the delivery role may SELECT in schema <c>delivery</c> and nowhere else. The role is a start-up option of
/// the connection, so it survives <c>DISCARD ALL</c>.
/// </summary>
internal sealed class Databases : IAsyncDisposable
{
    private const int SearchPool = 4;
    private const int WaitSeconds = 2, OwnerSeconds = 600, RuntimeSeconds = 10, JobSeconds = 60, DeliverySeconds = 2, ClockSeconds = 1;

    public Databases(ConnectionStrings strings)
    {
        var roles = RoleNames.Of(new NpgsqlConnectionStringBuilder(strings.Cms).Database ?? "cms");
        Strings = strings;
        Roles = roles;
        Owner = Build(strings.Owner, "owner", "", pool: 5, statementSeconds: OwnerSeconds);
        Runtime = Build(strings.Cms, "runtime", Role(roles.Runtime), pool: 10, statementSeconds: RuntimeSeconds);
        Jobs = Build(strings.Cms, "jobs", Role(roles.Runtime), pool: 5, statementSeconds: JobSeconds);
        Delivery = Build(strings.CmsDelivery ?? strings.Cms, "delivery", Role(roles.Delivery), pool: Math.Max(4 * Environment.ProcessorCount, 8), statementSeconds: DeliverySeconds);
        Clock = Build(strings.CmsDelivery ?? strings.Cms, "clock", Role(roles.Delivery), pool: 2, statementSeconds: ClockSeconds);
        Search = Build(strings.CmsDelivery ?? strings.Cms, "search", SearchPlans + Role(roles.Delivery), pool: SearchPool, statementSeconds: DeliverySeconds);
    }

    public ConnectionStrings Strings { get; }

    public RoleNames Roles { get; }

    /// <summary>Migrations and roles.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>The management face.</summary>
    public NpgsqlDataSource Runtime { get; }

    /// <summary>Work in the background.</summary>
    public NpgsqlDataSource Jobs { get; }

    /// <summary>The delivery face.</summary>
    public NpgsqlDataSource Delivery { get; }

    /// <summary>The watch over delivery's clock.</summary>
    public NpgsqlDataSource Clock { get; }

    /// <summary>The delivery face's search and related articles, as the same role: what takes long takes no place of what does not.</summary>
    public NpgsqlDataSource Search { get; }

    /// <summary>Drops idle connections, which a restart or failover of the server left broken.</summary>
    public void ClearPools()
    {
        Runtime.Clear();
        Jobs.Clear();
        Delivery.Clear();
        Search.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Clock.DisposeAsync();
        await Delivery.DisposeAsync();
        await Search.DisposeAsync();
        await Runtime.DisposeAsync();
        await Jobs.DisposeAsync();
        await Owner.DisposeAsync();
    }

    // A plan for each word: a rare one's would be wrong for a common one. The planner knows nothing of the cost of unpacking a vector, so it would
    // read whole tables of them. The extensions stand in delivery, or in public where they were there already.
    private const string SearchPlans = " -c plan_cache_mode=force_custom_plan -c enable_seqscan=off -c jit=off -c search_path=delivery,public";

    private static string Role(string name) => $" -c role={name}";

    private static NpgsqlDataSource Build(string connectionString, string name, string options, int pool, int statementSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = $"cms-{name}",
            Timeout = WaitSeconds, // to connect, and to wait for a place in the pool
            CommandTimeout = statementSeconds + 1, // the server ends it first
            MaxPoolSize = pool,
            MaxAutoPrepare = 50,
            CancellationTimeout = statementSeconds == ClockSeconds ? -1 : 2_000, // a dead network answers no cancellation: the watch drops the connection at once
            IncludeErrorDetail = false, // it holds values of rows
        };
        settings.Options = $"{settings.Options} -c statement_timeout={statementSeconds}s -c lock_timeout=3s"
            + $" -c idle_in_transaction_session_timeout=15s -c timezone=UTC{options}";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
