using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>A template reads what there is not.</summary>
internal sealed class UnknownNameException(string name, string message) : Exception(message)
{
    /// <summary>As the template has it.</summary>
    public string Name => name;
}

/// <summary>
/// A model as templates see it. Fluid's own strictness takes a member without a value for one that does not exist, so this tells the two apart.
/// </summary>
internal sealed class ModelValue(TemplateModel model) : ObjectValueBase(model)
{
    private static readonly ConcurrentDictionary<Type, FrozenDictionary<string, PropertyInfo>> Known = new();

    /// <summary>The members of a model, by the names templates use.</summary>
    public static FrozenDictionary<string, PropertyInfo> MembersOf(Type model) => Known.GetOrAdd(
        model, type => type.GetProperties().ToFrozenDictionary(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), StringComparer.Ordinal));

    /// <summary>Nothing: a model is not written as a whole, and Fluid would not encode it in a list.</summary>
    public override string ToStringValue() => "";

    /// <inheritdoc />
    public override ValueTask<FluidValue> GetValueAsync(string name, TemplateContext context)
    {
        var members = MembersOf(Value.GetType());
        return members.TryGetValue(name, out var member)
            ? Create(member.GetValue(Value), context.Options)
            : throw new UnknownNameException(name, $"'{name}' is unknown here, where there are {string.Join(", ", members.Keys.Order(StringComparer.Ordinal))}");
    }
}

/// <summary>A language's texts as templates see them.</summary>
internal sealed class TextsValue(IReadOnlyDictionary<string, string> texts) : ObjectValueBase(texts)
{
    private readonly FrozenDictionary<string, FluidValue> values =
        texts.ToFrozenDictionary(t => t.Key, FluidValue (t) => new StringValue(t.Value), StringComparer.Ordinal);

    /// <summary>Nothing: texts are not written all at once.</summary>
    public override string ToStringValue() => "";

    /// <inheritdoc />
    public override ValueTask<FluidValue> GetValueAsync(string name, TemplateContext context) =>
        values.TryGetValue(name, out var text) ? text : throw new UnknownNameException(name, $"no file of texts has '{name}'");
}
