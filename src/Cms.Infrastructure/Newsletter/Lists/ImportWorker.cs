using Cms.Domain;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Works imports, one at a time. In memory are a piece of the file, a batch of rows, and eight bytes of each address that the file has had, by which one
/// that stands twice is known. Whoever goes on with what another node began reads the file from its beginning, which is what makes those again, and
/// does nothing until behind the last batch.
/// </summary>
internal sealed class ImportWorker(
    ImportStore store, JobContexts jobs, Databases databases, SuppressionKey key, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ImportWorker> log) : BackgroundService
{
    /// <summary>Rows of a file, at most: the memory of a node is bounded.</summary>
    public const int MaxRows = 2_000_000;

    // Read again in less than a lease's time.
    private const int RenewEach = 20_000;

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), Farewell = TimeSpan.FromSeconds(2);

    private readonly ImportBatch batches = new(databases, time);
    private TaskCompletionSource raised = Next();

    /// <summary>There is work. Other nodes look each second.</summary>
    public void Wake() => Interlocked.Exchange(ref raised, Next()).TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.Started(stoppingToken)) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            var woken = Volatile.Read(ref raised).Task; // before looking: what is left meanwhile is not missed
            try
            {
                if (!await WorkOnce(stoppingToken)) await Task.WhenAny(woken, Task.Delay(Poll, time, stoppingToken));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                log.LogWarning("Imports could not be worked: {Fault}.", DatabaseFault.Name(e));
                await Task.WhenAny(Task.Delay(Poll, time, stoppingToken));
            }
        }
    }

    /// <summary>Works an import to its end.</summary>
    /// <returns>False when none waits.</returns>
    public async Task<bool> WorkOnce(CancellationToken ct)
    {
        if (await store.Claim(ct) is not { } held) return false;
        if (held.Attempts >= ImportStore.MaxAttempts)
        {
            log.LogError("Import {Import} is given up: whoever worked it died over it.", held.Job.Id);
            await store.GiveUp(held, ct);
            return true;
        }

        try
        {
            await Work(held, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(Farewell, time);
            await store.GiveBack(held, patience.Token);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it is, the other imports go on
        {
            log.LogError("Import {Import} could not be worked: {Fault} at {Stack}.", held.Job.Id, DatabaseFault.Name(e), e.StackTrace);
            await store.PutOff(held, ct);
        }

        return true;
    }

    private async Task Work(LeasedImport held, CancellationToken ct)
    {
        await using var stream = new ChunkStream(store, held.Job.Id);
        ImportFault? fault = null;
        var done = true;
        try
        {
            using var file = await ImportFile.Open(stream, ct);
            done = await Work(held, file, ct);
        }
        catch (ImportFault f)
        {
            fault = f;
        }

        if (!done) return;
        await store.Finish(held, fault?.Message, ct);
        log.LogInformation("Import {Import} is {Status}.", held.Job.Id, fault is null ? "done" : "failed");
    }

    // False: another node has it.
    private async Task<bool> Work(LeasedImport held, ImportFile file, CancellationToken ct)
    {
        await using var db = jobs.Open();
        if (!await file.Next(ct)) throw new ImportFault("The file is empty.");
        var columns = new ImportColumns(file.Fields, held.Job.Order.Format);
        var rules = new ImportRules(columns, held.Job.Order, await ImportSections.Read(db, ct), key, time.Now());
        var language = held.Job.Order.Language ?? (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings.Language;
        var (seen, batch, number, count) = (new SeenAddresses(), new List<ImportRow>(ImportBatch.Size), held.Batches, 0);
        ImportFault? fault = null;
        do
        {
            fault = await Fill(batch, held.Job.Counts.Lines);
            if (batch.Count > 0 && !await batches.Commit(held, number++, columns.Format, batch, language, ct)) return false;
        }
        while (fault is null && batch.Count == ImportBatch.Size);
        return fault is null ? true : throw fault;

        // What stands before a fault has its outcome like all else.
        async Task<ImportFault?> Fill(List<ImportRow> rows, int done)
        {
            rows.Clear();
            try
            {
                while (rows.Count < ImportBatch.Size && await file.Next(ct))
                {
                    if (++count > MaxRows) return new($"The file has more than {MaxRows} rows. Send the rest, from line {file.Line} on, as another file.");
                    var row = rules.Read(file.Line, file.Fields);
                    if (row.Reader is { } reader && !seen.Add(reader.Hash)) row = new(row.Line, null, Duplicate);
                    if (count > done) rows.Add(row);
                    else if (count % RenewEach == 0) await store.Renew(held, ct);
                }

                return null;
            }
            catch (ImportFault f)
            {
                return f;
            }
        }
    }

    private static readonly Refusal Duplicate = new("duplicate", "The address stands in the file before. The first row counts.");

    private static TaskCompletionSource Next() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
