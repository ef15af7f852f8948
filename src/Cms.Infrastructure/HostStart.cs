using Microsoft.Extensions.Hosting;

namespace Cms.Infrastructure;

/// <summary>When the service listens: what works in the background begins then, so that a start does not wait for it.</summary>
internal static class HostStart
{
    /// <returns>False when it stops before.</returns>
    public static async Task<bool> Started(this IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await using var stopping = ct.Register(() => started.TrySetCanceled(ct));
        return await Task.WhenAny(started.Task) == started.Task && started.Task.IsCompletedSuccessfully;
    }
}
