using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cms.Api.Tests.Operations;

/// <summary>A wire between the service and PostgreSQL that a test can cut and mend: to the service the server is gone.</summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly EndPoint server;
    private readonly CancellationTokenSource stop = new();
    private readonly List<Socket> open = [];
    private TcpListener? listener;
    private volatile TaskCompletionSource? wall;

    private Cable(EndPoint server, int port) => (this.server, Port) = (server, port);

    private int Port { get; }

    public static (Cable Cable, string ConnectionString) Between(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var host = settings.Host ?? "localhost";
        EndPoint server = host.StartsWith('/') ? new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{settings.Port}") : new DnsEndPoint(host, settings.Port);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var cable = new Cable(server, port);
        cable.Mend();
        (settings.Host, settings.Port) = ("127.0.0.1", port);
        return (cable, settings.ConnectionString);
    }

    public void Mend()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _ = Accept(listener);
    }

    /// <summary>As a firewall that drops everything: connections stand, and nothing comes through.</summary>
    public void Wall() => wall = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waited goes through.</summary>
    public void Open()
    {
        var fallen = wall;
        wall = null;
        fallen?.SetResult();
    }

    public void Cut()
    {
        listener?.Stop();
        lock (open)
        {
            foreach (var socket in open) socket.Dispose();
            open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Cut();
        stop.Dispose();
    }

    private async Task Accept(TcpListener from)
    {
        try
        {
            while (true)
            {
                var client = await from.AcceptSocketAsync(stop.Token);
                var behind = new Socket(server.AddressFamily == AddressFamily.Unspecified ? AddressFamily.InterNetwork : server.AddressFamily, SocketType.Stream,
                    server is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
                await behind.ConnectAsync(server, stop.Token);
                lock (open) open.AddRange([client, behind]);
                _ = Copy(client, behind);
                _ = Copy(behind, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Cut.
        }
    }

    private async Task Copy(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var count)
            {
                if (wall is { } standing) await standing.Task.WaitAsync(stop.Token);
                await to.SendAsync(buffer.AsMemory(0, count), stop.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
