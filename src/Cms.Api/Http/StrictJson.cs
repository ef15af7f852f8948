using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Cms.Domain.Text;

namespace Cms.Api.Http;

/// <summary>A text that cannot be kept: its message is ours, so it may be shown.</summary>
internal sealed class TextException(string message) : JsonException(message);

/// <summary>
/// How JSON is read and written: nothing is guessed. Unknown and duplicate members, comments, trailing commas, <c>"1"</c> for 1 and other
/// case are refused (RFC 8259, RFC 7493); missing and null are the validator's matter, so that all faults are told at once.
/// </summary>
internal static class StrictJson
{
    public const int MaxDepth = 32;

    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Applies the same to the framework's own reader and writer.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = Options.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.Encoder = Options.Encoder;
        options.MaxDepth = MaxDepth;
        foreach (var converter in Options.Converters) options.Converters.Add(converter);
    }

    private static JsonSerializerOptions Make() => new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DictionaryKeyPolicy = null,
        RespectRequiredConstructorParameters = false,
        RespectNullableAnnotations = false,
        AllowOutOfOrderMetadataProperties = true, // a block's type may stand anywhere in its object
        MaxDepth = MaxDepth,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new TextConverter(), new InstantConverter(), new GuidConverter(), new DayConverter(), new WordConverter() },
    };

    /// <summary>Text becomes NFC here, once, before anything measures, hashes or compares it (UAX 15).</summary>
    private sealed class TextConverter : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String) throw new JsonException("The JSON value could not be converted to a string.");
            return Clean(reader.GetString() ?? "");
        }

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Clean(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

        private static string Clean(string text) => TextRules.HasBrokenUnicode(text)
            ? throw new TextException("The text holds U+0000 or half a surrogate pair, which cannot be stored.")
            : TextRules.Normalize(text);
    }

    /// <summary>Instants need an offset and lie in the years 1600 to 2199; they are kept in UTC to the microsecond.</summary>
    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String || !Instant.TryParse(reader.GetString(), out var instant))
                throw new TextException("Give an RFC 3339 time with an offset, in the years 1600 to 2199, such as 2026-11-24T09:00:00Z.");
            return instant;
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
    }

    private sealed class GuidConverter : JsonConverter<Guid>
    {
        public override Guid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Guid.TryParseExact(reader.GetString(), "D", out var id)
                ? id
                : throw new TextException("Give an id, such as 0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f.");

        public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    /// <summary>Days of the week by their lower-case English names.</summary>
    private sealed class DayConverter : JsonConverter<DayOfWeek>
    {
        private static readonly string[] Names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

        public override DayOfWeek Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Array.IndexOf(Names, reader.GetString()) is >= 0 and var day
                ? (DayOfWeek)day
                : throw new TextException("Give a day, such as monday.");

        public override void Write(Utf8JsonWriter writer, DayOfWeek value, JsonSerializerOptions options) => writer.WriteStringValue(Names[(int)value]);
    }
}
