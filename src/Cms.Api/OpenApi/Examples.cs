using System.Reflection;
using System.Text.Json.Nodes;

namespace Cms.Api.OpenApi;

/// <summary>An example of each body and answer, by its schema's name: the files of OpenApi/Examples. A test holds them against their schemas.</summary>
internal static class Examples
{
    private const int PatchedMembers = 2;

    /// <summary>Null when there is none.</summary>
    public static JsonNode? Of(string schema)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"examples/{schema}.json");
        if (stream is not null) return JsonNode.Parse(stream);
        return schema.EndsWith("Page", StringComparison.Ordinal) && Of(schema[..^4]) is { } item
            ? new JsonObject { ["items"] = new JsonArray(item), ["next"] = null }
            : null;
    }

    /// <summary>The schema's example as this operation answers it: <c>{Schema}.{operationId}.json</c> has the members that differ.</summary>
    public static JsonNode? Of(string schema, string operation)
    {
        var example = Of(schema);
        if (example is JsonObject whole && Of($"{schema}.{operation}") is JsonObject differing)
            foreach (var (name, value) in differing) whole[name] = value?.DeepClone();
        return example;
    }

    /// <summary>An example that is no JSON.</summary>
    public static JsonNode? Text(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"examples/{file}");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return JsonValue.Create(reader.ReadToEnd());
    }

    /// <summary>A change of the first members of an input.</summary>
    public static JsonNode? PatchOf(JsonNode? input) => input is JsonObject whole
        ? new JsonObject(whole.Where(m => m.Value is not null).Take(PatchedMembers).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))
        : null;
}
