namespace Cms.Infrastructure.Postgres;

/// <summary>
/// An exclusive lock between processes: an open file that nobody may share. The system drops it when its holder dies, however it dies, so
/// that no lock is ever stale and no process number has to be remembered and compared.
/// </summary>
internal static class FileLock
{
    private const int PollMilliseconds = 50;
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35, WindowsSharingViolation = unchecked((int)0x80070020);

    /// <returns>The lock; null when another holds it.</returns>
    public static FileStream? TryTake(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new(path, options);
        }
        catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            return null;
        }
    }

    /// <summary>Waits for it.</summary>
    public static async Task<FileStream> Take(string path, CancellationToken ct)
    {
        while (true)
        {
            if (TryTake(path) is { } taken) return taken;
            await Task.Delay(PollMilliseconds, ct);
        }
    }
}
