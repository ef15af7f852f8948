using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cms.Api.Management.Articles;
using Cms.Api.OpenApi;

namespace Cms.Api.Http;

/// <summary>Makes of a reader's complaint the pointer and the words that tell a client what to change.</summary>
internal static class JsonFault
{
    private const string Property = "The JSON property '", NotMapped = "' could not be mapped to any .NET member contained in type '", Converted = "could not be converted to ";

    public static FieldError Of(JsonException fault)
    {
        var pointer = Pointer(fault.Path);
        var message = Alone(fault);
        // The name is the client's and may say anything: the words of .NET are the last ones.
        if (message.StartsWith(Property, StringComparison.Ordinal) && message.LastIndexOf(NotMapped, StringComparison.Ordinal) is > 0 and var end)
        {
            var (unknown, type) = (message[Property.Length..end], message[(end + NotMapped.Length)..].Split('\'')[0]);
            return new(pointer.EndsWith('/' + Escape(unknown), StringComparison.Ordinal) ? pointer : $"{pointer}/{Escape(unknown)}", "unknown", NoMember(unknown, Inputs.GetValueOrDefault(type)));
        }

        if (message.Contains("uplicate", StringComparison.Ordinal)) return new(pointer, "duplicate", "A member stands twice in one object.");
        if (message.Contains("type discriminator", StringComparison.Ordinal))
            return new(pointer.EndsWith("/type", StringComparison.Ordinal) ? pointer : $"{pointer}/type", "unknown", NoBlock);
        if (message.Contains(Converted, StringComparison.Ordinal)) return new(pointer, "type", Wanted(message, pointer));
        if (message.Contains("maximum configured depth", StringComparison.Ordinal)) return new(pointer, "depth", $"The JSON nests deeper than {StrictJson.MaxDepth}.");
        return new(pointer, "json", fault is TextException text ? text.Message : Place(fault));
    }

    /// <summary>Says what a member may be called instead.</summary>
    /// <param name="name">As it was sent.</param>
    /// <param name="type">Of the object; null when nobody knows.</param>
    public static string NoMember(string name, Type? type) => type is not null && StrictJson.Options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } known
        ? $"There is no member \"{name}\" here that may be written. There are: {string.Join(", ", known.Properties.Select(p => p.Name))}."
        : $"There is no member \"{name}\" here that may be written.";

    // A type that is missing is told by .NET in the same way as one that is unknown.
    private static readonly string NoBlock = $"Give the block one of these types: {string.Join(", ", BlockSchemas.SubTypes(typeof(BlockInput)).Select(BlockSchemas.Word))}.";

    // Without the path at its end, which holds names that the client chose.
    private static string Alone(JsonException fault) =>
        fault.Message.LastIndexOf($" Path: {fault.Path} | LineNumber: ", StringComparison.Ordinal) is > 0 and var path ? fault.Message[..path] : fault.Message;

    // What clients send, by the name that .NET gives it.
    private static readonly Dictionary<string, Type> Inputs = typeof(JsonFault).Assembly.GetTypes()
        .Where(t => t is { IsGenericType: false, FullName: not null } && t.Name.EndsWith("Input", StringComparison.Ordinal)).ToDictionary(t => t.FullName ?? "", StringComparer.Ordinal);

    // .NET names the type that it wanted; of a number or a truth value, that of the object around it.
    private static string Wanted(string message, string pointer)
    {
        var name = message[(message.LastIndexOf(Converted, StringComparison.Ordinal) + Converted.Length)..].TrimEnd('.');
        if (!Inputs.TryGetValue(name, out var type)) return Wanted(name);
        var member = StrictJson.Options.GetTypeInfo(type).Properties.FirstOrDefault(p => pointer.EndsWith('/' + p.Name, StringComparison.Ordinal))?.PropertyType;
        return member is null ? "Give an object." : Wanted((Nullable.GetUnderlyingType(member) ?? member).Name);
    }

    private static string Wanted(string type) => type switch
    {
        "a string" or "String" => "Give a string.",
        "Int32" or "Int64" => "Give a whole number.",
        "Boolean" => "Give true or false.",
        _ when type.Contains("List`1", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "Give an array.",
        _ when type.Contains("Dictionary`2", StringComparison.Ordinal) || type.EndsWith("Input", StringComparison.Ordinal) => "Give an object.",
        _ => "The value has the wrong type or form.",
    };

    // Counted from one, as people and editors do.
    private static string Place(JsonException fault) => fault is { LineNumber: { } line, BytePositionInLine: { } at }
        ? $"This is not well-formed JSON, at line {line + 1}, byte {at + 1}."
        : "This is not well-formed JSON.";

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
}
