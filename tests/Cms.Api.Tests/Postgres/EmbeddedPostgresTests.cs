using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Api.Tests.Postgres;

/// <summary>Real servers in temporary folders. They run as whoever runs the tests: as root, too, which PostgreSQL itself refuses.</summary>
public sealed class EmbeddedPostgresTests : IAsyncDisposable
{
    private readonly string data = Path.Combine(Path.GetTempPath(), "cms-test-" + Guid.CreateVersion7().ToString("n")[^16..]);
    private readonly ConcurrentQueue<string> said = new();
    private readonly ConcurrentBag<EmbeddedPostgres> started = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_there_at_the_next_start()
    {
        await using (var first = await Start())
        {
            Assert.Matches("^1[5-9]\\.[0-9]+$|^[2-9][0-9]\\.[0-9]+$", first.Version);
            Assert.False(first.Attached);
            await Execute(first, "CREATE TABLE kept (headline text); INSERT INTO kept VALUES ('Un été')");
        }

        Assert.False(File.Exists(PidFile), "the server stopped");
        await using var second = await Start();
        Assert.Equal("Un été", await Scalar(second, "SELECT headline FROM kept"));
        Assert.Equal("cms UTF8 on on", await Scalar(second,
            "SELECT concat_ws(' ', current_database(), current_setting('server_encoding'), current_setting('data_checksums'), current_setting('fsync'))"));
    }

