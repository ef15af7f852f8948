using System.Diagnostics.Metrics;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Tests.Delivery;

/// <summary>Counts who answers readers' questions, as the operator's metrics do. Services without standbys count nothing.</summary>
public sealed class StandbyReads : IDisposable
{
    private readonly MeterListener listener = new();
    private long standby, primary;

    public StandbyReads()
    {
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument is { Meter.Name: ReadMeter.Name, Name: "cms.delivery.reads" }) all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag.Value is "standby") Interlocked.Add(ref standby, count);
                else Interlocked.Add(ref primary, count);
        });
        listener.Start();
    }

    /// <summary>Readings that a standby answered.</summary>
    public long Standby => Interlocked.Read(ref standby);

    /// <summary>Readings that the primary answered.</summary>
    public long Primary => Interlocked.Read(ref primary);

    public void Dispose() => listener.Dispose();
}
