using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cms.Infrastructure.Purging;

/// <summary>What becomes of purges, for the operator.</summary>
internal sealed class PurgeMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Cms.Purge";

    private readonly Meter meter = new(Name);
    private readonly Counter<long> keys;
    private readonly Histogram<double> duration;

    public PurgeMeter()
    {
        keys = meter.CreateCounter<long>("cms.purge.keys", description: "Keys that a cache in front was told to drop.");
        duration = meter.CreateHistogram<double>("cms.purge.duration", "s", "How long a cache in front took to confirm, or to fail.");
    }

    public void Record(string target, int count, TimeSpan took, bool isDone)
    {
        var tags = new TagList { { "target", target }, { "outcome", isDone ? "done" : "failed" } };
        keys.Add(count, tags);
        duration.Record(took.TotalSeconds, tags);
    }

    public void Dispose() => meter.Dispose();
}
