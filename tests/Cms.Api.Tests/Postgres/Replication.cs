using System.Diagnostics;
using System.Globalization;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Api.Tests.Postgres;

/// <summary>
/// Two real PostgreSQL, the second a hot standby of the first by streaming replication, which a test can kill, start again and hold back. They are the
/// machine's own programs, whichever database the rest of the run is on: neither an image nor an npm package need have <c>pg_basebackup</c>, for a
/// cluster that was stopped is copied as it lies.
/// </summary>
public sealed class Replication : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "cms-test-" + Guid.CreateVersion7().ToString("n")[^16..]);
    private EmbeddedPostgres? primary, standby;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The owner's login on the primary.</summary>
    public string Primary => primary?.ConnectionString ?? throw new InvalidOperationException("The primary has not started.");

    /// <summary>The same on the standby.</summary>
    public string Standby => standby?.ConnectionString ?? throw new InvalidOperationException("The standby has not started.");

    private string FirstFolder => Path.Combine(folder, "1");

    private string SecondFolder => Path.Combine(folder, "2");

    public async ValueTask InitializeAsync()
    {
        var made = await EmbeddedPostgres.StartAsync(FirstFolder, Console.WriteLine, Ct);
        Assert.SkipWhen(made.Folder != FirstFolder, "PostgreSQL's own user cannot reach the folder of temporary files.");
        await made.DisposeAsync();
        await Run("cp", "-a", FirstFolder, SecondFolder); // with the owners that the files have
        primary = await EmbeddedPostgres.StartAsync(FirstFolder, Console.WriteLine, Ct);
        await Sql(Primary, "ALTER SYSTEM SET wal_keep_size = '256MB'");
        await Sql(Primary, "SELECT pg_reload_conf()");

        var source = new NpgsqlConnectionStringBuilder(Primary);
        var cluster = Path.Combine(SecondFolder, "postgres", "cluster");
        await File.AppendAllTextAsync(
            Path.Combine(cluster, "postgresql.auto.conf"), $"primary_conninfo = 'host={source.Host} port={source.Port} user={source.Username} password={source.Password}'\n", Ct);
        await Run("cp", "-a", Path.Combine(cluster, "PG_VERSION"), Path.Combine(cluster, "standby.signal")); // that it is there is enough
        standby = await EmbeddedPostgres.StartAsync(SecondFolder, Console.WriteLine, Ct);
        Assert.Equal(true, await Sql(Standby, "SELECT pg_is_in_recovery()"));
    }

    /// <summary>SIGKILL: connections break, nothing is said.</summary>
    public async Task Kill()
    {
        using var server = Process.GetProcessById(int.Parse(await StandbyId(), CultureInfo.InvariantCulture));
        server.Kill();
        await server.WaitForExitAsync(Ct);
    }

    /// <summary>A signal to all processes of the standby, such as <c>STOP</c>, which freezes them.</summary>
    public async Task Signal(string name)
    {
        var id = await StandbyId();
        await Run("pkill", "-" + name, "-P", id);
        await Run("kill", "-s", name, id);
    }

    private async Task<string> StandbyId() => (await File.ReadAllLinesAsync(Path.Combine(SecondFolder, "postgres", "cluster", "postmaster.pid"), Ct))[0];

    /// <summary>Starts what was killed.</summary>
    public async Task Return()
    {
        var again = await EmbeddedPostgres.StartAsync(SecondFolder, Console.WriteLine, Ct);
        if (standby is not null) await standby.DisposeAsync(); // the server stays: another uses it
        standby = again;
    }

    /// <summary>The standby replays nothing more.</summary>
    public Task Hold() => Sql(Standby, "SELECT pg_wal_replay_pause()");

    /// <summary>The standby replays on.</summary>
    public Task LetGo() => Sql(Standby, "SELECT pg_wal_replay_resume()");

    /// <summary>Runs SQL as the owner of one of the two.</summary>
    public static async Task<object?> Sql(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (standby is not null) await standby.DisposeAsync();
        if (primary is not null) await primary.DisposeAsync();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static async Task Run(params string[] command)
    {
        var done = await ChildProcess.Run(command, "/", TimeSpan.FromMinutes(1), Ct);
        Assert.True(done.Succeeded, done.Output);
    }
}
