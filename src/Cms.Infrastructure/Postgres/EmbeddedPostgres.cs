namespace Cms.Infrastructure.Postgres;

/// <summary>
/// A PostgreSQL server of our own, its data in a folder: what Development runs on when nobody configured a database. It listens on a Unix
/// socket in that folder (a port of 127.0.0.1 where a socket cannot be), with a password of its own.
/// <para>
/// Two locks order the processes that share the folder. Whoever holds <c>postgres.start.lock</c>, for a moment, may start or stop the
/// server. All that use the server share <c>postgres.users.lock</c> for as long as they do; who then gets it alone was the last, and stops
/// the server. The system drops the locks of a process that is killed. Where that leaves a server without users, the next to come uses it,
/// and stops it in its turn.
/// </para>
/// </summary>
internal sealed class EmbeddedPostgres : IAsyncDisposable
{
    /// <summary>
    /// Names the environment variable that says where the programs may come from: <c>system</c> (installed ones), <c>npm</c> or
    /// <c>none</c>. Without it: installed ones, else npm.
    /// </summary>
    public const string SourceVariable = "CMS_EMBEDDED_POSTGRES";

    private readonly PostgresServer server;
    private readonly PostgresHome home;
    private readonly string data;
    private readonly Action<string> say;
    private FileStream? usage;

    private EmbeddedPostgres(
        string data, PostgresHome home, PostgresServer server, FileStream usage, Action<string> say, bool attached, string connectionString, string version)
    {
        (this.data, this.home, this.server, this.usage, this.say) = (data, home, server, usage, say);
        (Attached, ConnectionString, Version) = (attached, connectionString, version);
    }

    /// <summary>The login that owns the server, and database <c>cms</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Of the server, such as <c>18.4</c>.</summary>
    public string Version { get; }

    /// <summary>Where the data really is: the data folder, or the one that was said to be taken in its place.</summary>
    public string Folder => home.Folder;

    /// <summary>The file the server writes its log to.</summary>
    public string Log => home.Log;

    /// <summary>Whether the server ran already.</summary>
    public bool Attached { get; }

    /// <summary>How long its end may take.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Starts it, or attaches to it when it runs.</summary>
    /// <param name="dataFolder">Where the data is kept; made when missing.</param>
    /// <param name="say">Takes one line for people for each thing worth knowing.</param>
    /// <param name="ct">Cancels, also what has been started on the way.</param>
    /// <exception cref="EmbeddedPostgresException">There is none to be had; the message says what to do.</exception>
    public static Task<EmbeddedPostgres> StartAsync(string dataFolder, Action<string> say, CancellationToken ct) =>
        StartAsync(dataFolder, Environment.GetEnvironmentVariable(SourceVariable), say, ct);

    /// <inheritdoc cref="StartAsync(string, Action{string}, CancellationToken)"/>
    /// <param name="dataFolder">Where the data is kept; made when missing.</param>
    /// <param name="source">As <see cref="SourceVariable"/> has it.</param>
    /// <param name="say">Takes one line for people for each thing worth knowing.</param>
    /// <param name="ct">Cancels, also what has been started on the way.</param>
    /// <param name="alsoOnLoopback">It listens on a port of 127.0.0.1 too.</param>
    public static async Task<EmbeddedPostgres> StartAsync(string dataFolder, string? source, Action<string> say, CancellationToken ct, bool alsoOnLoopback = false)
    {
        source = string.IsNullOrEmpty(source) ? null : source;
        if (source is not null && !PostgresBinaries.IsSource(source))
            throw new EmbeddedPostgresException($"{SourceVariable} is \"{source}\": it may be system, npm or none.");

        var data = Path.GetFullPath(dataFolder);
        try
        {
            Directory.CreateDirectory(data);
            await using var starting = await FileLock.Take(StartLock(data), ct);
            var usage = FileLock.Share(UsersLock(data));
            try
            {
                return await Start(data, source, usage, say, alsoOnLoopback, ct);
            }
            catch
            {
                await usage.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw EmbeddedPostgresException.Failed($"The database in {data} cannot be used (is it another user's?)", e.Message);
        }
    }

    /// <summary>Stops the server, unless another still uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref usage, null) is not { } mine) return;
        using var time = new CancellationTokenSource(Patience);
        try
        {
            await using var share = mine; // given up however the wait ends: the next to come must be able to stop the server
            await using var stopping = await FileLock.Take(StartLock(data), time.Token);
            await mine.DisposeAsync();
            await using var alone = FileLock.TryTake(UsersLock(data));
            if (alone is not null) await server.Stop(time.Token);
        }
        catch (OperationCanceledException)
        {
            say($"PostgreSQL may be left running on {home.Cluster}: to stop it took too long. Whoever uses it next stops it.");
        }
    }

    private static async Task<EmbeddedPostgres> Start(string data, string? source, FileStream usage, Action<string> say, bool alsoOnLoopback, CancellationToken ct)
    {
        var home = await PostgresHome.Find(data, ct);
        if (home is { Elsewhere: true, User: { } user })
            say($"PostgreSQL refuses root, and user {user.Name} cannot reach {data}: the database is kept in {home.Folder}.");
        var server = new PostgresServer(home, say) { AlsoOnLoopback = alsoOnLoopback };

        var runs = await server.Answers(ct) is not null;
        if (!runs)
        {
            var binaries = await PostgresBinaries.Choose(home, source, say, ct);
            await home.Prepare(ct);
            await server.Initialize(binaries, ct);
            await server.Start(binaries, ct);
        }

        try
        {
            var (connectionString, version) = await server.Open(ct);
            return new(data, home, server, usage, say, runs, connectionString, version.ToString(2));
        }
        catch when (!runs)
        {
            await server.Stop(CancellationToken.None); // nobody else can use it yet
            throw;
        }
    }

    private static string StartLock(string data) => Path.Combine(data, "postgres.start.lock");

    private static string UsersLock(string data) => Path.Combine(data, "postgres.users.lock");
}
