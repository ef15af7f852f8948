using Cms.Api.Access;
using Cms.Domain.Access;
using Cms.Infrastructure.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Jobs;

/// <summary>What the service does by itself.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this RouteGroupBuilder management) =>
        management.MapGroup("/jobs").WithTags("Jobs").MapGet("/", List).WithName("listJobs").WithSummary("List jobs with their last and next run").Require(Scope.JobsRead);

    private static async Task<Ok<JobsView>> List(IEnumerable<ScheduledJob> jobs, JobLedger ledger, CancellationToken ct)
    {
        var ordered = jobs.OrderBy(j => j.Name, StringComparer.Ordinal).ToList();
        var runs = await ledger.List(ordered.Select(j => j.Name), ct);
        return TypedResults.Ok(new JobsView([.. ordered.Zip(runs, JobView.Of)]));
    }
}
