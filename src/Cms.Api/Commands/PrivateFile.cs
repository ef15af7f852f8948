using System.Security.Cryptography;

namespace Cms.Api.Commands;

/// <summary>Files of the data folder that only their owner may read.</summary>
internal static class PrivateFile
{
    private const int KeyLength = 32;

    /// <summary>A random key that stays the same from start to start.</summary>
    public static byte[] Key(string path)
    {
        if (File.Exists(path) && Convert.FromBase64String(File.ReadAllText(path)) is { Length: KeyLength } kept) return kept;
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        Write(path, Convert.ToBase64String(key));
        return key;
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
}
