using System.Globalization;
using System.Threading.RateLimiting;
using Cms.Api.Access;

namespace Cms.Api.Http;

/// <summary>
/// What one client may ask of a face. Management counts by token, after authentication. Delivery has no limit by address (shared caches come
/// from few); each face has a limit of requests at one time, so that a flood on one leaves the other alone.
/// </summary>
internal sealed class RateLimits(TimeProvider time, RateLimitOptions options) : IDisposable
{
    private readonly Windows<string> requests = new(time, TimeSpan.FromMinutes(1)), writes = new(time, TimeSpan.FromMinutes(1));

    private readonly Dictionary<Face, ConcurrencyLimiter> faces = new()
    {
        [Face.Delivery] = Limiter(options.DeliveryAtOnce),
        [Face.Management] = Limiter(options.ManagementAtOnce),
    };

    public void Dispose()
    {
        foreach (var limiter in faces.Values) limiter.Dispose();
    }

    /// <summary>A place on the face, or none: then it is full.</summary>
    public RateLimitLease? Enter(Face face)
    {
        var lease = faces[face].AttemptAcquire();
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        return null;
    }

    /// <summary>Counts a request of a token and says so in the answer's headers (draft-ietf-httpapi-ratelimit-headers).</summary>
    /// <returns>Whether it is within the limits.</returns>
    public bool Count(HttpContext context, string tokenId)
    {
        var write = !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));
        var (count, resetsIn) = requests.Count(tokenId);
        var (name, left) = ("requests", options.RequestsPerMinute - count);
        if (write && writes.Count(tokenId) is var (writeCount, writeReset) && options.WritesPerMinute - writeCount < left)
            (name, left, resetsIn) = ("writes", options.WritesPerMinute - writeCount, writeReset);

        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={options.RequestsPerMinute};w=60, \"writes\";q={options.WritesPerMinute};w=60");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={Math.Max(0, left)};t={resetsIn}");
        if (left < 0) headers.RetryAfter = resetsIn.ToString(CultureInfo.InvariantCulture);
        return left >= 0;
    }

    private static ConcurrencyLimiter Limiter(int atOnce) => new(new() { PermitLimit = atOnce, QueueLimit = 0 });
}

/// <summary>Limits by face; section <c>Cms:Limits</c>.</summary>
internal sealed record RateLimitOptions
{
    /// <summary>Requests of one token a minute on management.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 1_000_000)]
    public int RequestsPerMinute { get; init; } = 6_000;

    /// <summary>Writes of one token a minute on management.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 1_000_000)]
    public int WritesPerMinute { get; init; } = 1_200;

    /// <summary>Requests at one time on delivery; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int DeliveryAtOnce { get; init; } = 512;

    /// <summary>Requests at one time on management; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int ManagementAtOnce { get; init; } = 128;
}

internal static class RateLimiting
{
    /// <summary>Before authentication: a full face costs no query.</summary>
    public static void UseFaceLimits(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Face>() is not { } face)
        {
            await next(context);
            return;
        }

        using var place = context.RequestServices.GetRequiredService<RateLimits>().Enter(face);
        if (place is null) await Problems.Send(context, Problems.Of("unavailable", "Too many requests at one time. Try again in a moment."));
        else await next(context);
    });

    /// <summary>Behind authentication: limits by token.</summary>
    public static void UseTokenLimits(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var limits = context.RequestServices.GetRequiredService<RateLimits>();
        if (context.User.Identity is { IsAuthenticated: true } && !limits.Count(context, Caller.Of(context.User).TokenId))
            await Problems.Send(context, Problems.Of("rate-limited", "This token asked too often. Wait as Retry-After says."));
        else await next(context);
    });
}
