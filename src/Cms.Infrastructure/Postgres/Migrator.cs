using System.Reflection;
using Cms.Infrastructure.Delivery;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>Brings the schema and the roles up to date.</summary>
internal sealed class Migrator(Databases databases, TimeProvider time)
{
    private const string Applied = $"SELECT migration_id FROM {CmsModel.Schema}.\"{CmsModel.HistoryTable}\"";

    // Without EF Core, which takes a quarter of a second to get ready to ask it: every start waits for this.
    private static readonly string[] Known = [.. typeof(Migrator).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(Migration))).Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>Migrations that this build has and the database lacks.</summary>
    public async Task<IReadOnlyList<string>> Pending(CancellationToken ct)
    {
        await using var command = databases.Owner.CreateCommand(Applied);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var applied = new HashSet<string>(StringComparer.Ordinal);
            while (await reader.ReadAsync(ct)) applied.Add(reader.GetString(0));
            return [.. Known.Where(id => !applied.Contains(id))];
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.InvalidCatalogName)
        {
            return Known; // a database without anything, or none yet
        }
    }

    /// <summary>Applies what is pending, once, however many nodes try; then gives the roles their rights.</summary>
    /// <exception cref="MigrationException">The roles are missing, and this login may not make them.</exception>
    public async Task Migrate(CancellationToken ct)
    {
        // Held by a connection of its own for as long as it takes: a second runner waits, then finds nothing to do.
        await using var holder = await databases.Owner.OpenConnectionAsync(ct);
        await Run(holder, $"SET lock_timeout = 0; SET statement_timeout = 0; SELECT pg_advisory_lock({AdvisoryLock.Migrating})", ct);
        await using (var db = Context()) await db.Database.MigrateAsync(ct);
        await GrantRoles(holder, ct);
        await Run(holder, $"SELECT pg_advisory_unlock({AdvisoryLock.Migrating})", ct);
    }

    /// <summary>The SQL of the roles, for an administrator.</summary>
    public string RolesSql() => databases.Roles.Sql([.. Logins()]);

    private IEnumerable<string> Logins() =>
        new[] { databases.Strings.Cms, databases.Strings.Owner, databases.Strings.CmsDelivery }
            .Select(s => new NpgsqlConnectionStringBuilder(s).Username).OfType<string>().Distinct(StringComparer.Ordinal);

    private async Task GrantRoles(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await Run(connection, RolesSql(), ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new MigrationException(
                $"The schema is up to date, but the database login may not give the roles {databases.Roles.Runtime} and {databases.Roles.Delivery} their rights. "
                + "Have an administrator run what `roles` prints, then run `migrate` again.");
        }
    }

    private CmsDbContext Context()
    {
        var options = new DbContextOptionsBuilder<CmsDbContext>();
        CmsModel.Configure(options, databases.Owner, new DeliveryClock(cache: null));
        return new CmsDbContext(options.Options, new Auditing.Actor { Operation = "migrate" }, time);
    }

    // Only texts of this class and of RoleNames come here.
    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Says what the operator should do.</summary>
internal sealed class MigrationException(string message) : Exception(message);
