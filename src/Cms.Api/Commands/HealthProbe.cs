using System.Globalization;
using System.Net.Sockets;

namespace Cms.Api.Commands;

/// <summary>Asks the service on this machine whether it is ready: the probe of a container, whose image has no curl.</summary>
internal static class HealthProbe
{
    private const int DefaultPort = 8080;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>0 when it answers 200.</returns>
    public static async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        var port = args switch
        {
            [] => DefaultPort,
            [var text] when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 => given,
            _ => throw new CommandException("Type `health`, or `health PORT` with a port from 1 to 65535.", CommandLine.Misused),
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port, patience.Token);
            await using var stream = socket.GetStream();
            await stream.WriteAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), patience.Token);
            using var reader = new StreamReader(stream);
            var status = await reader.ReadLineAsync(patience.Token) ?? "no answer";
            await output.WriteLineAsync(status);
            return status.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? 0 : 1;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            await output.WriteLineAsync($"No answer on port {port}.");
            return 1;
        }
    }
}
