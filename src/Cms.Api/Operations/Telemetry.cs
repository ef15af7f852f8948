using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Purging;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cms.Api.Operations;

/// <summary>Traces and metrics by OpenTelemetry, on when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("cms"))
            .WithTracing(t => t.AddAspNetCoreInstrumentation(o => o.EnrichWithHttpRequest = (span, request) =>
            {
                // Paths and queries name articles, and later readers: the route says enough.
                span.SetTag("url.path", null);
                span.SetTag("url.query", null);
                span.SetTag("user_agent.original", null); // with the time it tells one reader from another
                span.SetTag("client.address", Http.ClientAddress.Cut(request.HttpContext.Connection.RemoteIpAddress));
            }).AddNpgsql().AddOtlpExporter())
            .WithMetrics(m => m.AddAspNetCoreInstrumentation().AddMeter("Npgsql", Delivery.DeliveryMeter.Name, ReadMeter.Name, PurgeMeter.Name).AddOtlpExporter());
    }
}
