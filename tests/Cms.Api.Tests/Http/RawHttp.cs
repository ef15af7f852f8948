using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cms.Api.Tests.Http;

/// <summary>Bytes as they are, for what no well-behaved client sends.</summary>
public static class RawHttp
{
    /// <summary>Sends it, and reads until the service closes. End what is sent with <c>Connection: close</c>, unless the service must close.</summary>
    public static async Task<string> Ask(Uri address, string request)
    {
        ArgumentNullException.ThrowIfNull(address);
        var ct = TestContext.Current.CancellationToken;
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, ct);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), ct);
        using var text = new StreamReader(stream, Encoding.Latin1);
        return await text.ReadToEndAsync(ct);
    }
}
