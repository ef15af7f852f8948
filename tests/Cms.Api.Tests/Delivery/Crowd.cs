using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Cms.Api.Tests.Delivery;

/// <summary>Readers who ask one address after the other, of a node that holds nothing, and note what is no answer.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    /// <summary>How many read at a time.</summary>
    public const int Readers = 8;

    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<string> failures = new();
    private readonly Task[] readers;
    private long slow, count;

    public Crowd(TestService service, string[] paths) => readers = [.. Enumerable.Range(0, Readers).Select(i => Read(service, paths, i))];

    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>Answers that took as long as a standby is waited for.</summary>
    public long Slow => Interlocked.Read(ref slow);

    /// <summary>Counts those anew.</summary>
    public void Restart() => Interlocked.Exchange(ref slow, 0);

    public async Task End()
    {
        await end.CancelAsync();
        await Task.WhenAll(readers);
        Assert.True(Interlocked.Read(ref count) > 0);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await Task.WhenAll(readers);
        end.Dispose();
    }

    private async Task Read(TestService service, string[] paths, int number)
    {
        using var reader = service.Anonymous();
        for (var i = number; !end.IsCancellationRequested; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await reader.GetAsync(new Uri(paths[i % paths.Length], UriKind.Relative), TestContext.Current.CancellationToken);
                if (answer.StatusCode != HttpStatusCode.OK) failures.Enqueue($"{paths[i % paths.Length]}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            }
            catch (HttpRequestException e)
            {
                failures.Enqueue(e.Message);
            }

            Interlocked.Increment(ref count);
            if (Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromSeconds(1)) Interlocked.Increment(ref slow);
        }
    }
}
