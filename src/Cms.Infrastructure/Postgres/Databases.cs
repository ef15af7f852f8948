using System.Globalization;
using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>Connection strings as the operator gives them.</summary>
/// <param name="Cms">The service's own login.</param>
/// <param name="CmsOwner">The login that owns the schema and migrates it; <paramref name="Cms"/> when absent.</param>
/// <param name="CmsDelivery">The login that reads delivery alone; when absent, <paramref name="Cms"/> under the delivery role.</param>
/// <param name="CmsReplicas">Standbys that serve readers, one or several hosts; what it leaves out is as in <see cref="Delivery"/>.</param>
internal sealed record ConnectionStrings(string Cms, string? CmsOwner, string? CmsDelivery, string? CmsReplicas = null)
{
    // They choose among several hosts: here each standby has pools of its own.
    private static readonly string[] OfSeveralHosts = ["Target Session Attributes", "Load Balance Hosts", "Host Recheck Seconds"];

    /// <summary>The owner's, migrations' and roles' login.</summary>
    public string Owner => CmsOwner ?? Cms;

    /// <summary>The delivery face's login on the primary.</summary>
    public string Delivery => CmsDelivery ?? Cms;

    /// <summary>The same on each standby, by its host as it is configured.</summary>
    /// <exception cref="ArgumentException">The string is none, or names no host.</exception>
    public IEnumerable<(string Host, string ConnectionString)> Replicas()
    {
        if (CmsReplicas is null) yield break;
        var given = new NpgsqlConnectionStringBuilder(CmsReplicas);
        var hosts = (given.Host ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (hosts.Length == 0) throw new ArgumentException("It names no Host.");
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var settings = new NpgsqlConnectionStringBuilder(Delivery);
            foreach (var key in given.Keys) settings[key] = given[key];
            foreach (var key in OfSeveralHosts) settings.Remove(key);
            settings.Host = host;
            yield return (host, settings.ConnectionString);
        }
    }
}

/// <summary>
/// The ways into PostgreSQL, each with its own pool and rights: the owner changes the schema, the runtime role reads and writes rows
/// (and cannot rewrite the audit), the delivery role may SELECT in schema <c>delivery</c> and nowhere else. The role is a start-up option of
/// the connection, so it survives <c>DISCARD ALL</c>.
/// </summary>
internal sealed class Databases : IAsyncDisposable
{
    private const int SearchPool = 4;

    // Six for the work, one that its recorder keeps for each edition that goes (three, when a server was away for long), and three for Quartz, which takes a job, checks in and looks after missed wakings beside each other: it must not wait for a place and be taken for dead.
    private const int JobPool = 12;

    private const int WaitSeconds = 2, OwnerWaitSeconds = 15, OwnerSeconds = 600, RuntimeSeconds = 10, JobSeconds = 60, DeliverySeconds = 2, ClockSeconds = 1, StandbySeconds = 1;

    public Databases(ConnectionStrings strings)
    {
        var roles = RoleNames.Of(new NpgsqlConnectionStringBuilder(strings.Cms).Database ?? "cms");
        Strings = strings;
        Roles = roles;
        Owner = Build(strings.Owner, "owner", "", pool: 5, statementSeconds: OwnerSeconds, waitSeconds: OwnerWaitSeconds);
        Runtime = Build(strings.Cms, "runtime", Role(roles.Runtime), pool: 10, statementSeconds: RuntimeSeconds);
        Jobs = Build(strings.Cms, "jobs", Role(roles.Runtime), JobPool, statementSeconds: JobSeconds);
        Delivery = Build(strings.Delivery, "delivery", Role(roles.Delivery), DeliveryPool, statementSeconds: DeliverySeconds);
        Clock = Build(strings.Delivery, "clock", Role(roles.Delivery), pool: 2, statementSeconds: ClockSeconds);
        Search = Build(strings.Delivery, "search", SearchPlans + Role(roles.Delivery), pool: SearchPool, statementSeconds: DeliverySeconds);
        // What a standby does not answer soon, the primary is asked while the request still has time.
        Standbys = [.. strings.Replicas().Select(r => new Standby(
            r.Host,
            Build(r.ConnectionString, "delivery", Role(roles.Delivery), DeliveryPool, StandbySeconds, isStandby: true),
            Build(r.ConnectionString, "search", SearchPlans + Role(roles.Delivery), SearchPool, StandbySeconds, isStandby: true),
            Build(r.ConnectionString, "clock", Role(roles.Delivery), pool: 2, ClockSeconds, isStandby: true)))];
        AllowForHanging(Standbys.Count * (DeliveryPool + SearchPool));
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

    /// <summary>Copies of the whole that serve readers; none where none is configured.</summary>
    public IReadOnlyList<Standby> Standbys { get; }

    // Npgsql asks a server that hangs to cancel, and blocks a thread of the pool for each question until that fails: the others must not wait for new ones.
    private static void AllowForHanging(int questions)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        if (questions > 0) ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + questions), ports);
    }

    private static int DeliveryPool => Math.Max(4 * Environment.ProcessorCount, 8);

    /// <summary>
    /// Waits until the server lets the service in, for as long as a start may. Whoever asks later finds these connections in the pools, and two seconds are enough.
    /// </summary>
    /// <exception cref="NpgsqlException">It did not.</exception>
    public async Task Reach(TimeProvider time, CancellationToken ct)
    {
        for (var since = time.GetTimestamp(); ;)
        {
            try
            {
                await using var connection = await Runtime.OpenConnectionAsync(ct);
                await using var other = await Delivery.OpenConnectionAsync(ct);
                return;
            }
            catch (NpgsqlException e) when (e.IsTransient && time.GetElapsedTime(since).TotalSeconds < OwnerWaitSeconds)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, ct);
            }
        }
    }

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
        foreach (var standby in Standbys) await standby.DisposeAsync();
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

    private static NpgsqlDataSource Build(string connectionString, string name, string options, int pool, int statementSeconds, bool isStandby = false, int waitSeconds = WaitSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = $"cms-{name}",
            Timeout = isStandby ? StandbySeconds : waitSeconds, // to connect, and to wait for a place in the pool
            CommandTimeout = statementSeconds + (isStandby ? 0 : 1), // the server ends it first
            MaxPoolSize = pool,
            MaxAutoPrepare = 50,
            CancellationTimeout = isStandby || statementSeconds == ClockSeconds ? -1 : 2_000, // a dead network answers no cancellation, and who can ask elsewhere does not wait for one
            IncludeErrorDetail = false, // it holds values of rows
        };
        // They only select, outside of transactions: a session has nothing to forget, and forgetting costs as much as a look-up.
        if (name is "delivery" or "search") settings.NoResetOnClose = true;
        settings.Options = $"{settings.Options} -c statement_timeout={(statementSeconds * 1_000) - (isStandby ? 100 : 0)}ms -c lock_timeout=3s"
            + $" -c idle_in_transaction_session_timeout=15s -c timezone=UTC{options}";
        // Npgsql reads its own numbers as the machine's culture writes them, and in Arabic "-1" is no number.
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
