using System.Text.Json.Nodes;
using Cms.Api.Http;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>What an operation takes: its body, parameters and headers, from what its endpoint declares.</summary>
internal sealed class RequestFilter : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        // Only what stands in the path is the framework's to describe.
        operation.Parameters = [.. (operation.Parameters ?? []).Where(p => p.In == ParameterLocation.Path)];
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(q => q.All)) operation.Parameters.Add(Of(parameter));
        if (metadata.OfType<IfMatchRequired>().Any()) operation.Parameters.Add(Header("If-Match", "The ETag that you read, or `*`.", required: true, "\"2fd\""));
        if (metadata.OfType<TakesIdempotencyKey>().Any())
            operation.Parameters.Add(Header("Idempotency-Key", "The same key and body give the first answer again, for 24 hours. 1 to 255 visible ASCII characters.", required: false, "d9f1c0de-2b7f-4b0a-9d0a-6f2d5a1c7e11", 255));
        if (metadata.OfType<Face>().FirstOrDefault() == Face.Delivery)
            operation.Parameters.Add(Header("If-None-Match", "An ETag that you hold: 304 when it is still the present one.", required: false, "\"a9013f4b52b18663f696a56de12023c2\""));
        operation.RequestBody = metadata.OfType<BodyMetadata>().FirstOrDefault() is { } body ? Of(body, context) : null;
    }

    private static OpenApiRequestBody Of(BodyMetadata body, OperationFilterContext context)
    {
        var schema = context.SchemaGenerator.GenerateSchema(body.Type, context.SchemaRepository);
        var example = Examples.Of(SchemaNames.Of(body.Type));
        if (body.MediaType == BodyMetadata.MergePatch) (schema, example) = (PatchOf(body.Type, context.SchemaRepository), Examples.PatchOf(example));
        return new()
        {
            Required = true,
            Description = $"At most {body.MaxBytes / 1024} KiB.",
            Content = new Dictionary<string, IOpenApiMediaType> { [body.MediaType] = new OpenApiMediaType { Schema = schema, Example = example } },
        };
    }

    /// <summary>The same members, none needed; null empties one (RFC 7396).</summary>
    private static OpenApiSchemaReference PatchOf(Type type, SchemaRepository schemas)
    {
        var (name, whole) = (SchemaNames.Of(type).Replace("Input", "Patch", StringComparison.Ordinal), schemas.Schemas[SchemaNames.Of(type)]);
        if (!schemas.Schemas.ContainsKey(name))
        {
            var patch = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Members to change; null empties one.", AdditionalPropertiesAllowed = false, Properties = new Dictionary<string, IOpenApiSchema>() };
            foreach (var (member, schema) in whole.Properties ?? new Dictionary<string, IOpenApiSchema>())
                patch.Properties[member] = NullabilitySchemaFilter.OrNull(schema is OpenApiSchema plain ? plain.CreateShallowCopy() : schema);
            schemas.AddDefinition(name, patch);
        }

        return new OpenApiSchemaReference(name);
    }

    private static OpenApiParameter Header(string name, string description, bool required, string example, int? maxLength = null) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = maxLength is null ? null : 1, MaxLength = maxLength },
        Example = JsonValue.Create(example),
    };

    private static OpenApiParameter Of(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Required = parameter.Required,
        Schema = parameter.Several ? SeveralOf(parameter) : SchemaOf(parameter),
        Style = ParameterStyle.Form,
        Explode = !parameter.Several,
    };

    private static OpenApiSchema SeveralOf(QueryParameter parameter) => new()
    {
        Type = JsonSchemaType.Array,
        Items = SchemaOf(parameter),
        MinItems = 1,
        MaxItems = Math.Min(QueryParameter.MaxValues, (parameter as WordsParameter)?.Words.Count ?? int.MaxValue),
        UniqueItems = true,
    };

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter switch
    {
        NumberParameter p => new() { Type = JsonSchemaType.Integer, Minimum = $"{p.Min}", Maximum = $"{p.Max}", Default = JsonValue.Create(p.Default) },
        TextParameter p => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = p.MaxLength },
        WordsParameter p => Words(p),
        IdsParameter => new() { Type = JsonSchemaType.String, Format = "uuid" },
        InstantParameter => new() { Type = JsonSchemaType.String, Format = "date-time" },
        LanguagesParameter => new() { Type = JsonSchemaType.String, MinLength = 2, MaxLength = Domain.Text.LanguageTag.MaxLength },
        SlugParameter => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Domain.Text.Slug.MaxLength },
        _ => throw new InvalidOperationException($"OpenAPI has no schema of {parameter.GetType().Name}."),
    };

    private static OpenApiSchema Words(WordsParameter parameter) => new() { Type = JsonSchemaType.String, Enum = [.. parameter.Words.Select(w => (JsonNode)JsonValue.Create(w))] };
}
