namespace Cms.Infrastructure.Purging;

/// <summary>A cache in front of the service.</summary>
/// <param name="Name">As events, logs and metrics name it; no address, which may hold what is secret.</param>
/// <param name="Purger">How it is told.</param>
internal sealed record PurgeTarget(string Name, IPurger Purger);

/// <summary>The caches in front that hear of each change, as the operator configured them; and the wake-up of those that tell them.</summary>
internal sealed class PurgeTargets(IReadOnlyList<PurgeTarget> all)
{
    private TaskCompletionSource committed = New();

    /// <summary>Each of them.</summary>
    public IReadOnlyList<PurgeTarget> All => all;

    /// <summary>Their names.</summary>
    public string[] Names { get; } = [.. all.Select(t => t.Name)];

    /// <summary>Ends with the next commit that leaves a purge. Taken before looking, so that none is missed between looking and waiting.</summary>
    public Task Committed => Volatile.Read(ref committed).Task;

    /// <summary>A change is committed.</summary>
    public void Wake()
    {
        if (all.Count > 0) Interlocked.Exchange(ref committed, New()).SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
