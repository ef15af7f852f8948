using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cms.Api.Tests.Newsletter;

/// <summary>A real name server on this machine (RFC 1035, over UDP). It answers by what a name begins with, and keeps what it was asked.</summary>
public sealed class NameServer : IAsyncDisposable
{
    private const int Mx = 15, A = 1, NoError = 0, ServFail = 2, NxDomain = 3;

    private readonly UdpClient socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    private NameServer() => running = Serve();

    public static NameServer Start() => new();

    /// <summary>As the setting has it.</summary>
    public string Address => socket.Client.LocalEndPoint?.ToString() ?? "";

    /// <summary>Names that were asked for.</summary>
    public ConcurrentBag<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAny(running);
        socket.Dispose();
        stop.Dispose();
    }

    private async Task Serve()
    {
        while (true)
        {
            var asked = await socket.ReceiveAsync(stop.Token);
            if (Answer(asked.Buffer) is { } answer) await socket.SendAsync(answer, asked.RemoteEndPoint, stop.Token);
        }
    }

    private byte[]? Answer(byte[] query)
    {
        var (name, end) = Name(query);
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end));
        Asked.Add(name);
        return (name.Split('-')[0], type) switch
        {
            ("silent", _) => null,
            ("missing", _) => Answer(query, end, NxDomain, null),
            ("broken", _) => Answer(query, end, ServFail, null),
            ("mx", Mx) => Answer(query, end, NoError, (Mx, [0, 10, .. Label("mail"), 0])),
            ("nullmx", Mx) => Answer(query, end, NoError, (Mx, [0, 0, 0])), // RFC 7505: preference 0, the root
            ("onlya" or "nullmx", A) => Answer(query, end, NoError, (A, [192, 0, 2, 1])),
            _ => Answer(query, end, NoError, null),
        };
    }

    private static byte[] Answer(byte[] query, int end, byte code, (ushort Type, byte[] Data)? record)
    {
        var answer = query[..(end + 4)]; // the head and the question
        (answer[2], answer[3]) = (0x81, (byte)(0x80 | code));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)(record is null ? 0 : 1));
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(8), 0); // neither authority nor additional
        return record is not var (type, data) ? answer : [.. answer, 0xC0, 12, 0, (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)data.Length, .. data];
    }

    private static (string Name, int End) Name(byte[] query)
    {
        var (labels, at) = (new List<string>(), 12);
        for (; query[at] != 0; at += query[at] + 1) labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        return (string.Join('.', labels), at + 1);
    }

    private static byte[] Label(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
}
