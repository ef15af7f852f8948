using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Cms.Api.Http;

/// <summary>That an operation takes a body: of which type, as which media type, and how large at most.</summary>
internal sealed record BodyMetadata(Type Type, string MediaType, int MaxBytes)
{
    public const int Tiny = 8 * 1024, Small = 64 * 1024, Article = 1024 * 1024;
    public const string Json = "application/json", MergePatch = "application/merge-patch+json", Form = "application/x-www-form-urlencoded", Mail = "message/rfc822";

    /// <summary>Further media types that it takes.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>What it takes.</summary>
    public IEnumerable<string> All => Also.Prepend(MediaType);
}

/// <summary>
/// That an operation takes a file, which its handler streams: <see cref="RequestGuard"/> looks at its media type and length, and reads nothing of it.
/// A write of such an operation has no transaction around it, which would last as long as a client sends.
/// </summary>
internal sealed record FileMetadata(string MediaType, int MaxBytes)
{
    public const string Csv = "text/csv";
}

/// <summary>The bytes of a request's body, read whole and bounded by <see cref="RequestGuard"/> before any handler.</summary>
internal sealed record RawBody(byte[] Bytes);

/// <summary>A request's body, read strictly: a fault is 400 with its pointer.</summary>
internal sealed record Body<T>(T Value) where T : class
{
    public static ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        var bytes = Body.BytesOf(context);
        var value = JsonFault.Read(() => JsonSerializer.Deserialize<T>(bytes, StrictJson.Options));
        return ValueTask.FromResult(new Body<T>(value ?? throw new MalformedException("", "type", "The body is null; send an object.")));
    }
}

internal static class Body
{
    /// <summary>The body's bytes, which are UTF-8.</summary>
    public static byte[] BytesOf(HttpContext context)
    {
        var bytes = context.Features.Get<RawBody>()?.Bytes ?? [];
        if (bytes.Length == 0) throw new MalformedException("", "required", "The body is empty; send an object.");
        if (!Utf8.IsValid(bytes)) throw new MalformedException("", "utf8", "The body is not UTF-8.");
        // RFC 8259, 8.1: a reader may ignore a byte order mark, and some editors write one.
        return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;
    }

    /// <summary>The operation takes JSON of this type.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, int maxBytes = BodyMetadata.Small) =>
        endpoint.WithMetadata(new BodyMetadata(typeof(T), BodyMetadata.Json, maxBytes)).Refuses(400, 413, 415, 422);

    /// <summary>The operation takes a file of this type.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder endpoint, string mediaType, int maxBytes) =>
        endpoint.WithMetadata(new FileMetadata(mediaType, maxBytes)).Refuses(400, 413, 415);

    /// <summary>The operation takes a merge patch (RFC 7396) of this type.</summary>
    public static RouteHandlerBuilder TakesPatchOf<T>(this RouteHandlerBuilder endpoint, int maxBytes = BodyMetadata.Small) =>
        endpoint.WithMetadata(new BodyMetadata(typeof(T), BodyMetadata.MergePatch, maxBytes)).Refuses(400, 413, 415, 422);
}
