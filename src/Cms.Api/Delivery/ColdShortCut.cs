using System.Threading.RateLimiting;
using Cms.Api.Delivery.Articles;
using Cms.Api.Http;
using Cms.Api.Operations;
using Cms.Domain;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Postgres;

namespace Cms.Api.Delivery;

/// <summary>
/// Reads an article that this node does not hold without routing: a plain GET of its JSON at its own address, by nobody in particular. It
/// stands behind what sees every request (log, problems, headers, bounds, hosts); what it skips are the steps that have nothing to say to such a request:
/// documents, routing, CORS, tokens, scopes, parameters. What somebody asks for already is routed, and waits there.
/// </summary>
internal sealed class ColdShortCut(
    CacheFlights flights, DeliveryMeter meter, CdnCaching cdn, RateLimits limits, DeliveryServers servers, TimeProvider time, EndpointDataSource endpoints)
{
    private const string Prefix = "/delivery/v1/articles/";

    private readonly Lazy<RouteEndpoint> route = new(() => endpoints.Endpoints.OfType<RouteEndpoint>()
        .Single(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == ArticleEndpoints.ReadName));

    public Task Answer(HttpContext context, RequestDelegate next)
    {
        var raw = Protection.RawTarget(context);
        var request = context.Request;
        return HttpMethods.IsGet(request.Method) && raw.StartsWith(Prefix, StringComparison.Ordinal) && Slug.TryParse(raw[Prefix.Length..], out var slug)
            && request.Headers.Authorization.Count == 0 && limits.Enter(Face.Delivery) is { } place
            ? Read(context, new(raw, AcceptedCoding.Of(request)), slug.Value, place, next)
            : next(context);
    }

    private async Task Read(HttpContext context, CacheKey key, string slug, RateLimitLease place, RequestDelegate next)
    {
        var store = new DeliveryStore(new DeliveryReading(servers));
        if (!flights.Begin(key, store.Reading, out var fill))
        {
            place.Dispose();
            await next(context); // somebody asks already, or has
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Server.DeliveryTimeout);
        try
        {
            Logs.Remember(context, route.Value);
            FaceSetup.OpenToAll(context);
            meter.Miss();
            context.SetEndpoint(route.Value);
            var pattern = route.Value.RoutePattern.RawText ?? "";
            var stored = await Ask(context.Request, key, slug, store, patience.Token);
            var answer = stored is null
                ? await ArticleEndpoints.Elsewhere(slug, "", store, patience.Token) with { Route = pattern }
                : DeliveryAnswers.Of(stored, key.Coding, pattern, ArticleEndpoints.Key(slug));
            if (stored is { IsTagAlone: true }) flights.Cache.Remember(key);
            else fill.Complete(answer);
            await DeliveryAnswers.Write(context, answer, cdn, time.Now(), store.Reading.MayBeOld ? Freshness.ReadOld : Freshness.Sure);
        }
        catch (Exception e) when (patience.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            && (e is OperationCanceledException || DatabaseFault.In(e) is not null))
        {
            fill.Abandon();
            await Server.SendTimeout(context);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            fill.Fail(e);
            throw;
        }
        finally
        {
            fill.Abandon(); // after an answer this says nothing
            place.Dispose();
        }
    }

    // Who revalidates what nobody else asks for needs no more than the tag. At the second time the whole is read, and kept.
    private Task<Stored?> Ask(HttpRequest request, CacheKey key, string slug, DeliveryStore store, CancellationToken ct) =>
        request.Headers.IfNoneMatch is [{ } held] && ETag.Plain(held) is { } tag && !flights.Cache.IsRemembered(key)
            ? store.ArticleUnlessHeld(slug, key.Coding, tag, ct)
            : store.Article(slug, key.Coding, ct);
}
