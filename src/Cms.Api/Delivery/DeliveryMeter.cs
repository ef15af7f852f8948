using System.Diagnostics.Metrics;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>What the cache does, for the operator.</summary>
internal sealed class DeliveryMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Cms.Delivery";

    private readonly Meter meter;
    private readonly Counter<long> hits, misses, stale;

    public DeliveryMeter(DeliveryCache cache, ClockWatch watch)
    {
        meter = new(new MeterOptions(Name) { Scope = this }); // several nodes may run in one process
        hits = meter.CreateCounter<long>("cms.delivery.cache.hits", description: "Answers from what this node holds.");
        misses = meter.CreateCounter<long>("cms.delivery.cache.misses", description: "Answers that had to be read.");
        stale = meter.CreateCounter<long>("cms.delivery.cache.stale", description: "Answers from what this node holds while the database is away.");
        meter.CreateObservableGauge("cms.delivery.cache.size", () => cache.Bytes, "By", "Bytes held.");
        meter.CreateObservableGauge("cms.delivery.clock.age", () => Math.Min(watch.Age.TotalSeconds, TimeSpan.FromDays(1).TotalSeconds), "s", "Since the clock was read last.");
    }

    public void Hit(bool isStale) => (isStale ? stale : hits).Add(1);

    public void Miss() => misses.Add(1);

    public void Dispose() => meter.Dispose();
}
