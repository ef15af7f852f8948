using System.Globalization;
using System.Threading.RateLimiting;
using Cms.Api.Access;
using Cms.Domain.Access;

namespace Cms.Api.Http;

/// <summary>
/// What one client may ask of a face. Management counts by token, after authentication. Delivery has no limit by address (shared caches come
/// from few); each face has a limit of requests at one time, so that a flood on one leaves the other alone.
/// </summary>
internal sealed class RateLimits(TimeProvider time, RateLimitOptions options) : IDisposable
{
    private readonly Windows<string> requests = new(time, TimeSpan.FromMinutes(1)), writes = new(time, TimeSpan.FromMinutes(1));

    private readonly Windows<string> signUps = new(time, TimeSpan.FromHours(1));

    private readonly Dictionary<Face, ConcurrencyLimiter> faces = new()
    {
        [Face.Delivery] = Limiter(options.DeliveryAtOnce),
        [Face.Management] = Limiter(options.ManagementAtOnce),
        [Face.Syndication] = Limiter(options.SyndicationAtOnce),
        [Face.Newsletter] = Limiter(options.NewsletterAtOnce),
    };

    private readonly ConcurrencyLimiter searches = Limiter(options.SearchAtOnce), transfers = Limiter(options.TransfersAtOnce);

    public void Dispose()
    {
        searches.Dispose();
        transfers.Dispose();
        foreach (var limiter in faces.Values) limiter.Dispose();
    }

    /// <summary>A place on the face, or none: then it is full.</summary>
    public RateLimitLease? Enter(Face face) => Enter(faces[face]);

    /// <summary>A place for search or related articles, or none: whatever takes long has places of its own, within those of its face.</summary>
    public RateLimitLease? EnterSearch() => Enter(searches);

    /// <summary>A place for a file that comes or goes, or none: a slow client holds it for an hour, and must not hold all of its face's.</summary>
    public RateLimitLease? EnterTransfer() => Enter(transfers);

    private static RateLimitLease? Enter(ConcurrencyLimiter limiter)
    {
        var lease = limiter.AttemptAcquire();
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        return null;
    }

    /// <summary>Counts a request of a token and says so in the answer's headers (draft-ietf-httpapi-ratelimit-headers).</summary>
    /// <returns>Whether it is within the limits.</returns>
    public bool Count(HttpContext context, Caller caller)
    {
        var (perMinute, writesPerMinute) = (caller.Limits.Requests ?? options.RequestsPerMinute, caller.Limits.Writes ?? options.WritesPerMinute);
        var write = !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));
        var (count, resetsIn) = requests.Count(caller.TokenId);
        var (name, left) = ("requests", perMinute - count);
        if (write && writes.Count(caller.TokenId) is var (writeCount, writeReset) && writesPerMinute - writeCount < left)
            (name, left, resetsIn) = ("writes", writesPerMinute - writeCount, writeReset);

        var policy = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={perMinute};w=60, \"writes\";q={writesPerMinute};w=60");
        var state = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={Math.Max(0, left)};t={resetsIn}");
        context.Response.OnStarting(() => // a refusal by an exception loses what was set before
        {
            (context.Response.Headers["RateLimit-Policy"], context.Response.Headers["RateLimit"]) = (policy, state);
            return Task.CompletedTask;
        });
        if (left < 0) context.Response.Headers.RetryAfter = resetsIn.ToString(CultureInfo.InvariantCulture);
        return left >= 0;
    }

    /// <summary>Counts a sign-up of a client's address, and says in the answer how long to wait when it is one too many.</summary>
    /// <returns>Whether it is within the limit.</returns>
    public bool CountSignUp(HttpContext context)
    {
        var (count, resetsIn) = signUps.Count(ClientAddress.Partition(context.Connection.RemoteIpAddress));
        if (count > options.SignUpsPerHour) context.Response.Headers.RetryAfter = resetsIn.ToString(CultureInfo.InvariantCulture);
        return count <= options.SignUpsPerHour;
    }

    private static ConcurrencyLimiter Limiter(int atOnce) => new(new() { PermitLimit = atOnce, QueueLimit = 0 });
}

/// <summary>Limits by face; section <c>Cms:Limits</c>.</summary>
internal sealed record RateLimitOptions
{
    /// <summary>Requests of one token a minute on management.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, AccessToken.MaxPerMinute)]
    public int RequestsPerMinute { get; init; } = 6_000;

    /// <summary>Writes of one token a minute on management.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, AccessToken.MaxPerMinute)]
    public int WritesPerMinute { get; init; } = 1_200;

    /// <summary>Requests at one time on delivery; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int DeliveryAtOnce { get; init; } = 512;

    /// <summary>Searches and questions for related articles at one time, within delivery's; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int SearchAtOnce { get; init; } = 16;

    /// <summary>Requests at one time on management; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int ManagementAtOnce { get; init; } = 128;

    /// <summary>Files of subscribers that come or go at one time, within management's; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int TransfersAtOnce { get; init; } = 8;

    /// <summary>Requests at one time of feeds, sitemaps and what else speaks to machines of readers; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int SyndicationAtOnce { get; init; } = 64;

    /// <summary>Requests at one time of sign-ups and readers' own pages; past them 503.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 10_000)]
    public int NewsletterAtOnce { get; init; } = 64;

    /// <summary>Sign-ups an hour from one client's address (IPv4, or the /64 of IPv6), but with a token of the scope `subscriptions:write`.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 1_000_000)]
    public int SignUpsPerHour { get; init; } = 5;
}

/// <summary>On an endpoint: a file comes or goes, for as long as its client takes.</summary>
internal sealed record Transfer;

internal static class RateLimiting
{
    /// <summary>The endpoint takes as long as a file does.</summary>
    public static RouteHandlerBuilder TakesLong(this RouteHandlerBuilder route, string timeout)
    {
        route.WithMetadata(new Transfer()).WithRequestTimeout(timeout);
        return route;
    }

    /// <summary>Before authentication: a full face costs no query.</summary>
    public static void UseFaceLimits(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Face>() is not { } face)
        {
            await next(context);
            return;
        }

        var limits = context.RequestServices.GetRequiredService<RateLimits>();
        var isTransfer = context.GetEndpoint()?.Metadata.GetMetadata<Transfer>() is not null;
        using var place = limits.Enter(face);
        using var transfer = isTransfer ? limits.EnterTransfer() : null;
        if (place is not null && (transfer is not null || !isTransfer))
        {
            await next(context);
            return;
        }

        Events(context).LogWarning("Face {Face} is full.", face.Name);
        await Problems.Send(context, Problems.Of("unavailable", "Too many requests at one time. Try again in a moment."));
    });

    /// <summary>Behind authentication: limits by token.</summary>
    public static void UseTokenLimits(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var limits = context.RequestServices.GetRequiredService<RateLimits>();
        if (context.User.Identity is not { IsAuthenticated: true } || limits.Count(context, Caller.Of(context.User)))
        {
            await next(context);
            return;
        }

        Events(context).LogWarning("Token {Token} passed its limit.", Caller.Of(context.User).TokenId);
        await Problems.Send(context, Problems.Of("rate-limited", "This token asked too often. Wait as Retry-After says."));
    });

    private static ILogger Events(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Cms.Limits");
}
