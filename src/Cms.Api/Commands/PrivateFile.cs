using System.Security.Cryptography;

namespace Cms.Api.Commands;

/// <summary>Files of the data folder that only their owner may read.</summary>
internal static class PrivateFile
{
    private const int KeyLength = 32;

    /// <summary>A random key that stays the same from start to start.</summary>
    public static byte[] Key(string path)
    {
        try
        {
            if (File.Exists(path)) return Kept(path);
            var key = RandomNumberGenerator.GetBytes(KeyLength);
            Write(path, Convert.ToBase64String(key));
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be kept (is the folder another user's?): {e.Message}");
        }
    }

    /// <summary>Replaces the file whole; it is never readable by others, not even for an instant.</summary>
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options)) writer.Write(text);
        File.Move(temporary, path, overwrite: true);
    }

    // A damaged one is never replaced: what was made with it would be lost without a word.
    private static byte[] Kept(string path)
    {
        var key = new byte[KeyLength];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var length) && length == KeyLength
            ? key
            : throw new CommandException($"{path} is not a key any more. Put it back from a copy; or delete it, and addresses that may never be mailed are forgotten.");
    }
}
