using System.Text;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Delivery;

/// <summary>
/// Sends answers as the delivery face promises: strong tags by coding, conditional requests, exact <c>Vary</c>, the keys of what they show, and
/// nothing that depends on who asks. Where the operation is <see cref="CachedMetadata"/>, this node keeps what it sends.
/// </summary>
internal static class DeliveryAnswers
{
    public const string Json = "application/json; charset=utf-8";

    // A cache holds an answer for ten seconds, shows it half a minute longer while it asks, and an hour longer while we are down (RFC 5861).
    private const string CacheControl = "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600";

    // What may be old, because the database is away, is asked for again soon.
    private const string StaleCacheControl = "public, max-age=5", HeldCacheStatus = "cms; hit; detail=stale", ReadCacheStatus = "cms; fwd=miss; detail=stale";

    // What no change can purge, for whatever may change it, or the clock alone: half a minute, everywhere.
    private const string BriefCacheControl = "public, max-age=30";

    private const int WorthCoding = 1_024;

    // A date says less than a tag: it is told when no second change can carry it any more (RFC 9110, 8.8.2.2).
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    /// <summary>Sends stored bytes that are in this coding already.</summary>
    /// <param name="context">The request.</param>
    /// <param name="stored">The bytes.</param>
    /// <param name="coding">The coding they are in.</param>
    /// <param name="keys">What they show: <see cref="DeliveryKey"/>.</param>
    public static Task Send(HttpContext context, Stored stored, Coding coding, params ReadOnlySpan<string> keys) => Keep(context, Of(stored, coding, "", keys));

    /// <summary>The answer that stored bytes make.</summary>
    public static DeliveryAnswer Of(Stored stored, Coding coding, string route, params ReadOnlySpan<string> keys) => new()
    {
        Status = StatusCodes.Status200OK,
        Route = route,
        Body = stored.Body,
        Coding = coding,
        ContentType = Json,
        ETag = stored.ETag,
        EntityTag = Tag(stored.ETag, coding),
        ChangedAt = stored.ChangedAt,
        Tdm = stored.Tdm,
        Keys = keys.ToArray(),
    };

    /// <summary>Sends bytes made for this request, coded on the way when that is worth it. They have no date: none of their parts knows when one left.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The bytes.</param>
    /// <param name="contentType">Their media type.</param>
    /// <param name="keys">What they show: <see cref="DeliveryKey"/>.</param>
    public static Task SendPlain(HttpContext context, byte[] plain, string contentType, params ReadOnlySpan<string> keys) =>
        Keep(context, Made(context, plain, contentType, null, keys.ToArray()));

    /// <summary>The same, with the terms of what it shows.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The bytes.</param>
    /// <param name="contentType">Their media type.</param>
    /// <param name="tdm">What who mines texts may do with it; null where nobody says anything.</param>
    /// <param name="keys">What they show: <see cref="DeliveryKey"/>.</param>
    public static Task SendPlain(HttpContext context, byte[] plain, string contentType, TdmHeaders? tdm, params ReadOnlySpan<string> keys) =>
        Keep(context, Made(context, plain, contentType, tdm, keys.ToArray()));

    /// <summary>Sends bytes made for this request that any change, or the passing of time, may make others: caches hold them for half a minute.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The bytes.</param>
    /// <param name="contentType">Their media type.</param>
    /// <param name="tdm">What who mines texts may do with it; null where nobody says anything.</param>
    /// <param name="keys">What they show that a change purges nonetheless; none for most.</param>
    public static Task SendBriefly(HttpContext context, byte[] plain, string contentType, TdmHeaders? tdm, params ReadOnlySpan<string> keys) =>
        Keep(context, Made(context, plain, contentType, tdm, keys.ToArray()) with { IsBrief = true });

