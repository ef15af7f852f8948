using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Cms.Api.Http;

/// <summary>
/// A change by merge patch (RFC 7396): applied to the resource as a client would send it whole, and read again as strictly as a PUT,
/// so that both take the same path from there.
/// </summary>
internal sealed class MergePatch(JsonObject patch)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = StrictJson.MaxDepth, AllowDuplicateProperties = false };

    public static ValueTask<MergePatch> BindAsync(HttpContext context)
    {
        var bytes = Body.BytesOf(context);
        CheckText(bytes);
        if (JsonNode.Parse(bytes, documentOptions: Strict) is not JsonObject patch)
            throw new MalformedException("", "type", "A merge patch of a resource is an object.");

        // Its shape is refused before its target is looked for (400 comes before 404); a null removes, so only its name can be wrong.
        var type = context.GetEndpoint()?.Metadata.GetMetadata<BodyMetadata>()?.Type ?? throw new InvalidOperationException("The operation takes no patch: add TakesPatchOf.");
        CheckNames(patch, type, "");
        JsonFault.Read(() => Merge(null, patch).Deserialize(type, StrictJson.Options));
        return ValueTask.FromResult(new MergePatch(patch));
    }

    /// <summary>Whether it says anything of a member, be it null.</summary>
    public bool Names(string member) => patch.ContainsKey(member);

    /// <summary>The resource as it would be sent whole after this change.</summary>
    public T Apply<T>(T current) where T : class
    {
        var target = JsonSerializer.SerializeToNode(current, StrictJson.Options);
        var merged = Merge(target, patch);
        return JsonFault.Read(() => merged.Deserialize<T>(StrictJson.Options)) ?? throw new MalformedException("", "type", "The resource cannot become null.");
    }

    // A document decodes its texts late, and then takes half a surrogate pair for a fault of the program.
    private static void CheckText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new MalformedException("", "json", "A text holds half a surrogate pair, which cannot be stored.");
        }
    }

    private static void CheckNames(JsonObject patch, Type type, string pointer)
    {
        if (StrictJson.Options.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } known) return;

        foreach (var (name, value) in patch)
        {
            var member = known.Properties.FirstOrDefault(p => p.Name == name) ?? throw new MalformedException(
                $"{pointer}/{JsonFault.Escape(name)}", "unknown", JsonFault.NoMember(name, type));
            if (value is JsonObject inner) CheckNames(inner, member.PropertyType, $"{pointer}/{name}");
        }
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
