using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Retention;

namespace Cms.Infrastructure.Jobs;

/// <summary>Work that a node does at intervals. It does all that is due whenever it is woken, so a missed or a second waking does no harm.</summary>
/// <param name="Name">A word; the key of its record and of its trigger.</param>
/// <param name="About">What it does, for an operator.</param>
/// <param name="First">How long after a node's start.</param>
/// <param name="Every">How long from waking to waking.</param>
/// <param name="Run">Does it.</param>
internal sealed record ScheduledJob(string Name, string About, TimeSpan First, TimeSpan Every, Func<CancellationToken, Task> Run)
{
    // Not at the start: it can wait, and who asks first cannot.
    private static readonly TimeSpan FirstRetention = TimeSpan.FromMinutes(1), RetentionInterval = TimeSpan.FromHours(1);

    /// <summary>Editions that are due by the editions that there are, and by the database's time.</summary>
    public static ScheduledJob Digest(EditionMaker maker, DigestTimes times) => new(
        "digest", "Makes the editions of the newsletter that are due.", times.Timer, times.Timer, async ct => await maker.MakeDue(await maker.Now(ct), ct));

    /// <summary>What is past its time.</summary>
    public static ScheduledJob Retention(Sweeper sweeper) => new(
        "retention", "Deletes what is past its time: unconfirmed sign-ups, idempotency keys, ended tokens, tombstones, old imports, rows of old editions, consents three years after a reader left. It also cuts network addresses.", FirstRetention, RetentionInterval, sweeper.RunOnce);
}

/// <summary>How long the waking of jobs waits for what. A test, and nobody else, makes them shorter.</summary>
/// <param name="Start">After the service is ready: the first requests have the processor for themselves.</param>
/// <param name="CheckIn">How often a node says that it lives.</param>
/// <param name="Silence">How long after a check-in that did not come another node takes over.</param>
/// <param name="Again">How long after a failure of the database it is asked again.</param>
/// <param name="End">How long a node that stops waits for a job that runs.</param>
internal sealed record JobTimes(TimeSpan Start, TimeSpan CheckIn, TimeSpan Silence, TimeSpan Again, TimeSpan End)
{
    /// <summary>Another node takes over within sixty seconds: 5 + 10 at most until a dead one is seen, and as long again if the database has to let go of its locks.</summary>
    public static JobTimes Default { get; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3));
}