    private static DeliveryAnswer Made(HttpContext context, byte[] plain, string contentType, TdmHeaders? tdm, string[] keys)
    {
        var coding = plain.Length < WorthCoding ? Coding.Plain : AcceptedCoding.Of(context.Request);
        // A 304 can change a header that a cache holds, and not take one away (RFC 9111, 3.2): so other terms are another answer, though the bytes be the same.
        var etag = Compressed.Tag(tdm is null ? plain : [.. plain, .. Encoding.ASCII.GetBytes(tdm.Text)]);
        return new()
        {
            Status = StatusCodes.Status200OK,
            Body = Compressed.As(coding, plain),
            Coding = coding,
            ContentType = contentType,
            ETag = etag,
            EntityTag = Tag(etag, coding),
            Link = context.Response.Headers.Link,
            Tdm = tdm,
            Keys = keys,
        };
    }

    /// <summary>The resource has another address now.</summary>
    public static Task SendMoved(HttpContext context, string location, params ReadOnlySpan<string> keys) => Keep(context, Moved(location, keys));

    /// <inheritdoc cref="SendMoved" />
    public static DeliveryAnswer Moved(string location, params ReadOnlySpan<string> keys) =>
        new() { Status = StatusCodes.Status301MovedPermanently, Location = location, Keys = keys.ToArray() };

    /// <summary>There is nothing under this address.</summary>
    public static Task SendNotFound(HttpContext context, string detail, params ReadOnlySpan<string> keys) => Keep(context, NotFound(detail, keys));

    /// <inheritdoc cref="SendNotFound" />
    public static DeliveryAnswer NotFound(string detail, params ReadOnlySpan<string> keys) =>
        new() { Status = StatusCodes.Status404NotFound, Detail = detail, Keys = keys.ToArray() };

    /// <summary>There is nothing any more under this address.</summary>
    public static DeliveryAnswer Gone(string detail, params ReadOnlySpan<string> keys) =>
        new() { Status = StatusCodes.Status410Gone, Detail = detail, Keys = keys.ToArray() };

    /// <summary>Sends an answer that is whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cdn">What CDNs are told.</param>
    /// <param name="now">The time.</param>
    /// <param name="freshness">Whether anybody could tell that it still is right.</param>
    public static Task Write(HttpContext context, DeliveryAnswer answer, CdnCaching cdn, DateTimeOffset now, Freshness freshness)
    {
        var (request, response) = (context.Request, context.Response);
        Caching(context, answer, cdn, freshness);
        if (answer.Status is StatusCodes.Status404NotFound) return Problems.Send(context, Problems.Of("not-found", answer.Detail ?? ""));
        if (answer.Status is StatusCodes.Status410Gone) return Problems.Send(context, Problems.Of("gone", answer.Detail ?? ""));
        if (answer.Location is not null)
        {
            response.StatusCode = answer.Status;
            response.Headers.Location = answer.Location;
            return Task.CompletedTask;
        }

        response.Headers.ETag = answer.EntityTag;
        if (answer.Link is not null) response.Headers.Link = answer.Link;
        if (answer.Tdm is not null) ReuseHeaders.Set(response.Headers, answer.Tdm);
        var isSettled = answer.ChangedAt is { } at && now - at >= Settled;
        if (isSettled) response.Headers.LastModified = answer.LastModified;
        if (IsHeld(request, answer, isSettled))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        if (answer.Coding != Coding.Plain) response.Headers.ContentEncoding = answer.Coding == Coding.Brotli ? "br" : "gzip";
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(answer.Body, context.RequestAborted).AsTask();
    }

    /// <summary>Sends an answer made for this request, and keeps it where the operation's are kept.</summary>
    public static Task Keep(HttpContext context, DeliveryAnswer answer)
    {
        context.Features.Get<CacheFill>()?.Complete(answer with { Route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "" });
        var services = context.RequestServices;
        return Write(context, answer, services.GetRequiredService<CdnCaching>(), services.GetRequiredService<TimeProvider>().Now(), Of(context));
    }

