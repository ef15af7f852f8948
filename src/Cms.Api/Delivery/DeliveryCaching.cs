using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Microsoft.Extensions.Options;

namespace Cms.Api.Delivery;

/// <summary>That this node keeps an operation's answers.</summary>
/// <param name="ReadsClock">The clock has to be read before: the operation's own reading does not tell its number.</param>
internal sealed record CachedMetadata(bool ReadsClock);

/// <summary>What this node holds of delivery, and whether it may still say it.</summary>
internal sealed class HeldAnswers(DeliveryCache cache, ClockWatch watch, IOptions<DeliveryOptions> options)
{
    private readonly TimeSpan keptStale = TimeSpan.FromMinutes(options.Value.StaleMinutes);

    /// <summary>There are answers that may be served, whether or not the database can be asked.</summary>
    public bool CanServe => cache.Count > 0 && watch.Age <= keptStale;

    /// <param name="key">What is asked.</param>
    /// <param name="answer">What is held of it.</param>
    /// <param name="isStale">Nobody could be asked of late whether it still is right.</param>
    public bool TryGet(CacheKey key, [NotNullWhen(true)] out DeliveryAnswer? answer, out bool isStale)
    {
        isStale = false;
        if (!cache.TryGet(key, out answer)) return false;
        var age = watch.Age;
        isStale = age > ClockWatch.Confirmed;
        return !isStale || age <= keptStale;
    }
}

internal static class DeliveryCaching
{
    /// <summary>This node keeps the operation's answers, by its path and its parameters in one order.</summary>
    /// <param name="endpoint">The operation.</param>
    /// <param name="readsClock">Its readings do not tell the clock's number by themselves.</param>
    public static RouteHandlerBuilder Cached(this RouteHandlerBuilder endpoint, bool readsClock = false) => endpoint.WithMetadata(new CachedMetadata(readsClock));

    /// <summary>This request asks in one of very many ways: its answer is kept only at its second time.</summary>
    public static void IsRare(HttpContext context)
    {
        if (context.Features.Get<CacheFill>() is { } fill) fill.IsRare = true;
    }

    /// <summary>Behind the guard: what comes here has the shape of a request.</summary>
    public static void UseDeliveryCache(this WebApplication app)
    {
        var (held, flights, meter, cdn, time) = (
            app.Services.GetRequiredService<HeldAnswers>(), app.Services.GetRequiredService<CacheFlights>(), app.Services.GetRequiredService<DeliveryMeter>(),
            app.Services.GetRequiredService<CdnCaching>(), app.Services.GetRequiredService<TimeProvider>());
        app.Use(async (context, next) =>
        {
            if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<CachedMetadata>() is not { } cached)
            {
                await next(context);
                return;
            }

            var key = new CacheKey(CanonicalAddress.Of(context, endpoint), AcceptedCoding.Of(context.Request));
            while (true)
            {
                if (held.TryGet(key, out var answer, out var isStale))
                {
                    meter.Hit(isStale);
                    await DeliveryAnswers.Write(context, answer, cdn, time.Now(), isStale ? Freshness.HeldOld : Freshness.Sure);
                    return;
                }

                var known = flights.Cache.Newest;
                var store = context.RequestServices.GetRequiredService<DeliveryStore>();
                if (flights.Begin(key, store.Reading, out var fill))
                {
                    meter.Miss();
                    await Fill(context, fill, cached.ReadsClock ? store : null, next);
                    return;
                }

                if (await fill.Landed.WaitAsync(context.RequestAborted) is not { } landed || ((fill.Number ?? -1) < known && !fill.MayBeOld)) continue; // it began before what is known by now
                meter.Hit(isStale: false);
                await DeliveryAnswers.Write(context, landed, cdn, time.Now(), fill.MayBeOld ? Freshness.ReadOld : Freshness.Sure);
                return;
            }
        });
    }

    private static async Task Fill(HttpContext context, CacheFill fill, DeliveryStore? clock, RequestDelegate next)
    {
        context.Features.Set(fill);
        try
        {
            if (clock is not null) await clock.ReadClock(context.RequestAborted);
            await next(context);
            fill.Abandon(); // after an answer this says nothing
        }
        catch (Exception e) when (e is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            fill.Fail(e);
            throw;
        }
        finally
        {
            fill.Abandon(); // the client went away: whoever waits asks itself
        }
    }
}

/// <summary>One text for all addresses that ask for the same: the route's own letters, parameters by name, values of a set in order.</summary>
internal static class CanonicalAddress
{
    public static string Of(HttpContext context, RouteEndpoint endpoint)
    {
        var path = string.Concat(endpoint.RoutePattern.PathSegments.SelectMany(segment => segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => Uri.EscapeDataString(context.Request.RouteValues[parameter.Name]?.ToString() ?? ""),
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            _ => "",
        }).Prepend("/")));
        return path + context.Features.Get<Query>()?.Canonical;
    }
}

/// <summary>What CDNs are told.</summary>
internal sealed class CdnCaching(IOptions<DeliveryOptions> options)
{
    /// <summary>How long they may hold an answer; null: they are told nothing, and go by what browsers are told.</summary>
    public string? Held { get; } = options.Value.CdnSeconds is > 0 and var seconds ? string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}, stale-if-error=3600") : null;

    /// <summary>How long they may hold what may be old, because the database is away; null as above.</summary>
    public string? Stale { get; } = options.Value.CdnSeconds is > 0 and var seconds ? string.Create(CultureInfo.InvariantCulture, $"max-age={Math.Min(seconds, 5)}") : null;

    /// <summary>How long they may hold what any change or the clock may make another; null as above.</summary>
    public string? Brief { get; } = options.Value.CdnSeconds is > 0 and var seconds ? string.Create(CultureInfo.InvariantCulture, $"max-age={Math.Min(seconds, 30)}") : null;
}

/// <summary>How delivery keeps and logs; section <c>Cms:Delivery</c>.</summary>
internal sealed record DeliveryOptions
{
    /// <summary>Mebibytes of answers that this node holds, about; 0 holds none.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 65_536)]
    public int CacheMegabytes { get; init; } = 64;

    /// <summary>Minutes for which what is held is served while the database is away.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 1_440)]
    public int StaleMinutes { get; init; } = 60;

    /// <summary>Seconds for which a CDN may hold an answer until it is purged (<c>CDN-Cache-Control</c>, RFC 9213); 0 says nothing to CDNs. Short, such as 10, where a CDN honours it and is not purged.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 3_600)]
    public int CdnSeconds { get; init; } = 3_600;

    /// <summary>Of so many answers 200 and 304 of delivery one is logged; refusals and faults always.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 1_000_000)]
    public int LogOneOf { get; init; } = 100;
}
