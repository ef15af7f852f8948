using Npgsql;

namespace Cms.Api.Tests;

/// <summary>Sees who waits for whom, so that a race can be set up instead of being hoped for.</summary>
public static class Locks
{
    /// <summary>The session that waits for a lock of another one, as soon as there is one.</summary>
    public static async Task<int> WaiterFor(this NpgsqlDataSource source, int holder)
    {
        ArgumentNullException.ThrowIfNull(source);
        await using var blocked = source.CreateCommand("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))");
        blocked.Parameters.Add(new() { Value = holder });
        int? pid = null;
        await Waiting.Until(async () => (pid = await blocked.ExecuteScalarAsync(TestContext.Current.CancellationToken) as int?) is not null, "Nobody waits for the lock.");
        return pid ?? 0;
    }
}
