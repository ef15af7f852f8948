using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cms.Infrastructure.Postgres;

/// <summary>
/// Where the files of our PostgreSQL are: in the data folder; or, when the service runs as root and the user that runs PostgreSQL in its
/// place cannot reach the data folder (a home of mode 700), in a folder of <c>/var/lib</c> named after the data folder, so that the next
/// start finds the same. Only root can write to <c>/var/lib</c>, so nobody can lay a link in the way there.
/// </summary>
/// <param name="Folder">Ours: the server's password, and PostgreSQL itself where it came from npm.</param>
/// <param name="User">Whom PostgreSQL runs as; null for the user of this process.</param>
/// <param name="Elsewhere">Whether it is not the data folder.</param>
internal sealed record PostgresHome(string Folder, ServerUser? User, bool Elsewhere)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Passing = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The server's own: its cluster and log.</summary>
    public string Server => ServerIn(Folder);

    public string Cluster => ClusterIn(Folder);

    public string Log => Path.Combine(Server, "log");

    private string PasswordFile => Path.Combine(Folder, "postgres.password");

    /// <exception cref="EmbeddedPostgresException">No user can run PostgreSQL, or the one who does cannot reach the data any more.</exception>
    public static async Task<PostgresHome> Find(string dataFolder, CancellationToken ct)
    {
        if (!ServerUser.IsNeeded) return new(dataFolder, null, false);

        var other = "/var/lib/cms-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..16];
        var isThere = Directory.Exists(ClusterIn(dataFolder));
        var isElsewhere = !isThere && Directory.Exists(ClusterIn(other));
        var user = await ServerUser.Take(ServerIn(isElsewhere ? other : dataFolder), ct);
        if (isElsewhere) return new(other, user, true);
        if (await user.Passes("-x", dataFolder, ct)) return new(dataFolder, user, false);
        return isThere
            ? throw EmbeddedPostgresException.Failed($"User {user.Name}, who runs PostgreSQL for root, cannot reach {dataFolder} any more",
                "The database is there. Let that user pass through each folder above it (chmod o+x).")
            : new(other, user, true);
    }

    /// <summary>The major version that made the cluster; null when there is none yet.</summary>
    public int? Major()
    {
        if (!Directory.Exists(Cluster)) return null;
        var file = Path.Combine(Cluster, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : throw EmbeddedPostgresException.Failed($"{Cluster} is not a database of PostgreSQL, or not readable",
                "Move it away, or start as the user whose it is.");
    }

    /// <summary>Makes the folders, for the server's user alone to enter its own.</summary>
    public async Task Prepare(CancellationToken ct)
    {
        Directory.CreateDirectory(Folder);
        var isNew = !Directory.Exists(Server);
        Directory.CreateDirectory(Server);
        if (OperatingSystem.IsWindows()) return;
        if (isNew) File.SetUnixFileMode(Server, OwnerOnly | UnixFileMode.UserExecute);
        if (User is null) return;

        if (Elsewhere) File.SetUnixFileMode(Folder, OwnerOnly | UnixFileMode.UserExecute | Passing); // whatever the umask
        if (!await User.Own(Server, ct))
            throw EmbeddedPostgresException.Failed($"{Server} cannot be given to user {User.Name}, who runs PostgreSQL for root",
                "Its file system knows no owners. Start the service as an ordinary user.");
    }

    /// <summary>The password of the server's owner, made at the first call.</summary>
    public string Password()
    {
        if (File.Exists(PasswordFile)) return File.ReadAllText(PasswordFile).Trim();
        if (Directory.Exists(Cluster))
            throw EmbeddedPostgresException.Failed($"{PasswordFile} is gone, and with it the way into the database beside it",
                $"Put it back; or move {Cluster} away, and the next start makes an empty database.");

        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        Write(PasswordFile, password);
        return password;
    }

    /// <summary>A copy of the password that the server's user can read once, for initdb.</summary>
    public async Task<string> LendPassword(CancellationToken ct)
    {
        var path = PasswordFile + ".init";
        File.Delete(path);
        Write(path, Password());
        if (User is not null) await User.Own(path, ct);
        return path;
    }

    private static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }

    private static string ServerIn(string folder) => Path.Combine(folder, "postgres");

    private static string ClusterIn(string folder) => Path.Combine(ServerIn(folder), "cluster");
}
