using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Cms.Infrastructure.Outbox;

/// <summary>
/// Wakes whoever of this node works on the outbox as soon as there is work; other nodes look each second. Raised by the commit of whatever left
/// work, never before: they would look too early, find nothing, and sleep.
/// </summary>
internal sealed class OutboxSignal : DbTransactionInterceptor
{
    private TaskCompletionSource raised = Next();

    /// <summary>Ends with the next commit. Take it before you look: what is committed meanwhile is not missed.</summary>
    public Task Raised => Volatile.Read(ref raised).Task;

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } db && db.ChangeTracker.Entries<OutboxEvent>().Any()) Interlocked.Exchange(ref raised, Next()).TrySetResult();
        return Task.CompletedTask;
    }

    private static TaskCompletionSource Next() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
