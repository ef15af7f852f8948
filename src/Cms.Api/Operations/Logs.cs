using System.Diagnostics;
using Cms.Api.Http;

namespace Cms.Api.Operations;

/// <summary>One line a request, with the route and never the path, the address cut, the trace id that a problem shows too.</summary>
internal static class Logs
{
    // The exception handler forgets the endpoint that failed.
    private static readonly object RouteKey = new();

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        if (builder.Environment.IsDevelopment()) builder.Logging.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat) = (true, "HH:mm:ss "));
        else builder.Logging.AddJsonConsole(o => (o.UseUtcTimestamp, o.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        // Their lines hold paths, parameters and SQL; ours says what is worth keeping.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None).AddFilter("Microsoft.AspNetCore.Diagnostics", LogLevel.None)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            .AddFilter(typeof(Access.TokenAuthentication).FullName, LogLevel.Warning);
    }

    public static void UseRequestLog(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Cms.Request");
        app.Use(async (context, next) =>
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await next(context);
            }
            finally
            {
                var route = (context.Items[RouteKey] as RouteEndpoint)?.RoutePattern.RawText ?? "-";
                log.LogInformation(
                    "{Method} {Route} {Status} in {Milliseconds:0.0} ms from {Client}, trace {TraceId}", Method(context), route, context.Response.StatusCode,
                    Stopwatch.GetElapsedTime(begun).TotalMilliseconds, ClientAddress.Cut(context.Connection.RemoteIpAddress), Problems.TraceId(context));
            }
        });
    }

    /// <summary>Behind routing: remembers which route it was.</summary>
    public static void UseRequestRoute(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Items[RouteKey] = context.GetEndpoint();
        return next(context);
    });

    // A method is whatever a client sends: only the known ones may stand in a log.
    private static string Method(HttpContext context) => context.Request.Method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS"
        ? context.Request.Method
        : "OTHER";
}
