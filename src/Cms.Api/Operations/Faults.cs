using Cms.Api.Http;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Diagnostics;

namespace Cms.Api.Operations;

/// <summary>Every exception and every bare status becomes a problem.</summary>
internal static class Faults
{
    private const int ClientClosedRequest = 499;

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Handle, AllowStatusCode404Response = true, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(pages =>
        {
            var type = ProblemType.OfStatus(pages.HttpContext.Response.StatusCode);
            return type is null ? Task.CompletedTask : Problems.Send(pages.HttpContext, Problems.Of(type.Name, Say(type.Status, pages.HttpContext)));
        });
    }

    private static Task Handle(HttpContext context)
    {
        var fault = context.Features.Get<IExceptionHandlerFeature>()?.Error ?? new InvalidOperationException("The handler was called without a fault.");
        if (fault is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
            return Task.CompletedTask;
        }

        // The next request should not find what this one found.
        if (DatabaseFault.IsLostConnection(fault)) context.RequestServices.GetRequiredService<Databases>().ClearPools();

        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Cms.Fault");
        var problem = Problems.From(fault);
        // The type and where it came from, never the message: it may hold values of rows or of the request.
        if (problem is null) log.LogError("{Fault} at {Stack}, trace {TraceId}", DatabaseFault.Name(fault), fault.StackTrace, Problems.TraceId(context));
        else if (problem.StatusCode >= 500) log.LogWarning("{Fault}: answered {Status}, trace {TraceId}", DatabaseFault.Name(fault), problem.StatusCode, Problems.TraceId(context));
        return Problems.Send(context, problem ?? Problems.Of("internal", "Tell the operator the traceId; the log has what happened."));
    }

    private static string Say(int status, HttpContext context) => status switch
    {
        404 => "There is no such address. An id in it is whole, such as 0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f; the addresses are in the OpenAPI documents, at /docs.",
        405 => $"Use one of: {context.Response.Headers.Allow}.",
        _ => "The request was refused.",
    };
}
