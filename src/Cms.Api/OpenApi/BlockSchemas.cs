using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>
/// Blocks are one of a closed list, told apart by <c>type</c>: read from the same attributes as the JSON reader does. Each is a schema of its
/// own, whole: a base that forbids further members, under <c>allOf</c>, would forbid those of every block.
/// </summary>
internal sealed class BlockSchemas : ISchemaFilter
{
    public static string? Discriminator(Type type) =>
        type.GetCustomAttribute<JsonPolymorphicAttribute>(inherit: false)?.TypeDiscriminatorPropertyName;

    public static IEnumerable<Type> SubTypes(Type type) => type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(d => d.DerivedType);

    public static string? Word(Type type) => type.BaseType?.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
        .FirstOrDefault(d => d.DerivedType == type)?.TypeDiscriminator?.ToString();

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema whole) return;
        if (Word(context.Type) is { } word) Flatten(whole, word, context.Type);
        foreach (var member in context.Type.GetProperties().Where(p => p.PropertyType.IsGenericType))
            if (member.PropertyType.GetGenericArguments() is [var item] && Discriminator(item) is { } name
                && whole.Properties?.TryGetValue(JsonNamingPolicy.CamelCase.ConvertName(member.Name), out var list) == true
                && list is OpenApiSchema { Items: OpenApiSchema { OneOf.Count: > 0 } items })
                items.Discriminator = new() { PropertyName = name, Mapping = SubTypes(item).ToDictionary(t => Word(t) ?? "", t => new OpenApiSchemaReference(SchemaNames.Of(t))) };
    }

    private static void Flatten(OpenApiSchema block, string word, Type type)
    {
        var input = NullabilitySchemaFilter.IsInput(type);
        var members = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create(word)] },
            ["id"] = new OpenApiSchema
            {
                Type = input ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String,
                MaxLength = Domain.Articles.Blocks.Block.IdMaxLength,
                Description = "Stable within the article.",
            },
        };
        foreach (var (name, member) in block.Properties ?? new Dictionary<string, IOpenApiSchema>()) members.TryAdd(name, member);
        (block.AllOf, block.Properties) = (null, members);
        block.Required ??= new HashSet<string>();
        block.Required.Add("type");
        if (!input) block.Required.Add("id");
    }
}
