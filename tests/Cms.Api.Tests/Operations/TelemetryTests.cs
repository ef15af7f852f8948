using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Operations;

public sealed class TelemetryTests(ApiFixture fixture)
{
    [Fact]
    public async Task Traces_and_metrics_go_where_OTLP_is_told_and_hold_routes_and_nothing_of_readers()
    {
        const string Marker = "geheimnis";
        using var collector = new Collector();
        var service = await fixture.StartService(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        await using (service)
        {
            using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
            (await editor.Get($"{Desk.Published}/{Marker}")).Is(HttpStatusCode.NotFound);
            (await editor.Get($"{Desk.Published}?tag={Marker}", ("User-Agent", Marker), ("X-Forwarded-For", Marker))).Is(HttpStatusCode.OK);
            (await editor.Post("/management/v1/subscribers", new { email = $"{Marker}@example.org", name = Marker, frequency = "daily" })).Is(HttpStatusCode.Created);
            (await editor.Get($"/management/v1/subscribers?email={Marker}")).Is(HttpStatusCode.OK);
        }

        Assert.Contains("/v1/traces", collector.Paths);
        Assert.Contains("/v1/metrics", collector.Paths);
        Assert.Contains(collector.Bodies, b => b.Contains("/delivery/v1/articles/{slug}", StringComparison.Ordinal));
        Assert.Contains(collector.Bodies, b => b.Contains("http.server.request.duration", StringComparison.Ordinal));
        var leaks = collector.Bodies.SelectMany(b => Enumerable.Range(0, b.Length).Where(i => string.Compare(b, i, Marker, 0, Marker.Length, StringComparison.OrdinalIgnoreCase) == 0).Select(i => b[Math.Max(0, i - 60)..(i + 20)])).ToList();
        Assert.True(leaks.Count == 0, string.Join("\n", leaks));
    }

    /// <summary>Takes whatever is posted, as an OpenTelemetry collector does.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly ConcurrentQueue<(string Path, string Body)> got = new();

        public Collector()
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

        public string[] Paths => [.. got.Select(g => g.Path)];

        public string[] Bodies => [.. got.Select(g => g.Body)];

        public void Dispose() => listener.Close();

        private async Task Take()
        {
            try
            {
                while (true)
                {
                    var context = await listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    got.Enqueue((context.Request.Url?.AbsolutePath ?? "", Encoding.Latin1.GetString(body.ToArray())));
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
