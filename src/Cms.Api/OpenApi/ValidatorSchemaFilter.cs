using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cms.Api.Http;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>Bounds in OpenAPI are those that the validator holds to: one constant for both.</summary>
internal sealed class ValidatorSchemaFilter(IServiceProvider services) : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { } properties } whole || Validator(context.Type) is not { } validator) return;

        foreach (var member in validator.CreateDescriptor().GetMembersWithValidators())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(member.Key);
            if (!properties.TryGetValue(name, out var property)) continue;
            foreach (var (rule, options) in member) Apply(rule, options.HasCondition, name, property, whole);
        }
    }

    private IValidator? Validator(Type type) => type.IsClass && type != typeof(string)
        ? services.GetService(typeof(IValidator<>).MakeGenericType(type)) as IValidator
        : null;

    private static void Apply(IPropertyValidator rule, bool conditional, string name, IOpenApiSchema property, OpenApiSchema whole)
    {
        var plain = property as OpenApiSchema;
        switch (rule)
        {
            case INotEmptyValidator or INotNullValidator when !conditional && plain?.Items is null | rule is INotEmptyValidator:
                (whole.Required ??= new HashSet<string>()).Add(name);
                if (plain is { Type: { } type }) plain.Type = type & ~JsonSchemaType.Null;
                if (plain is { OneOf: [OpenApiSchemaReference reference, _] } && whole.Properties is { } members) members[name] = reference; // or null no more
                if (rule is INotEmptyValidator && plain is not null && plain.Type?.HasFlag(JsonSchemaType.String) == true) plain.MinLength = 1;
                if (rule is INotEmptyValidator && plain?.Items is not null) plain.MinItems = 1;
                break;
            case IMaxLength length when plain is not null:
                (plain.Items as OpenApiSchema ?? plain).MaxLength = length.Max;
                break;
            case ILengthValidator { Min: > 0 } length when plain is not null:
                plain.MinLength = length.Min;
                break;
            case IOneOf oneOf when plain?.Items is OpenApiSchema item:
                item.Enum = [.. oneOf.Words.Select(w => (JsonNode)JsonValue.Create(w))];
                break;
            case IMaxEntries entries when plain is not null:
                plain.MaxProperties = entries.Max;
                break;
            case IMaxItems items when plain is not null:
                plain.MaxItems = items.Max;
                break;
            case IBetweenValidator between when plain is not null:
                plain.Minimum = Convert.ToString(between.From, CultureInfo.InvariantCulture);
                plain.Maximum = Convert.ToString(between.To, CultureInfo.InvariantCulture);
                break;
        }
    }
}
