using System.Text.Json.Nodes;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Infrastructure.Idempotency;
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
        foreach (var parameter in operation.Parameters) Bound(parameter);
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(q => q.All)) operation.Parameters.Add(Of(parameter));
        if (metadata.OfType<IfMatchRequired>().Any()) operation.Parameters.Add(Header("If-Match", "The ETag that you read, or `*`.", required: true, "\"2fd\"", Protection.MaxHeaderBytes));
        if (metadata.OfType<TakesIdempotencyKey>().Any())
        {
            var keys = $"The same key and body give the first answer again, for 24 hours. 1 to {IdempotencyRecord.KeyMaxLength} visible ASCII characters.";
            operation.Parameters.Add(Header("Idempotency-Key", keys, required: false, "d9f1c0de-2b7f-4b0a-9d0a-6f2d5a1c7e11", IdempotencyRecord.KeyMaxLength));
        }

        if (metadata.OfType<Face>().FirstOrDefault() is { IsShared: true })
            operation.Parameters.Add(Header("If-None-Match", "An ETag that you hold: 304 when it is still the present one.", required: false, "\"a9013f4b52b18663f696a56de12023c2\"", Protection.MaxHeaderBytes));
        operation.RequestBody = metadata.OfType<BodyMetadata>().FirstOrDefault() is { } body ? Of(body, context)
            : metadata.OfType<FileMetadata>().FirstOrDefault() is { } file ? Of(file) : null;
    }

    private static OpenApiRequestBody Of(FileMetadata file) => new()
    {
        Required = true,
        Description = $"A file, UTF-8, at most {file.MaxBytes / 1024 / 1024} MiB. It is read as it comes.",
        Content = new Dictionary<string, IOpenApiMediaType> { [file.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = Examples.Text("import.csv") } },
    };

    private static OpenApiRequestBody Of(BodyMetadata body, OperationFilterContext context)
    {
        var schema = context.SchemaGenerator.GenerateSchema(body.Type, context.SchemaRepository);
        var example = Examples.Of(SchemaNames.Of(body.Type));
        if (body.MediaType == BodyMetadata.MergePatch) (schema, example) = (PatchOf(SchemaNames.Of(body.Type), context.SchemaRepository), Examples.PatchOf(example));
        return new()
        {
            Required = true,
            Description = $"At most {body.MaxBytes / 1024} KiB.",
            Content = body.All.ToDictionary(media => media, IOpenApiMediaType (_) => new OpenApiMediaType { Schema = schema, Example = example }),
        };
    }

    // No other text stands in a path; ids of all but tokens are UUIDs.
    private static void Bound(IOpenApiParameter parameter)
    {
        if (parameter is { Name: "edition", Schema: OpenApiSchema number }) (number.Minimum, number.Maximum) = ("1", "9007199254740991"); // as far as JSON's numbers are exact
        if (parameter.Schema is not OpenApiSchema { Format: null } schema) return;
        if (parameter.Name == "slug") (schema.MinLength, schema.MaxLength) = (1, Domain.Text.Slug.MaxLength);
        else if (parameter.Name == "format") schema.Enum = [.. Syndication.Feeds.FeedFormat.All.Select(f => (JsonNode)JsonValue.Create(f.Name))];
        else if (parameter.Name == "shard") (schema.MinLength, schema.MaxLength, schema.Pattern) = (9, 12, @"^\d{4}-\d{2}-\d{1,4}$");
        else if (parameter.Name == "link") (schema.MinLength, schema.MaxLength) = (1, Newsletter.ReaderPaths.LinkMaxLength);
        else if (parameter.Name == "type") schema.Enum = [.. ProblemType.All.Select(t => (JsonNode)JsonValue.Create(t.Name))];
        else (schema.MinLength, schema.MaxLength) = (TokenSecret.IdLength, TokenSecret.IdLength);
    }

    /// <summary>The same members, none needed; null empties one that may be empty (RFC 7396). Objects within are patched too, lists replaced.</summary>
    private static OpenApiSchemaReference PatchOf(string input, SchemaRepository schemas)
    {
        var (name, whole) = (input.Replace("Input", "Patch", StringComparison.Ordinal), schemas.Schemas[input]);
        if (!schemas.Schemas.ContainsKey(name))
        {
            var patch = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Members to change; null empties one.", AdditionalPropertiesAllowed = false, Properties = new Dictionary<string, IOpenApiSchema>() };
            schemas.AddDefinition(name, patch);
            foreach (var (member, schema) in whole.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                var change = ChangeOf(schema, schemas);
                patch.Properties[member] = whole.Required?.Contains(member) == true ? change : NullabilitySchemaFilter.OrNull(change);
            }
        }

        return new OpenApiSchemaReference(name);
    }

    private static IOpenApiSchema ChangeOf(IOpenApiSchema schema, SchemaRepository schemas)
    {
        var named = schema as OpenApiSchemaReference ?? (schema as OpenApiSchema)?.OneOf?.OfType<OpenApiSchemaReference>().FirstOrDefault();
        if (named?.Reference.Id is { } id && id.EndsWith("Input", StringComparison.Ordinal)) return PatchOf(id, schemas);
        if (schema.CreateShallowCopy() is not OpenApiSchema copy) return schema;
        if (copy.AdditionalProperties?.CreateShallowCopy() is OpenApiSchema value) copy.AdditionalProperties = NullabilitySchemaFilter.OrNull(value); // null takes an entry out
        return copy;
    }

    private static OpenApiParameter Header(string name, string description, bool required, string example, int maxLength) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength },
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
