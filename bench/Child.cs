using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cms.Bench;

/// <summary>A process beside this one: the service as it is published, or a limit.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process process;

    private Child(Process process, int port, TimeSpan start) => (this.process, Port, Start) = (process, port, start);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>From its start to its first 200.</summary>
    public TimeSpan Start { get; }

    /// <summary>Mebibytes of memory that it holds now.</summary>
    public double WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    /// <summary>Processor time that it took so far, with what PostgreSQL took for databases of the bench.</summary>
    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime + Backends();
        }
    }

    /// <summary>Starts a program of .NET and waits until a path of it answers 200.</summary>
    /// <param name="assembly">The program.</param>
    /// <param name="arguments">Its arguments, of its port.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="environment">Its settings.</param>
    public static Child Serve(string assembly, Func<int, string[]> arguments, string path, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = FreePort();
        var begun = Stopwatch.GetTimestamp();
        var process = Launch(assembly, arguments(port), environment);
        while (!Answers(port, path))
        {
            if (process.HasExited) throw new InvalidOperationException($"{Path.GetFileName(assembly)} ended with {process.ExitCode} before it answered.");
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(60)) throw new TimeoutException($"{assembly} does not answer {path}.");
            Thread.Sleep(2);
        }

        return new(process, port, Stopwatch.GetElapsedTime(begun));
    }

    /// <summary>Runs a program to its end.</summary>
    public static string Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        using var process = Process.Start(info) ?? throw new InvalidOperationException(program);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}{error.Result}");
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    // Each connection is a process of PostgreSQL, which names its database in its title.
    private static TimeSpan Backends()
    {
        var sum = TimeSpan.Zero;
        foreach (var postgres in Process.GetProcessesByName("postgres"))
            using (postgres)
                try
                {
                    if (File.ReadAllText($"/proc/{postgres.Id}/cmdline").Contains(Archive.Prefix, StringComparison.Ordinal)) sum += postgres.TotalProcessorTime;
                }
                catch (Exception e) when (e is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It ended meanwhile.
                }

        return sum;
    }

    // What the service logs is written, and read by nobody.
    private static Process Launch(string assembly, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var info = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null", "sh", "dotnet", assembly, .. arguments]);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        return Process.Start(info) ?? throw new InvalidOperationException(assembly);
    }

    private static bool Answers(int port, string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5_000 };
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")));
            var answer = new byte[64 * 1024];
            var count = socket.Receive(answer);
            return count > 12 && answer.AsSpan(9, 3).SequenceEqual("200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
