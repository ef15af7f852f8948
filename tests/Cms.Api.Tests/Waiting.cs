using System.Diagnostics;

namespace Cms.Api.Tests;

/// <summary>Waits for what another part does, and says what never came.</summary>
public static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task Until(Func<Task<bool>> isSo, string what)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        for (var since = Stopwatch.GetTimestamp(); !await isSo(); await Task.Yield()) Assert.True(Stopwatch.GetElapsedTime(since) < Patience, what);
    }
}
