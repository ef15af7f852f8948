namespace Cms.Infrastructure.Postgres;

/// <summary>Whom PostgreSQL runs as when the service runs as root, which PostgreSQL refuses to be.</summary>
/// <param name="Name">The name of the account; its number where it has none.</param>
/// <param name="Ids">Its user and group, as <c>chown</c> takes them.</param>
/// <param name="Prefix">The command that turns root into that user, before the command to be run.</param>
internal sealed record ServerUser(string Name, string Ids, IReadOnlyList<string> Prefix)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public static bool IsNeeded => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The owner of an existing database, so that it stays theirs; else the account made for PostgreSQL; else nobody.</summary>
    /// <param name="serverFolder">The folder whose owner is asked for; it need not exist.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="EmbeddedPostgresException">There is no user to become, or no way to become one.</exception>
    public static async Task<ServerUser> Take(string serverFolder, CancellationToken ct)
    {
        foreach (var ids in new[] { await OwnerOf(serverFolder, ct), await Account("postgres", ct), await Account("nobody", ct) })
        {
            if (ids?.Split(':') is not [not "0" and var uid, var gid]) continue;
            var name = await Ask(["id", "-un", uid], ct) ?? uid;
            foreach (var prefix in Ways(name, uid, gid))
                if (await Ask([.. prefix, "id", "-u"], ct) == uid) return new(name, ids, prefix); // tried: what a system's tools can do differs
        }

        throw EmbeddedPostgresException.Failed(
            "PostgreSQL refuses to run as root, and this process may not become another user",
            "Neither setpriv nor runuser nor su can start a command as postgres or as nobody. Start the service as an ordinary user.");
    }

    /// <summary>Whether that user, and not only root, passes a test(1), such as <c>-x</c>.</summary>
    public async Task<bool> Passes(string test, string path, CancellationToken ct) =>
        (await ChildProcess.Run([.. Prefix, "test", test, path], "/", Limit, ct)).Succeeded;

    /// <summary>Gives that user a file, or a folder with what is in it. Links are not followed.</summary>
    /// <returns>Whether it is theirs now.</returns>
    public async Task<bool> Own(string path, CancellationToken ct) =>
        (Directory.Exists(path) && await OwnerOf(path, ct) == Ids)
        || (await ChildProcess.Run(["chown", "-hRP", Ids, path], "/", TimeSpan.FromMinutes(1), ct)).Succeeded;

    private static async Task<string?> OwnerOf(string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder)) return null;
        return await Ask(OperatingSystem.IsMacOS() ? ["stat", "-f", "%u:%g", folder] : ["stat", "-c", "%u:%g", folder], ct);
    }

    private static async Task<string?> Account(string name, CancellationToken ct) =>
        await Ask(["id", "-u", name], ct) is { } uid && await Ask(["id", "-g", name], ct) is { } gid ? $"{uid}:{gid}" : null;

    private static IEnumerable<IReadOnlyList<string>> Ways(string name, string uid, string gid) =>
    [
        ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", "--"],
        ["runuser", "-u", name, "--"],
        ["su", "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--", name], // sh takes what follows as its own arguments: nothing is quoted
    ];

    private static async Task<string?> Ask(IReadOnlyList<string> command, CancellationToken ct)
    {
        var answer = await ChildProcess.Run(command, "/", Limit, ct);
        return answer.Succeeded ? answer.Output : null;
    }
}
