using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>One cluster and the server process on it. Who may call what, and when, is the affair of <see cref="EmbeddedPostgres"/>.</summary>
internal sealed class PostgresServer(PostgresHome home, Action<string> say)
{
    /// <summary>The owner's login, and the name of the database.</summary>
    public const string Cms = "cms";

    private const int SocketPathMaxBytes = 100; // sockaddr_un holds 108 on Linux, 104 on macOS, with the terminating zero
    private const int LogMaxBytes = 16 * 1024 * 1024;

    // shared_buffers suits a small machine, and a place for a connection costs next to nothing; fsync stays on, for what is acknowledged must not be lost. PostgreSQL
    // works inside its cluster, so "." spares a path that shell and list of folders would each read in their own way.
    private const string Settings = "-c shared_buffers=128MB -c max_connections=400 -c logging_collector=off -c fsync=on";
    private const string OnSocket = $"-p 5432 -k . -c listen_addresses= {Settings}", OnBoth = $"-k . -c listen_addresses=127.0.0.1 {Settings}";
    private const string OnLoopback = $"-c listen_addresses=127.0.0.1 -c unix_socket_directories= {Settings}";

    /// <summary>Beside its socket it listens on a port of 127.0.0.1.</summary>
    public bool AlsoOnLoopback { get; init; }

    /// <summary>Makes the cluster, unless there is one.</summary>
    public async Task Initialize(PostgresBinaries binaries, CancellationToken ct)
    {
        if (Directory.Exists(home.Cluster)) return;
        say($"Making an empty database in {home.Cluster} …");
        var fresh = home.Cluster + ".new"; // renamed when it is whole, so that one killed halfway is not taken for a cluster
        await Delete(fresh, ct);
        var password = await home.LendPassword(ct);
        try
        {
            string[] locale = binaries.Version.Major >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
                : OperatingSystem.IsLinux() ? ["--locale=C", "--lc-ctype=C.UTF-8"] : ["--locale=C"];
            string[] options = ["--pgdata=cluster.new", $"--username={Cms}", $"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"];
            var made = await Run([binaries.Program("initdb"), .. options, .. locale], 120, ct);
            if (!made.Succeeded) throw EmbeddedPostgresException.Failed($"initdb of PostgreSQL {binaries.Version} failed", made.Output);
        }
        finally
        {
            File.Delete(password);
        }

        Directory.Move(fresh, home.Cluster);
    }

