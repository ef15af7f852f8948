namespace Cms.Infrastructure.Postgres;

/// <summary>
/// A lock between processes: an open file that nobody may share, or only those who share it too. The system drops it when its holder
/// dies, however it dies, so that no lock is ever stale and no process number has to be remembered and compared.
/// </summary>
internal static class FileLock
{
    private const int PollMilliseconds = 50;
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35, WindowsSharingViolation = unchecked((int)0x80070020);

    /// <returns>The lock; null when another holds it.</returns>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return Open(path, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            return null;
        }
    }

    /// <summary>A lock that others may share. Nobody may hold it alone now: the caller sees to that.</summary>
    // To read alone: on NFS and CIFS, .NET takes no shared lock of a file that is opened to write.
    public static FileStream Share(string path) => Open(path, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>Waits for it.</summary>
    public static async Task<FileStream> Take(string path, CancellationToken ct)
    {
        while (true)
        {
            if (TryTake(path) is { } taken) return taken;
            await Task.Delay(PollMilliseconds, ct);
        }
    }

    private static FileStream Open(string path, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = access, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }
}