    /// <summary>Headers of an answer that is sent as it is made.</summary>
    /// <param name="context">The request.</param>
    /// <param name="keys">What it shows: <see cref="DeliveryKey"/>.</param>
    public static void Caching(HttpContext context, params ReadOnlySpan<string> keys) =>
        Caching(context, new() { Status = StatusCodes.Status200OK, Keys = keys.ToArray() }, context.RequestServices.GetRequiredService<CdnCaching>(), Of(context));

    private static void Caching(HttpContext context, DeliveryAnswer answer, CdnCaching cdn, Freshness freshness)
    {
        var (headers, isStale) = (context.Response.Headers, freshness != Freshness.Sure);
        headers.CacheControl = isStale ? StaleCacheControl : answer.IsBrief ? BriefCacheControl : CacheControl;
        if ((isStale ? cdn.Stale : answer.IsBrief ? cdn.Brief : cdn.Held) is { } told) headers["CDN-Cache-Control"] = told; // RFC 9213
        headers.Vary = "Accept-Encoding";
        if (isStale) headers["Cache-Status"] = freshness == Freshness.HeldOld ? HeldCacheStatus : ReadCacheStatus; // RFC 9211
        if (answer.Keys.Length == 0) return;
        headers["Surrogate-Key"] = answer.SurrogateKey;
        headers["Cache-Tag"] = answer.CacheTag;
    }

    private static Freshness Of(HttpContext context) => context.RequestServices.GetRequiredService<DeliveryReading>().MayBeOld ? Freshness.ReadOld : Freshness.Sure;

    private static bool IsHeld(HttpRequest request, DeliveryAnswer answer, bool isSettled)
    {
        var held = request.Headers.IfNoneMatch;
        if (held.Count > 0) return (held is [var one] && one == answer.EntityTag) || ETag.IsHeldBy(held, [answer.ETag, Variant(answer.ETag, "br"), Variant(answer.ETag, "gzip")]);
        // RFC 9110, 13.1.3: only without If-None-Match, and to the second.
        return isSettled && request.Headers.IfModifiedSince.Count > 0 && request.GetTypedHeaders().IfModifiedSince is { } since
            && answer.ChangedAt?.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    private static string Variant(string etag, string coding) => $"{etag}-{coding}";

    private static string Tag(string etag, Coding coding) => coding switch
    {
        Coding.Brotli => $"\"{etag}-br\"",
        Coding.Gzip => $"\"{etag}-gzip\"",
        _ => $"\"{etag}\"",
    };
}

/// <summary>Whether an answer is known to be right.</summary>
internal enum Freshness
{
    /// <summary>It is, up to a second.</summary>
    Sure,

    /// <summary>This node held it, and nobody could be asked of late.</summary>
    HeldOld,

    /// <summary>A standby said so, and the primary could not be asked of late.</summary>
    ReadOld,
}

/// <summary>The coding that a client takes (RFC 9110, 12.5.3): Brotli before gzip.</summary>
internal static class AcceptedCoding
{
    private const int MostKnown = 1_024, MostLength = 200;

    // Clients send a few dozen texts: each is read once.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Coding> Known = new(StringComparer.Ordinal);

    public static Coding Of(HttpRequest request)
    {
        var accepted = request.Headers.AcceptEncoding;
        if (accepted.Count == 0) return Coding.Plain;
        var text = accepted is [{ } one] ? one : string.Join(',', accepted.OfType<string>());
        if (Known.TryGetValue(text, out var known)) return known;
        var coding = Read(text);
        if (text.Length <= MostLength && Known.Count < MostKnown) Known[text] = coding;
        return coding;
    }

    private static Coding Read(string text)
    {
        if (!StringWithQualityHeaderValue.TryParseList([text], out var accepted)) return Coding.Plain;
        return Takes(accepted, "br") ? Coding.Brotli : Takes(accepted, "gzip") ? Coding.Gzip : Coding.Plain;
    }

    private static bool Takes(IList<StringWithQualityHeaderValue> accepted, string coding)
    {
        var named = accepted.FirstOrDefault(a => a.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(a => a.Value == "*");
        return named is { Quality: null or > 0 };
    }
}
