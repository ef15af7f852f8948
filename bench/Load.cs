using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cms.Bench;

/// <summary>What is asked: a request whose digits are another article's each time.</summary>
/// <param name="Server">Who is asked.</param>
/// <param name="Path">Where <c>#</c> stands for the article's seven digits.</param>
/// <param name="Headers">Further headers, each with its line end; <c>#</c> as in the path.</param>
/// <param name="Articles">How many different ones are asked for.</param>
/// <param name="Status">What the answer has to be.</param>
internal sealed record Ask(Child Server, string Path, string Headers = "", int Articles = 1, int Status = 200)
{
    private const char Mark = '#';

    /// <summary>The request's bytes, and where the digits stand in them.</summary>
    public (byte[] Bytes, int[] Digits) Write()
    {
        var text = $"GET {Path} HTTP/1.1\r\nHost: localhost:{Server.Port}\r\nUser-Agent: bench\r\nAccept: */*\r\n{Headers}\r\n";
        var digits = new List<int>();
        for (var at = text.IndexOf(Mark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Mark, StringComparison.Ordinal))
        {
            digits.Add(at);
            text = string.Concat(text.AsSpan(0, at), "0000000", text.AsSpan(at + 1));
        }

        return (Encoding.ASCII.GetBytes(text), [.. digits]);
    }
}

/// <summary>What a run of load saw.</summary>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P50">Milliseconds within which half of the answers came.</param>
/// <param name="P99">Milliseconds within which 99 of a hundred came.</param>
/// <param name="Cpu">Microseconds of processor that an answer cost who was asked, with its PostgreSQL: what else runs on the machine changes it little.</param>
internal sealed record Seen(double PerSecond, double P50, double P99, double Cpu);

/// <summary>
/// Asks over and over on kept connections, one request at a time on each. One thread over bare sockets: what is left of the machine is for
/// who answers.
/// </summary>
internal static class Load
{
    /// <summary>Connections at one time.</summary>
    public const int Connections = 32;

    private const int Answer = 256 * 1024;

    public static Seen Run(Ask ask, TimeSpan time, int connections = Connections, int? perSecond = null)
    {
        var (request, digits) = ask.Write();
        var clients = Enumerable.Range(0, connections).Select(_ => new Client(ask)).ToList();
        var (latencies, order, ready) = (new List<long>(1 << 18), new Order(1), new List<Socket>(connections));
        var bySocket = clients.ToDictionary(c => c.Socket);
        var cpu = ask.Server.Cpu;
        var (begun, end) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
        try
        {
            var due = begun;
            var idle = new Queue<Client>(clients);
            while (Stopwatch.GetTimestamp() < end)
            {
                while (idle.Count > 0 && (perSecond is null || Stopwatch.GetTimestamp() >= due))
                {
                    Fill(request, digits, order.Below(ask.Articles));
                    idle.Dequeue().Send(request);
                    if (perSecond is { } pace) due += Stopwatch.Frequency / pace;
                }

                ready.Clear();
                foreach (var client in clients)
                    if (client.IsBusy) ready.Add(client.Socket);
                if (ready.Count == 0)
                {
                    Thread.Sleep(1);
                    continue;
                }

                Socket.Select(ready, null, null, perSecond is null ? 100_000 : 1_000);
                foreach (var socket in ready)
                {
                    var client = bySocket[socket];
                    if (!client.Receive()) continue;
                    latencies.Add(client.Took);
                    idle.Enqueue(client);
                }
            }
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
        }

        cpu = ask.Server.Cpu - cpu;
        latencies.Sort();
        return new(latencies.Count / Stopwatch.GetElapsedTime(begun, end).TotalSeconds, Percentile(latencies, 0.5), Percentile(latencies, 0.99), cpu.TotalMicroseconds / latencies.Count);
    }

    /// <summary>The first answer to a request, as it came.</summary>
    public static (byte[] Head, byte[] Body) Once(Ask ask)
    {
        using var client = new Client(ask);
        client.Send(ask.Write().Bytes);
        while (!client.Receive()) client.Socket.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead);
        return client.Last();
    }

    private static void Fill(byte[] request, int[] digits, int number)
    {
        foreach (var at in digits)
            for (var (place, rest) = (6, number); place >= 0; (place, rest) = (place - 1, rest / 10)) request[at + place] = (byte)('0' + (rest % 10));
    }

    private static double Percentile(List<long> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : Stopwatch.GetElapsedTime(0, sorted[(int)((sorted.Count - 1) * share)]).TotalMilliseconds;

    private sealed class Client : IDisposable
    {
        private readonly byte[] buffer = new byte[Answer];
        private readonly Ask ask;
        private int length, head, total;
        private long sent;

        public Client(Ask ask)
        {
            this.ask = ask;
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(new IPEndPoint(IPAddress.Loopback, ask.Server.Port));
            Socket.Blocking = false;
        }

        public Socket Socket { get; }

        public bool IsBusy { get; private set; }

        public long Took { get; private set; }

        public void Send(ReadOnlySpan<byte> request)
        {
            (length, head, total, IsBusy, sent) = (0, 0, 0, true, Stopwatch.GetTimestamp());
            if (Socket.Send(request) != request.Length) throw new InvalidOperationException("The socket takes no whole request.");
        }

        /// <returns>True when the answer is whole.</returns>
        public bool Receive()
        {
            var count = Socket.Receive(buffer.AsSpan(length), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return false;
            if (error != SocketError.Success || count == 0) throw new InvalidOperationException($"{ask.Path}: the connection was closed ({error}).");
            length += count;
            if (head == 0 && !ReadHead()) return false;
            if (length < total) return false;
            (Took, IsBusy) = (Stopwatch.GetTimestamp() - sent, false);
            return true;
        }

        public (byte[] Head, byte[] Body) Last() => (buffer[..head], buffer[head..total]);

        public void Dispose() => Socket.Dispose();

        private bool ReadHead()
        {
            var received = buffer.AsSpan(0, length);
            var end = received.IndexOf("\r\n\r\n"u8);
            if (end < 0) return false;
            head = end + 4;
            var status = ((received[9] - '0') * 100) + ((received[10] - '0') * 10) + received[11] - '0';
            if (status != ask.Status) throw new InvalidOperationException($"{ask.Path} answers {status}, not {ask.Status}: {Encoding.UTF8.GetString(received)}");
            var at = received[..end].IndexOf("Content-Length: "u8);
            var text = at < 0 ? default : received[(at + 16)..(end + 2)];
            total = head + (at < 0 ? 0 : int.Parse(Encoding.ASCII.GetString(text[..text.IndexOf("\r\n"u8)]), CultureInfo.InvariantCulture));
            if (at < 0 && status != 304) throw new InvalidOperationException($"{ask.Path} answers without a length.");
            return true;
        }
    }
}
