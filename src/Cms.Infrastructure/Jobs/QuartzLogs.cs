using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Logging;

namespace Cms.Infrastructure.Jobs;

/// <summary>What Quartz warns of, as we log faults: the event and the type of the fault, never a message, which may hold an address or values of rows.</summary>
internal sealed class QuartzLogs(ILogger log) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // There is one place where lines go.
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) log.LogWarning("Quartz.NET warns: {Event} ({Number}), {Fault}.", eventId.Name ?? "event", eventId.Id, exception is null ? "no fault" : DatabaseFault.Name(exception));
    }

    public void Dispose()
    {
        // The log is the service's.
    }
}
