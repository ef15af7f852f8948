using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure;

/// <summary>
/// Values kept whole in one column. The type is <c>json</c>, not <c>jsonb</c>: nothing looks inside, and the text comes back as it went in
/// (jsonb reorders members, so a fingerprint over what was read would differ).
/// </summary>
internal static class JsonColumn
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>Stores the property as JSON text.</summary>
    public static PropertyBuilder<T> Json<T>(this PropertyBuilder<T> property) =>
        property.HasColumnType("json").HasConversion(v => Write(v), v => Read<T>(v), Comparer<T>());

    /// <inheritdoc cref="Json{T}(PropertyBuilder{T})" />
    public static ComplexTypePropertyBuilder<T> Json<T>(this ComplexTypePropertyBuilder<T> property) =>
        property.HasColumnType("json").HasConversion(v => Write(v), v => Read<T>(v), Comparer<T>());

    /// <summary>Stores the property as an array of ids, in order.</summary>
    public static PropertyBuilder<IReadOnlyList<Guid>> Ids(this PropertyBuilder<IReadOnlyList<Guid>> property) =>
        property.HasColumnType("uuid[]").HasConversion(v => v.ToArray(), v => v, IdsComparer());

    /// <inheritdoc cref="Ids(PropertyBuilder{IReadOnlyList{Guid}})" />
    public static ComplexTypePropertyBuilder<IReadOnlyList<Guid>> Ids(this ComplexTypePropertyBuilder<IReadOnlyList<Guid>> property) =>
        property.HasColumnType("uuid[]").HasConversion(v => v.ToArray(), v => v, IdsComparer());

    internal static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    internal static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidDataException($"A column of {typeof(T).Name} holds null.");

    // The values are immutable, so the snapshot is the value; equal text is no change.
    private static ValueComparer<T> Comparer<T>() =>
        new((a, b) => ReferenceEquals(a, b) || Write(a) == Write(b), v => Write(v).GetHashCode(StringComparison.Ordinal), v => v);

    private static ValueComparer<IReadOnlyList<Guid>> IdsComparer() =>
        new((a, b) => ReferenceEquals(a, b) || (a != null && b != null && a.SequenceEqual(b)), v => v.Count, v => v);
}
