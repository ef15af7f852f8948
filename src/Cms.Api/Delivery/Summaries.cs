using System.Text.Json;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>Articles within an answer. Their summaries are JSON already: nothing is decoded.</summary>
internal static class Summaries
{
    /// <summary>Writes <c>items</c>.</summary>
    /// <param name="writer">Within an object.</param>
    /// <param name="summaries">In order.</param>
    /// <param name="fields">The members of each that are asked for; none for all.</param>
    public static void Write(Utf8JsonWriter writer, IEnumerable<byte[]> summaries, string[] fields)
    {
        var wanted = fields.ToHashSet(StringComparer.Ordinal);
        writer.WriteStartArray("items");
        foreach (var json in summaries) writer.WriteRawValue(wanted.Count == 0 ? json : Projection.Of(json, wanted), skipInputValidation: true);
        writer.WriteEndArray();
    }

    /// <summary>Writes an object: a list with its articles.</summary>
    public static void Write(Utf8JsonWriter writer, ShownList list, string[] fields)
    {
        writer.WriteStartObject();
        WriteName(writer, list.Name);
        Write(writer, list.Items, fields);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members by which a list is named.</summary>
    public static void WriteName(Utf8JsonWriter writer, ListName name)
    {
        writer.WriteString("id", name.Id);
        writer.WriteString("slug", name.Slug);
        writer.WriteString("name", name.Name);
    }
}
