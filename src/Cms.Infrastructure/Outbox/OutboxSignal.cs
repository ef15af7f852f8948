using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Cms.Infrastructure.Outbox;

/// <summary>
/// Wakes this node's pump as soon as there is work; other nodes look each second. Raised by the commit of whatever left work, never
/// before: the pump would look too early, find nothing, and sleep.
/// </summary>
internal sealed class OutboxSignal : DbTransactionInterceptor, IDisposable
{
    private readonly SemaphoreSlim raised = new(0, 1);

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && db.ChangeTracker.Entries<OutboxEvent>().Any()) Raise();
        return Task.CompletedTask;
    }

    public void Dispose() => raised.Dispose();

    public Task Wait(CancellationToken ct) => raised.WaitAsync(ct);

    private void Raise()
    {
        try
        {
            raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is raised already.
        }
    }
}
