using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Http;

/// <summary>That an operation needs <c>If-Match</c>: without it 428, before the body is looked at.</summary>
internal sealed record IfMatchRequired;

/// <summary>The precondition of a change (RFC 9110, 13.1.1). It stands in the signature of whatever may overwrite.</summary>
internal sealed class IfMatch(IList<EntityTagHeaderValue> tags)
{
    /// <summary>Strong comparison; <c>*</c> allows any version, and the save still names the one that was read.</summary>
    public bool Allows(uint version) => tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(ETag.Of(version), useStrongComparison: true));

    public static ValueTask<IfMatch> BindAsync(HttpContext context) =>
        EntityTagHeaderValue.TryParseStrictList([.. context.Request.Headers.IfMatch.OfType<string>()], out var tags)
            ? ValueTask.FromResult(new IfMatch(tags))
            : throw new MalformedException("If-Match", "header", "If-Match holds entity tags, such as \"1a2b\", or *.");
}

/// <summary>What carries a version.</summary>
internal interface IVersioned
{
    uint Version { get; }
}

internal static class ETag
{
    private static readonly string[] Codings = ["-br", "-gzip"];

    public static EntityTagHeaderValue Of(uint version) => new($"\"{version.ToString("x", CultureInfo.InvariantCulture)}\"");

    /// <summary>The operation needs <c>If-Match</c>.</summary>
    public static RouteHandlerBuilder NeedsIfMatch(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new IfMatchRequired()).Refuses(400, 412, 428);

    /// <summary>The one tag of an <c>If-None-Match</c>, as the plain bytes have it; null where it is more than that.</summary>
    public static string? Plain(string ifNoneMatch)
    {
        var tag = ifNoneMatch.AsSpan().Trim();
        if (tag.StartsWith("W/", StringComparison.Ordinal)) tag = tag[2..];
        if (tag is not ['"', .. var inner, '"'] || inner.Contains('"')) return null;
        foreach (var coding in Codings)
            if (inner.EndsWith(coding, StringComparison.Ordinal)) return inner[..^coding.Length].ToString();
        return inner.ToString();
    }

    /// <summary>Whether the client holds this version already (RFC 9110, 13.1.2: weak comparison).</summary>
    public static bool IsHeldBy(StringValues ifNoneMatch, params ReadOnlySpan<string> tags)
    {
        if (ifNoneMatch.Count == 0 || !EntityTagHeaderValue.TryParseList([.. ifNoneMatch.OfType<string>()], out var held)) return false;
        foreach (var tag in tags)
            foreach (var one in held)
                if (one.Equals(EntityTagHeaderValue.Any) || one.Tag.AsSpan().Trim('"').SequenceEqual(tag)) return true;
        return false;
    }
}
