using System.Globalization;
using System.IO.Compression;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Infrastructure.Delivery;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Delivery;

/// <summary>Sends bytes as the delivery face promises: strong tags by coding, conditional requests, exact <c>Vary</c>, and nothing that depends on who asks.</summary>
internal static class DeliveryAnswers
{
    // A cache holds an answer for ten seconds, shows it half a minute longer while it asks, and an hour longer while we are down (RFC 5861).
    private const string CacheControl = "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600";

    // A CDN that can be purged holds it an hour (RFC 9213).
    private const string CdnCacheControl = "max-age=3600, stale-if-error=3600";

    // What no change can purge, for whatever may change it: half a minute, everywhere.
    private const string BriefCacheControl = "public, max-age=30", BriefCdnCacheControl = "max-age=30";

    public const string Json = "application/json; charset=utf-8";

    private const int WorthCoding = 1_024;

    /// <summary>The coding that this client takes (RFC 9110, 12.5.3): Brotli before gzip.</summary>
    public static Coding CodingFor(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var accepted)) return Coding.Plain;
        return Takes(accepted, "br") ? Coding.Brotli : Takes(accepted, "gzip") ? Coding.Gzip : Coding.Plain;
    }

    /// <summary>Sends stored bytes that are in this coding already.</summary>
    /// <param name="context">The request.</param>
    /// <param name="stored">The bytes.</param>
    /// <param name="coding">The coding they are in.</param>
    /// <param name="keys">What they show: <see cref="DeliveryKey"/>.</param>
    public static Task Send(HttpContext context, Stored stored, Coding coding, params ReadOnlySpan<string> keys)
    {
        Caching(context, keys);
        var headers = context.Response.Headers;
        // Never later than now (RFC 9110, 8.8.2.1): a second change within one second is dated a second ahead.
        var now = context.RequestServices.GetRequiredService<TimeProvider>().Now();
        var changed = stored.ChangedAt < now ? stored.ChangedAt : now;
        headers.LastModified = changed.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
        if (IsHeld(context.Request, stored))
        {
            headers.ETag = Tag(stored.ETag, coding);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return Write(context, stored.ETag, stored.Body, coding, Json);
    }

    /// <summary>Sends bytes made for this request, coded on the way when that is worth it. They have no date: none of their parts knows when one left.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The bytes.</param>
    /// <param name="contentType">Their media type.</param>
    /// <param name="keys">What they show: <see cref="DeliveryKey"/>.</param>
    public static Task SendPlain(HttpContext context, byte[] plain, string contentType, params ReadOnlySpan<string> keys)
    {
        Caching(context, keys);
        return SendCached(context, plain, contentType);
    }

    /// <summary>Sends bytes made for this request that every change may make others: caches hold them for half a minute, and no change purges them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The bytes: JSON.</param>
    /// <param name="keys">What they show that a change purges nonetheless; none for most.</param>
    public static Task SendBriefly(HttpContext context, byte[] plain, params ReadOnlySpan<string> keys)
    {
        if (keys.Length > 0) Caching(context, keys);
        var headers = context.Response.Headers;
        headers.CacheControl = BriefCacheControl;
        headers["CDN-Cache-Control"] = BriefCdnCacheControl;
        headers.Vary = "Accept-Encoding";
        return SendCached(context, plain, Json);
    }

    private static Task SendCached(HttpContext context, byte[] plain, string contentType)
    {
        var coding = plain.Length < WorthCoding ? Coding.Plain : CodingFor(context.Request);
        var etag = Compressed.Tag(plain);
        if (ETag.IsHeldBy(context.Request.Headers.IfNoneMatch, Tags(etag)))
        {
            context.Response.Headers.ETag = Tag(etag, coding);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return Write(context, etag, coding == Coding.Plain ? plain : Encode(plain, coding), coding, contentType);
    }

    /// <summary>Headers of what caches may hold for all.</summary>
    /// <param name="context">The request.</param>
    /// <param name="keys">What the answer shows, or shows the absence of: <see cref="DeliveryKey"/>.</param>
    public static void Caching(HttpContext context, params ReadOnlySpan<string> keys)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = CacheControl;
        headers["CDN-Cache-Control"] = CdnCacheControl;
        headers["Surrogate-Key"] = string.Join(' ', keys);
        headers["Cache-Tag"] = string.Join(',', keys);
        headers.Vary = "Accept-Encoding";
    }

    private static Task Write(HttpContext context, string etag, byte[] body, Coding coding, string contentType)
    {
        var response = context.Response;
        response.Headers.ETag = Tag(etag, coding);
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (coding != Coding.Plain) response.Headers.ContentEncoding = coding == Coding.Brotli ? "br" : "gzip";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static bool IsHeld(HttpRequest request, Stored stored)
    {
        if (request.Headers.IfNoneMatch.Count > 0) return ETag.IsHeldBy(request.Headers.IfNoneMatch, Tags(stored.ETag));
        // RFC 9110, 13.1.3: only without If-None-Match, and to the second.
        return request.GetTypedHeaders().IfModifiedSince is { } since && stored.ChangedAt.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }

    private static string[] Tags(string etag) => [etag, etag + "-br", etag + "-gzip"];

    private static string Tag(string etag, Coding coding) => coding switch
    {
        Coding.Brotli => $"\"{etag}-br\"",
        Coding.Gzip => $"\"{etag}-gzip\"",
        _ => $"\"{etag}\"",
    };

    private static bool Takes(IList<StringWithQualityHeaderValue> accepted, string coding)
    {
        var named = accepted.FirstOrDefault(a => a.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(a => a.Value == "*");
        return named is { Quality: null or > 0 };
    }

    private static byte[] Encode(byte[] plain, Coding coding)
    {
        using var stream = new MemoryStream();
        using (Stream encoder = coding == Coding.Brotli
            ? new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true)) encoder.Write(plain);
        return stream.ToArray();
    }
}
