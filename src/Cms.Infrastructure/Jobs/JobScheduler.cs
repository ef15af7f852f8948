using Cms.Domain;
using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace Cms.Infrastructure.Jobs;

/// <summary>
/// Wakes jobs by Quartz.NET, clustered in PostgreSQL: one node of all does each, and another takes over from one that died. Quartz decides who and
/// roughly when; what is due the job reads from our own tables. Nothing of it is loaded before the service is ready, so that a start does not wait for it. It
/// has a container of its own, for the same reason. The clocks of nodes may differ: one that is taken for dead by mistake runs beside another, and the jobs' own locks hold.
/// </summary>
internal sealed class JobScheduler(IEnumerable<ScheduledJob> jobs, JobRunner runner, JobLedger ledger, Databases databases, JobTimes times, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<JobScheduler> log)
    : BackgroundService
{
    /// <summary>What Quartz calls all nodes together.</summary>
    public const string Name = "cms";

    private const string Tables = "cms.qrtz_";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!await lifetime.Started(stoppingToken)) return;
            await Task.Delay(times.Start, time, stoppingToken);
            while (true)
            {
                try
                {
                    await Wake(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested) // the boundary of work in the background: the database is away, or its schema older than this node
                {
                    log.LogWarning("Jobs cannot be woken yet: {Fault}.", DatabaseFault.Name(e));
                }

                await Task.Delay(times.Again, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    // Until the service stops, or a failure before the first waking. Later ones Quartz outlives by itself.
    private async Task Wake(CancellationToken ct)
    {
        var factory = Build();
        try
        {
            var scheduler = await factory.GetScheduler(ct);
            foreach (var job in jobs) await scheduler.ScheduleJob(Detail(job), Trigger(job), ScheduleJobOptions.Replacing, ct);
            await scheduler.Start(ct);
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }
        finally
        {
            await End(factory);
        }
    }

    private async Task End(StandaloneSchedulerFactory factory)
    {
        try
        {
            await Stop(factory).WaitAsync(times.End);
        }
        catch (Exception e) // a job that does not end, or a database that is away: another node takes over as from one that died
        {
            log.LogWarning("Jobs did not end in time: {Fault}.", DatabaseFault.Name(e));
        }
    }

    private static async Task Stop(StandaloneSchedulerFactory factory)
    {
        foreach (var scheduler in await factory.GetAllSchedulers()) await scheduler.Shutdown(waitForJobsToComplete: true);
        await factory.DisposeAsync();
    }

    private StandaloneSchedulerFactory Build() => QuartzSchedulerBuilder.Create(quartz =>
    {
        quartz.Services.AddSingleton<ILoggerFactory>(new QuartzLogs(log));
        quartz.Services.AddSingleton(runner);
        quartz.UseDefaultThreadPool(jobs.Count());
        quartz.ConfigureScheduler(o => (o.InstanceName, o.InstanceId, o.ShutdownJobInterruption, o.PropagateTraceContext) = (Name, ledger.Node, ShutdownJobInterruption.Always, false));
        quartz.UsePersistentStore(store =>
        {
            store.UsePostgres(o => o.DataSourceFactory = _ => databases.Jobs);
            store.UseSystemTextJsonSerializer();
            store.UseClustering(o => (o.CheckinInterval, o.CheckinMisfireThreshold) = (times.CheckIn, times.Silence));
            store.ConfigureStore(o =>
            {
                (o.TablePrefix, o.SchemaProvisioning, o.DbRetryInterval, o.UseBackgroundThreads) = (Tables, SchemaProvisioning.Validate, times.Again, true); // others would outlive a stop that a database away makes long
                // Our connections wait three seconds for a lock: a node that died without a word may hold Quartz's for longer.
                o.IsTransient = e => DatabaseFault.In(e) is { SqlState: PostgresErrorCodes.LockNotAvailable };
            });
        });
    }).Build();

    // Again on another node when the one that runs it dies: the next waking of retention is an hour away.
    private static IJobDetail Detail(ScheduledJob job) => JobBuilder.Create<WokenJob>().WithIdentity(job.Name).WithDescription(job.About).RequestRecovery(true).Build();

    // Each start of a node sets it anew: whatever a trigger remembers, of a pause or an older interval, ends there.
    private static ITrigger Trigger(ScheduledJob job) => TriggerBuilder.Create().WithIdentity(job.Name).StartAt(TimeProvider.System.Now() + job.First) // Quartz's threads wait by the real clock
        .WithSchedule(SimpleScheduleBuilder.Create().WithInterval(job.Every).RepeatForever()).Build();
}

/// <summary>What Quartz calls. Its name stands in the database.</summary>
[DisallowConcurrentExecution]
internal sealed class WokenJob(JobRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await runner.Run(context.JobDetail.Key.Name, cancellationToken);
}
