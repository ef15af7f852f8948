using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Cms.Infrastructure.Postgres;

/// <summary>What a finished command left.</summary>
/// <param name="ExitCode">As the shell has it: 127 when there is no such command, 124 when it took too long.</param>
/// <param name="Output">The end of standard output and of standard error.</param>
internal sealed record Finished(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs a command to its end, in bounded time and memory.</summary>
internal static class ChildProcess
{
    private const int OutputMaxChars = 8_192;

    /// <param name="command">The program and its arguments; no shell reads them.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="limit">How long it may take; then it is killed.</param>
    /// <param name="ct">Kills it.</param>
    public static async Task<Finished> Run(IReadOnlyList<string> command, string folder, TimeSpan limit, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        // PGDATA, PGPORT and the like of somebody's other server must not reach ours, and initdb fails on a locale that is not installed.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";

        using var time = CancellationTokenSource.CreateLinkedTokenSource(ct);
        time.CancelAfter(limit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new(127, e.Message);
        }

        process.StandardInput.Close();
        using var reading = new CancellationTokenSource();
        var output = Tail(process.StandardOutput, reading.Token);
        var errors = Tail(process.StandardError, reading.Token);
        try
        {
            await process.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            return new(124, $"{command[0]} took longer than {limit.TotalSeconds:0} s.");
        }
        finally
        {
            // A server that was started in the background may hold the pipes open for as long as it runs (Windows).
            reading.CancelAfter(TimeSpan.FromSeconds(1));
        }

        // Ctrl+C in a terminal ends the command too: that is a cancellation, and not the command's own failure.
        ct.ThrowIfCancellationRequested();
        return new(process.ExitCode, (await output + await errors).Trim());
    }

    private static async Task<string> Tail(StreamReader from, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new char[4_096];
        try
        {
            while (await from.ReadAsync(buffer, ct) is > 0 and var read)
            {
                text.Append(buffer, 0, read);
                if (text.Length > OutputMaxChars) text.Remove(0, text.Length - OutputMaxChars);
            }
        }
        catch (OperationCanceledException)
        {
            // What was read until now is the output.
        }

        return text.ToString();
    }
}
