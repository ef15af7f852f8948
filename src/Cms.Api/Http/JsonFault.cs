using System.Text;
using System.Text.Json;

namespace Cms.Api.Http;

/// <summary>Makes of a reader's complaint the pointer and the words that tell a client what to change.</summary>
internal static class JsonFault
{
    public static FieldError Of(JsonException fault)
    {
        var pointer = Pointer(fault.Path);
        var message = fault.Message;
        if (Quoted(message, "The JSON property '") is { } unknown)
            return new(pointer.EndsWith('/' + Escape(unknown), StringComparison.Ordinal) ? pointer : $"{pointer}/{Escape(unknown)}", "unknown",
                $"There is no member \"{unknown}\" here that may be written.");
        if (message.Contains("uplicate", StringComparison.Ordinal)) return new(pointer, "duplicate", "A member stands twice in one object.");
        if (message.Contains("type discriminator", StringComparison.Ordinal))
            return new(pointer.EndsWith("/type", StringComparison.Ordinal) ? pointer : $"{pointer}/type", "unknown", "There is no block of this type, or it has no type.");
        if (message.Contains("could not be converted", StringComparison.Ordinal)) return new(pointer, "type", "The value has the wrong type or form.");
        if (message.Contains("maximum configured depth", StringComparison.Ordinal)) return new(pointer, "depth", $"The JSON nests deeper than {StrictJson.MaxDepth}.");
        return new(pointer, "json", fault is TextException text ? text.Message : "This is not well-formed JSON.");
    }

    /// <summary>Reads JSON strictly; every fault of it is a <see cref="JsonException"/>.</summary>
    public static T? Read<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (NotSupportedException e) when (e.Message.Contains("type discriminator", StringComparison.Ordinal))
        {
            // A block without a type: .NET calls it not supported, and names the path in its message alone.
            var path = e.Message.Split("Path: ") is [_, var rest, ..] ? rest.Split(" |")[0] : "$";
            throw new JsonException(e.Message, path, null, null);
        }
    }

    /// <summary><c>$.body[3].level</c>, and <c>Body[3].Level</c> of a validator, to <c>/body/3/level</c> (RFC 6901).</summary>
    public static string Pointer(string? path)
    {
        if (string.IsNullOrEmpty(path)) return "";

        var pointer = new StringBuilder();
        var rest = path.AsSpan();
        var isJson = rest[0] == '$'; // a reader's path has the names as they were sent; a validator's has those of C#
        if (isJson) rest = rest[1..];
        while (!rest.IsEmpty)
        {
            if (rest.StartsWith("['", StringComparison.Ordinal))
            {
                var end = rest.IndexOf("']", StringComparison.Ordinal);
                if (end < 0) end = rest.Length;
                pointer.Append('/').Append(Escape(rest[2..end].ToString()));
                rest = rest[Math.Min(end + 2, rest.Length)..];
                continue;
            }

            if (rest[0] is '.' or '[' or ']')
            {
                rest = rest[1..];
                continue;
            }

            var stop = rest.IndexOfAny(".[]");
            var step = stop < 0 ? rest : rest[..stop];
            pointer.Append('/').Append(Escape(isJson ? step.ToString() : JsonNamingPolicy.CamelCase.ConvertName(step.ToString())));
            rest = stop < 0 ? [] : rest[stop..];
        }

        return pointer.ToString();
    }

    /// <summary>A name as a step of a pointer (RFC 6901, 3).</summary>
    public static string Escape(string step) => step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string? Quoted(string message, string before)
    {
        if (!message.StartsWith(before, StringComparison.Ordinal)) return null;
        var end = message.IndexOf('\'', before.Length);
        return end < 0 ? null : message[before.Length..end];
    }
}