    [Fact]
    public async Task Only_its_own_password_opens_it_and_only_its_owner_can_read_that()
    {
        await using var postgres = await Start();

        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Ct));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(postgres.Folder, "postgres.password")));
        Assert.Equal("", await Scalar(postgres, "SELECT current_setting('listen_addresses')"));
    }

    [Fact]
    public async Task Of_four_starts_at_the_same_instant_one_starts_the_server_and_the_last_to_end_stops_it()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start()));

        Assert.Single(all, p => !p.Attached);
        Assert.Single(all.Select(p => p.ConnectionString).Distinct());
        await Task.WhenAll(all.Skip(1).Select(p => p.DisposeAsync().AsTask()));
        Assert.Equal(1, await Scalar(all[0], "SELECT 1"));
        await all[0].DisposeAsync();
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task Whoever_started_the_server_may_end_before_those_who_attached()
    {
        var first = await Start();
        var second = await Start();
        Assert.True(second.Attached);

        await first.DisposeAsync();

        Assert.Equal(1, await Scalar(second, "SELECT 1"));
        await second.DisposeAsync();
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task A_server_that_runs_is_used_where_no_programs_could_start_it()
    {
        await using var first = await Start();

        await using var second = await EmbeddedPostgres.StartAsync(data, "none", said.Enqueue, Ct);

        Assert.Equal(1, await Scalar(second, "SELECT 1"));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_no_server()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There nothing is said of the port.");
        var deep = Path.Combine(data, new string('d', 100));
        await (await Start(deep)).DisposeAsync();
        using var cancelled = new CancellationTokenSource();

        // What is said last before the server starts.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmbeddedPostgres.StartAsync(
            deep, line => { if (line.Contains("over 100 bytes", StringComparison.Ordinal)) cancelled.Cancel(); }, cancelled.Token));

        Assert.True(cancelled.IsCancellationRequested);
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task A_killed_server_is_recovered_with_all_that_was_acknowledged()
    {
        await using var first = await Start();
        await Execute(first, "CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)");
        using (var server = Process.GetProcessById(await ServerProcess()))
        {
            server.Kill();
            await server.WaitForExitAsync(Ct);
        }

        await using var next = await Start();

        Assert.False(next.Attached);
        Assert.Equal(1000L, await Scalar(next, "SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_server_whose_users_were_killed_is_taken_over_and_stopped_in_their_place()
    {
        await using (var first = await Start()) await Execute(first, "CREATE TABLE kept (n int)");
        // What killed users leave: a server that runs, and no lock, for the system drops the locks of the dead.
        var home = await PostgresHome.Find(data, Ct);
        await new PostgresServer(home, said.Enqueue).Start(await PostgresBinaries.Choose(home, Environment.GetEnvironmentVariable(EmbeddedPostgres.SourceVariable), said.Enqueue, Ct), Ct);
        var orphan = await ServerProcess();

        await using (var heir = await Start())
        {
            Assert.True(heir.Attached);
            Assert.Equal(orphan, await ServerProcess());
            Assert.Equal(0L, await Scalar(heir, "SELECT count(*) FROM kept"));
        }

        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task An_end_that_may_not_stop_the_server_says_so_and_leaves_that_to_the_next()
    {
        var first = await Start();
        first.Patience = TimeSpan.FromMilliseconds(200);
        await using (await FileLock.Take(Path.Combine(data, "postgres.start.lock"), Ct)) await first.DisposeAsync();

        Assert.Single(said, s => s.Contains("may be left running", StringComparison.Ordinal));
        await using (var heir = await Start()) Assert.True(heir.Attached);
        Assert.False(File.Exists(PidFile));
    }

    [Fact]
    public async Task A_making_that_was_killed_halfway_is_begun_anew()
    {
        var home = await PostgresHome.Find(Directory.CreateDirectory(data).FullName, Ct);
        await home.Prepare(Ct);
        Directory.CreateDirectory(home.Cluster + ".new");
        await File.WriteAllTextAsync(Path.Combine(home.Cluster + ".new", "PG_VERSION"), "18", Ct);
        if (home.User is { } user) Assert.Equal(0, (await ChildProcess.Run(["chown", "-R", user.Ids, home.Server], "/", TimeSpan.FromSeconds(10), Ct)).ExitCode);

        await using var postgres = await Start();

        Assert.Equal(1, await Scalar(postgres, "SELECT 1"));
        Assert.False(Directory.Exists(home.Cluster + ".new"));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_gets_a_loopback_port_and_the_console_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There it is always a port.");
        var deep = Path.Combine(data, new string('d', 100), "it's here, à côté");

        await using var postgres = await Start(deep);

        Assert.Equal("127.0.0.1", new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host);
        Assert.Equal("127.0.0.1", await Scalar(postgres, "SELECT current_setting('listen_addresses')"));
        Assert.Single(said, s => s.Contains("over 100 bytes", StringComparison.Ordinal));
        await using var second = await Start(deep);
        Assert.True(second.Attached);
    }

    [Fact]
    public async Task As_root_a_folder_out_of_reach_of_the_servers_user_gives_way_to_another_that_is_found_again()
    {
        Assert.SkipUnless(ServerUser.IsNeeded, "Only root runs PostgreSQL as another user.");
        Directory.CreateDirectory(data);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string taken;
        await using (var first = await Start())
        {
            taken = first.Folder;
            await Execute(first, "CREATE TABLE kept (n int)");
        }

        Assert.StartsWith("/var/lib/cms-", taken, StringComparison.Ordinal);
        Assert.Contains(said, s => s.Contains(taken, StringComparison.Ordinal) && s.Contains(data, StringComparison.Ordinal));
        await using var second = await Start();
        Assert.Equal(0L, await Scalar(second, "SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_database_of_another_major_version_is_named_with_both_versions_and_never_touched()
    {
        var cluster = Path.Combine(data, "postgres", "cluster");
        Directory.CreateDirectory(Path.Combine(cluster, "base"));
        await File.WriteAllTextAsync(Path.Combine(cluster, "PG_VERSION"), "13\n", Ct);
        await File.WriteAllTextAsync(Path.Combine(cluster, "base", "1"), "rows", Ct);
        var before = Listing(Path.Combine(data, "postgres"));

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => Start());

        Assert.Contains("PostgreSQL 13", refused.Message, StringComparison.Ordinal);
        Assert.Matches("To be had here: PostgreSQL [0-9]{2}", refused.Message);
        Assert.Equal(before, Listing(Path.Combine(data, "postgres")));
    }

    [Fact]
    public async Task Without_any_binaries_the_message_names_the_three_ways_on()
    {
        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(data, "none", said.Enqueue, Ct));

        Assert.Contains("install PostgreSQL 15 or newer", refused.Message, StringComparison.Ordinal);
        Assert.Contains("install Node.js 20 or newer", refused.Message, StringComparison.Ordinal);
        Assert.Contains("docker compose up", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(data, "postgres")));
    }

    [Theory]
    [InlineData("a$HOME")]
    [InlineData("a\"b")]
    public async Task Binaries_of_npm_are_not_put_where_a_shell_would_misread_their_path(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There no shell is between.");

        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(Path.Combine(data, name), "npm", said.Enqueue, Ct));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Contains("install PostgreSQL 15 or newer", refused.Message, StringComparison.Ordinal);
        Assert.Empty(said);
    }

    [Fact]
    public async Task A_misspelt_source_is_refused_with_the_ones_there_are()
    {
        var refused = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(data, "apt", said.Enqueue, Ct));

        Assert.Contains("system, npm or none", refused.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var postgres in started) await postgres.DisposeAsync(); // what a failed test left running
        foreach (var folder in started.Select(p => p.Folder).Append(data).Distinct())
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Assert.DoesNotContain(said, s => s.Contains("has not stopped", StringComparison.Ordinal));
    }

    private string PidFile => Path.Combine(started.First().Folder, "postgres", "cluster", "postmaster.pid");

    private async Task<EmbeddedPostgres> Start(string? folder = null)
    {
        var postgres = await EmbeddedPostgres.StartAsync(folder ?? data, said.Enqueue, Ct);
        started.Add(postgres);
        return postgres;
    }

    private async Task<int> ServerProcess() => int.Parse((await File.ReadAllLinesAsync(PidFile, Ct))[0], CultureInfo.InvariantCulture);

    private static string Listing(string folder)
    {
        var listing = new StringBuilder();
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder).Order(StringComparer.Ordinal))
        {
            var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
            listing.AppendLine(CultureInfo.InvariantCulture, $"{path} {mode} {File.GetLastWriteTimeUtc(path):O} {(File.Exists(path) ? File.ReadAllText(path) : "")}");
        }

        return listing.ToString();
    }

    private static async Task Execute(EmbeddedPostgres postgres, string sql) => await Scalar(postgres, sql);

    private static async Task<object?> Scalar(EmbeddedPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Ct);
    }
}
