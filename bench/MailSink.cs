using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Cms.Bench;

/// <summary>A mail server on this machine that takes everything and keeps nothing but when each mail came, and the first one as it was.</summary>
internal sealed class MailSink : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private long[] at = [];
    private int count;
    private TaskCompletionSource done = new();

    public MailSink()
    {
        listener.Start();
        _ = Accept();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The first mail since <see cref="Expect"/>, dots doubled as on the wire.</summary>
    public byte[] First { get; private set; } = [];

    /// <summary>Waits for so many from now on.</summary>
    public Task Expect(int mails)
    {
        (at, done, First) = (new long[mails], new(TaskCreationOptions.RunContinuationsAsynchronously), []);
        Volatile.Write(ref count, 0);
        return done.Task;
    }

    /// <summary>Mails a second between the first and the last of a range.</summary>
    public double PerSecond(Range range)
    {
        var part = at.AsSpan()[range];
        return (part.Length - 1) / Stopwatch.GetElapsedTime(part[0], part[^1]).TotalSeconds;
    }

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task Serve(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var reader = PipeReader.Create(stream);
        try
        {
            await stream.WriteAsync("220 sink\r\n"u8.ToArray());
            while (await Line(reader) is { } line)
            {
                switch (line.Length >= 4 ? System.Text.Encoding.ASCII.GetString(line.AsSpan(0, 4)).ToUpperInvariant() : "")
                {
                    case "EHLO":
                        await stream.WriteAsync("250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n"u8.ToArray());
                        break;
                    case "DATA":
                        await stream.WriteAsync("354 go\r\n"u8.ToArray());
                        if (!await Mail(reader)) return;
                        await stream.WriteAsync("250 2.0.0 taken\r\n"u8.ToArray());
                        break;
                    case "QUIT":
                        await stream.WriteAsync("221 bye\r\n"u8.ToArray());
                        return;
                    default:
                        await stream.WriteAsync("250 2.1.0 ok\r\n"u8.ToArray());
                        break;
                }
            }
        }
        catch (IOException)
        {
            // Whoever sent is gone.
        }
    }

    private static async Task<byte[]?> Line(PipeReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync();
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return null;
        }
    }

    private async Task<bool> Mail(PipeReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync();
            if (End(read.Buffer) is { } end)
            {
                var index = Interlocked.Increment(ref count) - 1;
                if (index == 0) First = read.Buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(5, end));
                if (index < at.Length) at[index] = Stopwatch.GetTimestamp();
                if (index == at.Length - 1) done.TrySetResult();
                return true;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) return false;
        }
    }

    private static SequencePosition? End(ReadOnlySequence<byte> buffer)
    {
        var search = new SequenceReader<byte>(buffer);
        return search.TryReadTo(out ReadOnlySequence<byte> before, "\r\n.\r\n"u8) ? before.End : null;
    }
}
