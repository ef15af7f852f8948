using Cms.Domain.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Http;

/// <summary>
/// Refuses what does not have the shape of a request to its operation, in the order that the API promises: 415, 413, 428, 400. It stands
/// behind authorisation, so a stranger learns nothing of shapes, and before every handler, so none of them can forget.
/// </summary>
internal static class RequestGuard
{
    public static void UseRequestGuard(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var refusal = await Refusal(context, endpoint);
        if (refusal is not null) await Problems.Send(context, refusal);
        else await next(context);
    });

    private static async Task<ProblemHttpResult?> Refusal(HttpContext context, RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<FileMetadata>() is { } file)
        {
            if (MediaRefusal(context, [file.MediaType]) is { } unsupported) return unsupported;
            if (context.Request.ContentLength > file.MaxBytes) return TooLarge(file.MaxBytes);
            // Kestrel's own limit is lower; the handler counts what it reads.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        }

        if (endpoint.Metadata.GetMetadata<BodyMetadata>() is { } body)
        {
            if (MediaRefusal(context, [.. body.All]) is { } unsupported) return unsupported;
            if (await ReadBody(context, body.MaxBytes) is not { } bytes) return TooLarge(body.MaxBytes);
            context.Features.Set(new RawBody(bytes));
        }

        if (endpoint.Metadata.GetMetadata<IfMatchRequired>() is not null && context.Request.Headers.IfMatch.Count == 0)
            return Problems.Of("if-match-required", "Send If-Match with the ETag that you read, so that you overwrite nobody's work unseen.");

        if (endpoint.Metadata.GetMetadata<Face>() is not { } face) return null;
        if (face == Face.Management && endpoint.Metadata.GetMetadata<BodyMetadata>() is null && endpoint.Metadata.GetMetadata<FileMetadata>() is null && HasBody(context.Request))
            return Problems.Of("malformed", "This operation takes no body: send none.");
        // NFC once, at the edge: macOS and some editors write a Korean or accented slug in pieces.
        foreach (var (name, value) in context.Request.RouteValues.ToArray())
            if (value is string text) context.Request.RouteValues[name] = TextRules.Normalize(text);
        var parameters = endpoint.Metadata.GetMetadata<QueryParameters>()?.All ?? [];
        var (query, faults) = Query.Read(context, parameters, endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "", face.IgnoresUnknownParameters);
        if (query is null) return Problems.BadParameters(faults);
        context.Features.Set(query);
        return null;
    }

    private static bool HasBody(HttpRequest request) => request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;

    /// <summary>The body is larger than may be.</summary>
    public static ProblemHttpResult TooLarge(int maxBytes) => Problems.Of("too-large", $"The body is larger than the {maxBytes} bytes that this operation takes.");

    private static ProblemHttpResult? MediaRefusal(HttpContext context, string[] taken)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
            return Problems.Of("unsupported-media-type", "Send the body without Content-Encoding.");
        if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && taken.Any(media => type.MediaType.Equals(media, StringComparison.OrdinalIgnoreCase))
            && (type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))) return null;

        if (taken[0] == BodyMetadata.MergePatch) context.Response.Headers["Accept-Patch"] = BodyMetadata.MergePatch; // RFC 5789, 3.1
        return Problems.Of("unsupported-media-type", $"Send the body as {string.Join(" or ", taken)}, in UTF-8.");
    }

    private static async Task<byte[]?> ReadBody(HttpContext context, int maxBytes)
    {
        if (context.Request.ContentLength > maxBytes) return null;

        using var bytes = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
        while (await context.Request.Body.ReadAsync(chunk, context.RequestAborted) is > 0 and var read)
        {
            if (bytes.Length + read > maxBytes) return null;
            bytes.Write(chunk, 0, read);
        }

        return bytes.ToArray();
    }
}
