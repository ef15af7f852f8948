using System.Diagnostics.Metrics;
using Cms.Infrastructure.Postgres;

namespace Cms.Infrastructure.Delivery;

/// <summary>Who answers readers' questions, for the operator; counted only where there are standbys.</summary>
internal sealed class ReadMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Cms.Delivery.Reads";

    private readonly Meter meter = new(Name);
    private readonly Counter<long> reads;

    public ReadMeter(Databases databases)
    {
        reads = meter.CreateCounter<long>("cms.delivery.reads", description: "Readings of the database, by the server that answered: standby or primary.");
        if (databases.Standbys.Count > 0)
            meter.CreateObservableGauge("cms.delivery.standbys", () => databases.Standbys.Count(s => s.State == StandbyState.Current), description: "Standbys that serve readers.");
    }

    public void Answered(bool isStandby) => reads.Add(1, new KeyValuePair<string, object?>("server", isStandby ? "standby" : "primary"));

    public void Dispose() => meter.Dispose();
}
