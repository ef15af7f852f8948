using System.Diagnostics;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Microsoft.Extensions.Options;

namespace Cms.Api.Operations;

/// <summary>One line a request, with the route and never the path, the address cut, the trace id that a problem shows too.</summary>
internal static class Logs
{
    // The exception handler forgets the endpoint that failed.
    private static readonly object RouteKey = new();

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RequestLog>();
        builder.Logging.ClearProviders();
        if (builder.Environment.IsDevelopment()) builder.Logging.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat) = (true, "HH:mm:ss "));
        else builder.Logging.AddJsonConsole(o => (o.UseUtcTimestamp, o.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        // Their lines hold paths, parameters and SQL; ours says what is worth keeping.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None).AddFilter("Microsoft.AspNetCore.Diagnostics", LogLevel.None)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            // It logs nothing here, but while it could it begins a trace and a scope for each request, ahead of the short cut: UseRequestLog begins the trace.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter(typeof(Access.TokenAuthentication).FullName, LogLevel.Warning);
    }

    public static void UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<RequestLog>();
        app.Use(async (context, next) =>
        {
            var begun = Stopwatch.GetTimestamp();
            using var trace = Activity.Current is null ? Trace(context.Request.Headers) : null;
            try
            {
                await next(context);
            }
            finally
            {
                var endpoint = context.Items[RouteKey] as RouteEndpoint;
                log.Write(context, endpoint?.RoutePattern.RawText ?? "-", begun, endpoint?.Metadata.GetMetadata<Face>() == Face.Delivery);
            }
        });
    }

    // The server begins one only for whoever listens; problems, logs and the spans of the database want one in any case.
    private static Activity Trace(IHeaderDictionary headers)
    {
        var trace = new Activity("request");
        DistributedContextPropagator.Current.ExtractTraceIdAndState(headers, static (object? carrier, string name, out string? value, out IEnumerable<string>? values) =>
            (value, values) = ((carrier as IHeaderDictionary)?[name], null), out var parent, out var state);
        if (parent is not null) trace.SetParentId(parent);
        trace.TraceStateString = state;
        return trace.Start();
    }

    /// <summary>Behind routing: remembers which route it was.</summary>
    public static void UseRequestRoute(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Remember(context, context.GetEndpoint());
        return next(context);
    });

    /// <summary>Which route the line is of.</summary>
    public static void Remember(HttpContext context, Endpoint? endpoint) => context.Items[RouteKey] = endpoint;
}

/// <summary>Writes the line of a request; of delivery's successes one of many, for they are many and alike.</summary>
internal sealed class RequestLog(ILoggerFactory loggers, IOptions<DeliveryOptions> options)
{
    private readonly ILogger log = loggers.CreateLogger("Cms.Request");
    private readonly int oneOf = options.Value.LogOneOf;
    private uint successes;

    public void Write(HttpContext context, string route, long begun, bool isDelivery)
    {
        if (isDelivery && context.Response.StatusCode is 200 or 304 && oneOf > 1 && Interlocked.Increment(ref successes) % oneOf != 0) return;
        log.LogInformation(
            "{Method} {Route} {Status} in {Milliseconds:0.0} ms from {Client}, trace {TraceId}", Method(context), route, context.Response.StatusCode,
            Stopwatch.GetElapsedTime(begun).TotalMilliseconds, ClientAddress.Cut(context.Connection.RemoteIpAddress), Problems.TraceId(context));
    }

    // A method is whatever a client sends: only the known ones may stand in a log.
    private static string Method(HttpContext context) => context.Request.Method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS"
        ? context.Request.Method
        : "OTHER";
}
