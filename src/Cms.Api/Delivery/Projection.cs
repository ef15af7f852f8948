using System.Buffers;
using System.Text.Json;

namespace Cms.Api.Delivery;

/// <summary>Some members of an answer that is stored whole: what <c>fields</c> and <c>include</c> ask for, in the order of the whole.</summary>
internal static class Projection
{
    /// <summary>Copies members as they are, byte for byte: nothing is decoded and written anew.</summary>
    public static byte[] Of(ReadOnlySpan<byte> json, IReadOnlySet<string> members)
    {
        var output = new ArrayBufferWriter<byte>(json.Length);
        var reader = new Utf8JsonReader(json);
        var isFirst = true;
        reader.Read();
        output.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (begin, isWanted) = ((int)reader.TokenStartIndex, members.Contains(reader.GetString() ?? ""));
            reader.Read();
            reader.Skip();
            if (!isWanted) continue;
            if (!isFirst) output.Write(","u8);
            output.Write(json[begin..(int)reader.BytesConsumed]);
            isFirst = false;
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Adds a member at the end of an object that has some.</summary>
    public static byte[] With(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => [.. json[..^1], .. ",\""u8, .. name, .. "\":"u8, .. value, .. "}"u8];
}
