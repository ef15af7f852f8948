using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Cms.Api.Delivery;
using Cms.Domain.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Delivery;

/// <summary>What the operator is told of the cache: each request counts once, whoever answers it.</summary>
public sealed class MeterTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_request_is_one_hit_or_one_miss_and_one_that_is_refused_is_neither()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
        using var reader = service.Anonymous();
        var story = await editor.Story(Wire.Unique("zaehler"));
        var withdrawn = await editor.Story(Wire.Unique("weg"));
        await editor.Withdraw(withdrawn);
        var (path, counted) = ($"{Desk.Published}/{story.Slug()}", new ConcurrentQueue<string>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Scope == service.Services.GetRequiredService<DeliveryMeter>()) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => counted.Enqueue(instrument.Name.Split('.')[^1]));
        listener.Start();

        foreach (var (asked, status, header, expected) in new[]
        {
            (path, HttpStatusCode.OK, ("X-Any", "x"), "misses"),
            (path, HttpStatusCode.OK, ("X-Any", "x"), "hits"),
            (path + "?fields=", HttpStatusCode.BadRequest, ("X-Any", "x"), ""),
            (path, HttpStatusCode.BadRequest, ("Host", "fremd.example"), ""),
            (path, HttpStatusCode.RequestHeaderFieldsTooLarge, ("X-Length", string.Concat(Enumerable.Repeat("x", 40_000))), ""),
            ($"{Desk.Published}/{withdrawn.Slug()}", HttpStatusCode.Gone, ("X-Any", "x"), "misses"),
            ($"{Desk.Published}/{withdrawn.Slug()}", HttpStatusCode.Gone, ("X-Any", "x"), "hits"),
            ($"{Desk.Published}/{Wire.Unique("nie")}", HttpStatusCode.NotFound, ("X-Any", "x"), "misses"),
            ("/delivery/v1/site", HttpStatusCode.OK, ("X-Any", "x"), "misses"),
            ("/delivery/v1/site?", HttpStatusCode.OK, ("X-Any", "x"), "hits"),
        })
        {
            counted.Clear();
            (await reader.Get(asked, header)).Is(status);
            Assert.Equal(expected, string.Join(' ', counted));
        }
    }
}
