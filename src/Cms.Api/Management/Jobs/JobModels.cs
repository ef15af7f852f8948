using Cms.Infrastructure.Jobs;

namespace Cms.Api.Management.Jobs;

/// <summary>All jobs there are. They are few: there are no pages.</summary>
/// <param name="Items">By name.</param>
internal sealed record JobsView(IReadOnlyList<JobView> Items);

/// <summary>Work that one of the nodes does at intervals.</summary>
/// <param name="Name">Such as <c>digest</c>.</param>
/// <param name="About">What it does.</param>
/// <param name="LastStartedAt">When it ran last, by PostgreSQL's time; null when it never did.</param>
/// <param name="LastFinishedAt">When the last run ended; earlier than <c>lastStartedAt</c> while it runs, or when its node died.</param>
/// <param name="LastError">Why the run that ended last failed, as a type and a code of PostgreSQL; null when all was well.</param>
/// <param name="NextRunAt">When a node will be woken; null before a node has been ready for some seconds, in the past while none runs.</param>
internal sealed record JobView(string Name, string About, DateTimeOffset? LastStartedAt, DateTimeOffset? LastFinishedAt, string? LastError, DateTimeOffset? NextRunAt)
{
    public static JobView Of(ScheduledJob job, JobRun run) => new(job.Name, job.About, run.LastStartedAt, run.LastFinishedAt, run.LastError, run.NextRunAt);
}
