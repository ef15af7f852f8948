using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cms.Api.Tests.Purging;

/// <summary>A purge as it came over the wire.</summary>
public sealed record Purge(string Method, WebHeaderCollection Headers, string Body, long At)
{
    /// <summary>The keys, wherever they stand.</summary>
    public string[] Keys => Headers["xkey"] is { } held ? held.Split(' ') : JsonDocument.Parse(Body).RootElement.GetProperty("tags").EnumerateArray().Select(k => k.GetString()!).ToArray();
}

/// <summary>Takes purges as a cache in front does; refuses them, or answers nothing, while it is told to.</summary>
public sealed class PurgeReceiver : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<Purge> got = new();
    private readonly SemaphoreSlim arrived = new(0);

    public PurgeReceiver()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }

        listener.Prefixes.Add(Address);
        listener.Start();
        _ = Take();
    }

    public string Address { get; }

    public IReadOnlyCollection<Purge> Got => got;

    /// <summary>What it answers.</summary>
    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>It refuses these keys, and whatever comes with them.</summary>
    public string? Poison { get; set; }

    /// <summary>With this status.</summary>
    public HttpStatusCode Refusal { get; set; } = HttpStatusCode.BadRequest;

    /// <summary>When to ask again, where it refuses.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>So many of the next purges get no answer.</summary>
    public int Silent { get; set; }

    /// <summary>Waits until purges of this key have come.</summary>
    public async Task<Purge[]> Until(string key, int count)
    {
        while (true)
        {
            Purge[] found = [.. got.Where(p => p.Keys.Contains(key))];
            if (found.Length >= count) return found;
            Assert.True(await arrived.WaitAsync(Patience, TestContext.Current.CancellationToken), $"{count} purges of {key} never came, but {found.Length}.");
        }
    }

    /// <summary>Nobody listens there any more. A socket keeps its port, or another test's server might get it, and take what was meant for nobody.</summary>
    public void GoAway(Socket keeper)
    {
        ArgumentNullException.ThrowIfNull(keeper);
        listener.Close();
        keeper.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        keeper.Bind(new IPEndPoint(IPAddress.Loopback, new Uri(Address).Port));
    }

    public void Dispose()
    {
        listener.Close();
        arrived.Dispose();
    }

    private async Task Take()
    {
        try
        {
            while (true) _ = Answer(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var headers = new WebHeaderCollection { context.Request.Headers };
        var purge = new Purge(context.Request.HttpMethod, headers, Encoding.UTF8.GetString(body.ToArray()), Stopwatch.GetTimestamp());
        got.Enqueue(purge);
        arrived.Release();
        if (Silent-- > 0) return;
        context.Response.StatusCode = (int)(Poison is not null && purge.Keys.Contains(Poison) ? Refusal : Status);
        if (RetryAfter is not null && Status != HttpStatusCode.OK) context.Response.Headers["Retry-After"] = RetryAfter;
        context.Response.Close();
    }
}