    /// <summary>Starts it, and returns when it answers. A server that was killed recovers by itself.</summary>
    public async Task Start(PostgresBinaries binaries, CancellationToken ct)
    {
        // Killed a moment ago, its children may still hold its memory, or its port was taken: so a failed start is tried again.
        var socket = !OperatingSystem.IsWindows() && SocketFits();
        if (!socket && !OperatingSystem.IsWindows())
            say($"The path of PostgreSQL's socket in {home.Cluster} would be over {SocketPathMaxBytes} bytes: it listens on a port of 127.0.0.1 instead.");
        if (File.Exists(home.Log) && new FileInfo(home.Log).Length > LogMaxBytes) File.Delete(home.Log);
        for (var attempt = 1; ; attempt++)
        {
            // pg_ctl starts it in a session of its own: Ctrl+C in the terminal reaches the service alone, which stops the server last.
            var options = !socket ? $"-p {FreePort()} {OnLoopback}" : AlsoOnLoopback ? $"-p {FreePort()} {OnBoth}" : OnSocket;
            // It is not cancelled midway, when nobody could say whether there is a server: one that started is stopped as it should be.
            var started = await Run([binaries.Program("pg_ctl"), "start", "-D", "cluster", "-l", "log", "-w", "-t", "60", "-o", options], 90, CancellationToken.None);
            if (await Answers(CancellationToken.None) is not null) return;
            if (attempt == 5) throw EmbeddedPostgresException.Failed($"PostgreSQL {binaries.Version} does not start", $"{started.Output}\nIts log is {home.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(200 << attempt), ct);
        }
    }

    /// <summary>Fast shutdown: connections are closed, everything is written, and it has ended when this returns.</summary>
    public async Task Stop(CancellationToken ct)
    {
        if (ConnectionString(Cms) is null) return; // it was stopped by hand
        // Asked for only now: whoever attached needed none, and they may have been removed or updated since.
        if (await PostgresBinaries.AtHand(home, ct) is not { } binaries)
        {
            say($"PostgreSQL is left running on {home.Cluster}: its programs, which would stop it, are gone.");
            return;
        }

        var stopped = await Run([binaries.Program("pg_ctl"), "stop", "-D", "cluster", "-m", "fast", "-w", "-t", "20"], 30, ct);
        if (!stopped.Succeeded) say($"PostgreSQL has not stopped as it should: {stopped.Output}");
    }

    /// <returns>The version of the server that runs on this very cluster and takes our password; null when there is none.</returns>
    public async Task<Version?> Answers(CancellationToken ct)
    {
        while (true)
        {
            if (ConnectionString("postgres") is not { } address) return null;
            try
            {
                await using var connection = new NpgsqlConnection(address);
                await connection.OpenAsync(ct);
                return connection.PostgreSqlVersion;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                await Task.Delay(50, ct); // it starts, recovers or stops: each of them ends
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
            {
                throw EmbeddedPostgresException.Failed($"The server on {home.Cluster} refuses the password kept beside it", e.MessageText);
            }
            catch (NpgsqlException)
            {
                return null;
            }
        }
    }

    /// <summary>Opens database <c>cms</c> of the running server; makes it, unless it is there.</summary>
    public async Task<(string ConnectionString, Version Version)> Open(CancellationToken ct)
    {
        if (await Answers(ct) is not { } version || ConnectionString("postgres") is not { } postgres || ConnectionString(Cms) is not { } cms)
            throw EmbeddedPostgresException.Failed("PostgreSQL has just been stopped", $"Its log is {home.Log}");

        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync(ct);
        await using var count = new NpgsqlCommand($"SELECT count(*) FROM pg_database WHERE datname = '{Cms}'", connection);
        if (await count.ExecuteScalarAsync(ct) is > 0L) return (cms, version);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {Cms}", connection);
        await create.ExecuteNonQueryAsync(ct);
        return (cms, version);
    }

    // As it says itself; null when it does not run.
    private string? ConnectionString(string database)
    {
        // https://www.postgresql.org/docs/current/storage-file-layout.html: process, folder, start time, port, socket folder, address
        var file = Path.Combine(home.Cluster, "postmaster.pid");
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        if (lines.Length < 6 || !int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return null;
        return new NpgsqlConnectionStringBuilder
        {
            Host = lines[4] == "." ? home.Cluster : IPAddress.Loopback.ToString(),
            Port = port,
            Username = Cms,
            Password = home.Password(),
            Database = database,
            SslMode = SslMode.Disable, // it never leaves the machine
            GssEncryptionMode = GssEncryptionMode.Disable,
            Pooling = database == Cms, // a pool would keep the connections of this class open
            Timeout = 5,
        }.ConnectionString;
    }

    private Task<Finished> Run(IReadOnlyList<string> command, int seconds, CancellationToken ct) =>
        ChildProcess.Run([.. home.User?.Prefix ?? [], .. command], home.Server, TimeSpan.FromSeconds(seconds), ct);

    // As the server's own user: root must not follow what another user can lay into a folder of theirs.
    private async Task Delete(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.Delete(folder, recursive: true);
        else await Run(["rm", "-rf", folder], 60, ct);
    }

    private bool SocketFits() => Encoding.UTF8.GetByteCount(Path.Combine(home.Cluster, ".s.PGSQL.5432")) <= SocketPathMaxBytes;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
