using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cms.Api.Http;

/// <summary>
/// A change by merge patch (RFC 7396): applied to the resource as a client would send it whole, and read again as strictly as a PUT,
/// so that both take the same path from there.
/// </summary>
internal sealed class MergePatch(JsonObject patch)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = StrictJson.MaxDepth, AllowDuplicateProperties = false };

    public static ValueTask<MergePatch> BindAsync(HttpContext context) =>
        JsonNode.Parse(Body.BytesOf(context), documentOptions: Strict) is JsonObject patch
            ? ValueTask.FromResult(new MergePatch(patch))
            : throw new MalformedException("", "type", "A merge patch of a resource is an object.");

    /// <summary>The resource as it would be sent whole after this change.</summary>
    public T Apply<T>(T current) where T : class
    {
        var target = JsonSerializer.SerializeToNode(current, StrictJson.Options);
        var merged = Merge(target, patch);
        return JsonFault.Read(() => merged.Deserialize<T>(StrictJson.Options)) ?? throw new MalformedException("", "type", "The resource cannot become null.");
    }

    // RFC 7396, section 2, as it stands there.
    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null) result.Remove(name);
            else result[name] = Merge(result.TryGetPropertyValue(name, out var old) ? old?.DeepClone() : null, value);
        }

        return result;
    }
}
