using System.Collections.Frozen;
using System.Diagnostics;
using System.Threading.RateLimiting;
using Cms.Api.Http;
using Cms.Api.Operations;
using Cms.Domain;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>
/// Answers what this node holds ahead of routing: only an address that stands letter for letter as its canonical form, under a known host, with
/// a head within its bounds, while the face has a place. Whatever is the least bit different is routed, and refused there where it must be.
/// </summary>
internal sealed class ShortCut(
    HeldAnswers held, DeliveryMeter meter, CdnCaching cdn, KnownHosts hosts, RateLimits limits, RequestLog log, TimeProvider time, EndpointDataSource endpoints)
{
    private const string Prefix = "/delivery/v1/";

    // For metrics, traces and logs, which tell requests apart by their route.
    private readonly Lazy<FrozenDictionary<string, Endpoint>> routes = new(() => endpoints.Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<CachedMetadata>() is not null).ToFrozenDictionary(e => e.RoutePattern.RawText ?? "", e => (Endpoint)e, StringComparer.Ordinal));

    /// <returns>Null when the request has to be routed.</returns>
    public Task? Answer(HttpContext context)
    {
        var raw = Protection.RawTarget(context);
        if (!raw.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return null;
        if (!held.TryGet(new(raw, AcceptedCoding.Of(request)), out var answer, out var isStale)) return null;
        if (!hosts.Knows(request) || Protection.Fault(request, raw) is not null) return null;
        return limits.Enter(Face.Delivery) is { } place ? Send(context, answer, isStale, place) : null;
    }

    private async Task Send(HttpContext context, DeliveryAnswer answer, bool isStale, RateLimitLease place)
    {
        var begun = Stopwatch.GetTimestamp();
        meter.Hit(isStale); // here, where nothing is routed any more
        context.SetEndpoint(routes.Value.GetValueOrDefault(answer.Route));
        try
        {
            Protection.SecurityHeaders(context);
            FaceSetup.OpenToAll(context.Response.Headers);
            await DeliveryAnswers.Write(context, answer, cdn, time.Now(), isStale ? Freshness.HeldOld : Freshness.Sure);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        finally
        {
            place.Dispose();
            log.Write(context, answer.Route, begun, isDelivery: true);
        }
    }
}

internal static class ShortCuts
{
    /// <summary>First of all: what is held needs nothing of the rest.</summary>
    public static void UseShortCut(this WebApplication app)
    {
        var shortCut = new Lazy<ShortCut>(() => ActivatorUtilities.CreateInstance<ShortCut>(app.Services)); // the endpoints are known once the service runs
        app.Use((context, next) => shortCut.Value.Answer(context) ?? next(context));
    }

    /// <summary>Behind what sees every request, ahead of routing.</summary>
    public static void UseColdShortCut(this WebApplication app)
    {
        var shortCut = new Lazy<ColdShortCut>(() => ActivatorUtilities.CreateInstance<ColdShortCut>(app.Services));
        app.Use((context, next) => shortCut.Value.Answer(context, next));
    }
}
