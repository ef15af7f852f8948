using System.Reflection;
using System.Text.Json;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>The member is there when a parameter asks for it, and is never null then unless it says so.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OnRequestAttribute : Attribute
{
    /// <summary>There may be none.</summary>
    public bool OrNull { get; init; }
}

/// <summary>Says what may be null, references too, and that an answer always has all its members. Inputs have no others than those named.</summary>
internal sealed class NullabilitySchemaFilter : ISchemaFilter
{
    private static readonly OpenApiSchema Null = new() { Type = JsonSchemaType.Null };

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema whole || whole.Properties is not { Count: > 0 } properties || context.Type.Assembly.GetName().Name?.StartsWith("Cms.", StringComparison.Ordinal) != true) return;

        var members = context.Type.GetProperties().ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), StringComparer.Ordinal);
        foreach (var (name, property) in properties.ToList())
            if (members.TryGetValue(name, out var member)) properties[name] = MayBeNull(member) && member.GetCustomAttribute<OnRequestAttribute>() is null or { OrNull: true } ? OrNull(property) : NotNull(property);
        whole.AdditionalPropertiesAllowed = !IsInput(context.Type); // answers may grow
        if (!IsInput(context.Type)) whole.Required = properties.Keys.Where(name => !members.TryGetValue(name, out var member) || !IsOnRequest(member)).ToHashSet(StringComparer.Ordinal);
    }

    public static bool IsInput(Type type) => type.Name.EndsWith("Input", StringComparison.Ordinal);

    /// <summary>The same schema, or null.</summary>
    public static IOpenApiSchema OrNull(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { Type: { } type } plain)
        {
            plain.Type = type | JsonSchemaType.Null;
            return plain;
        }

        return schema is OpenApiSchema { OneOf.Count: > 0 } ? schema : new OpenApiSchema { OneOf = [schema, Null] };
    }

    private static IOpenApiSchema NotNull(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { Type: { } type } plain) plain.Type = type & ~JsonSchemaType.Null;
        return schema;
    }

    private static bool IsOnRequest(PropertyInfo member) => member.IsDefined(typeof(OnRequestAttribute));

    private static bool MayBeNull(PropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is not null || new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable;
}
