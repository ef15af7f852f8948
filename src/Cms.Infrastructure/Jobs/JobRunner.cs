using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Jobs;

/// <summary>Does a job that was woken, and records what became of it.</summary>
internal sealed class JobRunner(IEnumerable<ScheduledJob> jobs, JobLedger ledger, ILogger<JobRunner> log)
{
    /// <summary>One run. It throws only when it is cancelled: a failure is recorded, and the next waking tries again.</summary>
    public async Task Run(string name, CancellationToken ct)
    {
        if (jobs.FirstOrDefault(j => j.Name == name) is not { } job) return; // of a newer release, or of an older one
        string? fault = null;
        try
        {
            await ledger.Start(name, ct);
            await job.Run(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested) // the boundary of work in the background
        {
            fault = DatabaseFault.Name(e);
            log.LogWarning("The job {Job} failed: {Fault}.", name, fault);
        }

        try
        {
            await ledger.End(name, fault, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested) // the database went away meanwhile: that it runs again will be recorded
        {
            log.LogWarning("The end of the job {Job} could not be recorded: {Fault}.", name, DatabaseFault.Name(e));
        }
    }
}
