using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cms.Api.Tests;

/// <summary>Every line that a service logs, under the product's own filters.</summary>
public sealed class CollectedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<string> lines = new();
    private readonly ConcurrentQueue<(string Text, TaskCompletionSource Told)> waiting = new();

    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>Ends when a line with this text is logged, or was.</summary>
    public Task Until(string text, CancellationToken ct)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Enqueue((text, told)); // before it looks: what is logged meanwhile is not missed
        if (lines.Any(l => l.Contains(text, StringComparison.Ordinal))) told.TrySetResult();
        return told.Task.WaitAsync(ct);
    }

    /// <summary>For <see cref="ApiFixture.StartService"/>.</summary>
    public void Collect(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // As a provider of the container's, or the product's ClearProviders would take it away.
        builder.Services.AddHostedService(services =>
        {
            services.GetRequiredService<ILoggerFactory>().AddProvider(this);
            return new Nothing();
        });
    }

    public ILogger CreateLogger(string categoryName) => new Collector(categoryName, Add);

    public void Dispose()
    {
        // The lines outlive the service, for the test to read.
    }

    private void Add(string line)
    {
        lines.Enqueue(line);
        foreach (var (text, told) in waiting)
            if (line.Contains(text, StringComparison.Ordinal)) told.TrySetResult();
    }

    private sealed class Collector(string category, Action<string> add) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            add($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }

    private sealed class Nothing : Microsoft.Extensions.Hosting.IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
