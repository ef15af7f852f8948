using System.Net;
using System.Net.Http.Headers;

namespace Cms.Infrastructure.Purging;

/// <summary>A cache in front answered, and did not confirm.</summary>
/// <param name="status">What it answered.</param>
/// <param name="retryAfter">When it wants to be asked again; null where it does not say.</param>
/// <param name="answeredAt">By its own clock; null where it does not say.</param>
internal sealed class PurgeRefusedException(HttpStatusCode status, RetryConditionHeaderValue? retryAfter, DateTimeOffset? answeredAt) : HttpRequestException(null, null, status)
{
    // What a cache says who is asked too often and does not say for how long.
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(4);

    /// <summary>It may be the keys that it refuses: others had better not go with them. All other refusals say something of the cache, or of who asks.</summary>
    public bool IsOfKeys => StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.RequestUriTooLong
        or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestHeaderFieldsTooLarge or HttpStatusCode.InternalServerError;

    /// <summary>It may be the keys too, as where a wall in front of the cache reads them; if it is who asks, then all fail alike.</summary>
    public bool MayBeOfKeys => (int?)StatusCode is >= 400 and < 500
        && StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);

    /// <summary>Throws unless the cache confirmed.</summary>
    public static void ThrowUnlessConfirmed(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode) throw new PurgeRefusedException(answer.StatusCode, answer.Headers.RetryAfter, answer.Headers.Date);
    }

    /// <summary>For how long it wants not to be asked (RFC 9110, 10.2.3); zero where it does not mind.</summary>
    /// <param name="now">By our clock, where it does not tell its own.</param>
    /// <param name="longest">No longer: what is not said for as long as caches hold answers need not be said any more.</param>
    public TimeSpan Rest(DateTimeOffset now, TimeSpan longest)
    {
        var asked = retryAfter?.Delta ?? retryAfter?.Date - (answeredAt ?? now) ?? (StatusCode is HttpStatusCode.TooManyRequests ? Breath : TimeSpan.Zero);
        return TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, longest.Ticks));
    }
}
