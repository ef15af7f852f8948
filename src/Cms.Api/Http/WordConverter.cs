using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cms.Api.Http;

/// <summary>Enumerations by their words; another word is refused with the list of those there are.</summary>
internal sealed class WordConverter : JsonConverterFactory
{
    private static readonly ConcurrentDictionary<Type, string[]> Known = new();

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum && typeToConvert != typeof(DayOfWeek);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter?)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert)) ?? throw new InvalidOperationException("A converter has a constructor.");

    /// <summary>The words of an enumeration, in the order of its values.</summary>
    public static string[] Words(Type type) => Known.GetOrAdd(type, t => [.. Enum.GetNames(t).Select(n =>
        t.GetField(n)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(n))]);

    private sealed class Of<T> : JsonConverter<T> where T : struct, Enum
    {
        private static readonly T[] Values = Enum.GetValues<T>();

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Array.IndexOf(Words(typeof(T)), reader.GetString()) is >= 0 and var i
                ? Values[i]
                : throw new TextException($"Give one of: {string.Join(", ", Words(typeof(T)))}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words(typeof(T))[Array.IndexOf(Values, value)]);
    }
}
