using Cms.Infrastructure.Postgres;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Cms.Api.Tests;

/// <summary>
/// The one place that chooses the PostgreSQL of a test run: a Testcontainers one (<c>postgres:18</c>) where a Docker engine runs, else the
/// embedded one. <c>CMS_TEST_DATABASE</c> = <c>docker</c> or <c>embedded</c> insists on one of them.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string Image = "postgres:18";

    private readonly PostgreSqlContainer? container;
    private readonly EmbeddedPostgres? embedded;
    private readonly string server;

    private TestDatabase(PostgreSqlContainer? container, EmbeddedPostgres? embedded, string server, string name) =>
        (this.container, this.embedded, this.server, Name) = (container, embedded, server, name);

    /// <summary>Which one it is, and why not the other.</summary>
    public string Name { get; }

    public static async Task<TestDatabase> Start(CancellationToken ct)
    {
        var why = "";
        var wanted = Environment.GetEnvironmentVariable("CMS_TEST_DATABASE");
        if (wanted != "embedded")
        {
            try
            {
                var container = new PostgreSqlBuilder(Image).WithCommand("-c", "max_connections=600", "-c", "fsync=off").Build();
                await container.StartAsync(ct);
                return new(container, null, container.GetConnectionString(), $"Testcontainers, {Image}");
            }
            catch (Exception e) when (wanted != "docker" && e is not OperationCanceledException) // no engine, no image: the embedded one serves as well
            {
                why = $" (Testcontainers has none: {e.GetType().Name}, {e.Message})";
            }
        }

        var folder = Path.Combine(AppContext.BaseDirectory, "test-data");
        var server = await EmbeddedPostgres.StartAsync(folder, Console.WriteLine, ct);
        return new(null, server, server.ConnectionString, $"embedded PostgreSQL {server.Version}{why}");
    }

    /// <summary>A new, empty database on the server.</summary>
    public async Task<string> Create(CancellationToken ct)
    {
        var name = "t" + Guid.CreateVersion7().ToString("n")[^20..];
        await using var source = NpgsqlDataSource.Create(server);
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync(ct);
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>What the server has logged so far.</summary>
    public async Task<string> Log(CancellationToken ct)
    {
        if (embedded is not null) return await File.ReadAllTextAsync(embedded.Log, ct);
        if (container is null) return "";
        var (output, error) = await container.GetLogsAsync(ct: ct);
        return output + error;
    }

    public async ValueTask DisposeAsync()
    {
        if (container is not null) await container.DisposeAsync();
        if (embedded is not null) await embedded.DisposeAsync();
    }
}
