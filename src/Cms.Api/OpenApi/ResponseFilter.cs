using System.Text.Json.Nodes;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>What an operation answers: its own, and every refusal that it declares or that all of its kind have.</summary>
internal sealed class ResponseFilter : IOperationFilter
{
    private const string ProblemMedia = "application/problem+json";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var scopes = metadata.OfType<RequiredScopes>().FirstOrDefault();
        operation.Security = scopes is null ? [] : [new() { [new OpenApiSecuritySchemeReference(DocumentFilter.Scheme, context.Document)] = [] }];
        if (scopes is not null) operation.Description = $"Needs one of the scopes {string.Join(", ", scopes.AnyOf.Select(s => $"`{s}`"))}.";

        var responses = operation.Responses ??= [];
        foreach (var (status, response) in responses)
            if (response is OpenApiResponse own) Complete(own, status, operation.OperationId ?? "", context);
        foreach (var sends in metadata.OfType<SendsMedia>()) responses["200"] = Of(sends, operation.OperationId ?? "", context);
        if (metadata.OfType<TellsReuse>().Any() && responses.TryGetValue("200", out var whole) && whole is OpenApiResponse { Headers: { } told })
            (told[ReuseHeaders.Reservation], told[ReuseHeaders.Policy]) = (Header("TDMRep: `1` where text and data mining is reserved, `0` where it is not; absent where nobody says."), Header("TDMRep: how to get leave, an address; absent where there is none."));
        foreach (var also in metadata.OfType<AlsoAnswers>()) responses[$"{also.Status}"] = Bare(also);
        foreach (var status in Refusals(metadata, scopes is not null)) responses[$"{status}"] = Refusal(status, context);
        if (metadata.OfType<LeadsOn>().Any() && responses.TryGetValue("202", out var accepted) && accepted is OpenApiResponse { Headers: { } leads }) leads["Location"] = Header("Where it tells how it goes, relative.");
        if (responses.TryGetValue("201", out var created) && created is OpenApiResponse { Headers: { } headers }) headers["Location"] = Header("The new resource, relative.");
    }

    private static SortedSet<int> Refusals(IList<object> metadata, bool scoped)
    {
        var statuses = new SortedSet<int>(metadata.OfType<Refusals>().SelectMany(r => r.Statuses)) { 400 };
        if (metadata.OfType<Face>().Any()) statuses.UnionWith(metadata.OfType<AsksNobody>().Any() ? [503] : [500, 503, 504]);
        if (scoped) statuses.UnionWith([401, 403, 429]);
        return statuses;
    }

    private static void Complete(OpenApiResponse response, string status, string operation, OperationFilterContext context)
    {
        var face = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<Face>().FirstOrDefault();
        if (response.Content is not { Count: > 0 } content) return;

        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        var schema = content.Values.First().Schema as OpenApiSchemaReference;
        foreach (var media in content.Values.OfType<OpenApiMediaType>().Where(_ => schema is not null)) media.Example = Examples.Of(schema?.Reference.Id ?? "", operation);
        if (face is null) return;

        var isPage = schema?.Reference.Id?.EndsWith("Page", StringComparison.Ordinal) == true;
        // Delivery and syndication hash what they send; elsewhere a version is the resource's own, and many answers have none.
        var type = context.ApiDescription.SupportedResponseTypes.FirstOrDefault(t => $"{t.StatusCode}" == status)?.Type;
        if (HasVersions(face) ? typeof(IVersioned).IsAssignableFrom(type) : face == Face.Delivery || !isPage) response.Headers["ETag"] = Header("The version of what is answered.");
        if (isPage) response.Headers["Link"] = Header("`rel=\"next\"`: the next page, relative; absent on the last one.");
    }

    private static bool HasVersions(Face? face) => face == Face.Management || face == Face.Newsletter;

    private static OpenApiResponse Of(SendsMedia sends, string operation, OperationFilterContext context) => new()
    {
        Description = "OK",
        Headers = HasVersions(context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<Face>().FirstOrDefault())
            ? null : new Dictionary<string, IOpenApiHeader> { ["ETag"] = Header("The version of what is answered.") },
        Content = sends.Media.ToDictionary(m => m.Name, m => (IOpenApiMediaType)(m.Type is null
            ? new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } }
            : new OpenApiMediaType { Schema = context.SchemaGenerator.GenerateSchema(m.Type, context.SchemaRepository), Example = ExampleOf(m.Type, operation) })),
    };

    private static JsonNode? ExampleOf(Type type, string operation) => type.IsGenericType
        ? new JsonArray(Examples.Of(SchemaNames.Of(type.GetGenericArguments()[0]), operation))
        : Examples.Of(SchemaNames.Of(type), operation);

    private static OpenApiResponse Bare(AlsoAnswers also) => new()
    {
        Description = also.Description,
        Headers = also.Status is 301 or 302 ? new Dictionary<string, IOpenApiHeader> { ["Location"] = Header(also.Status == 301 ? "The present address, relative." : "Absolute.") } : null,
    };

    private static OpenApiResponse Refusal(int status, OperationFilterContext context)
    {
        var types = ProblemType.All.Where(t => t.Status == status).ToList();
        var type = ProblemType.OfStatus(status) ?? types[0];
        var example = new JsonObject
        {
            ["type"] = type.Uri,
            ["title"] = type.Title,
            ["status"] = status,
            ["detail"] = "What to change, in a sentence.",
            ["instance"] = "/" + context.ApiDescription.RelativePath,
            ["traceId"] = "7a9a18ec2a23c802cfa5bb694ab8c921",
        };
        if (status is 400 or 422) example["errors"] = new JsonArray(new JsonObject { ["pointer"] = "/headline", ["code"] = "required", ["message"] = "Give a value." });
        var schema = context.SchemaGenerator.GenerateSchema(typeof(Problem), context.SchemaRepository);
        return new()
        {
            Description = string.Join("; ", types.Select(t => t.Title)) + ".",
            Headers = status is 429 or 503 ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Header("Seconds to wait.") } : null,
            Content = new Dictionary<string, IOpenApiMediaType> { [ProblemMedia] = new OpenApiMediaType { Schema = schema, Example = example } },
        };
    }

    private static OpenApiHeader Header(string description) => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}

/// <summary>A refusal (RFC 9457). <c>errors</c> is there when something of the request is to be mended.</summary>
/// <param name="Type">A stable address that says what kind of refusal it is, and what to do.</param>
/// <param name="Title">The same for every refusal of the kind.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What to change, this time.</param>
/// <param name="Instance">The path that was asked.</param>
/// <param name="TraceId">Finds the request in the log.</param>
/// <param name="Errors">What to mend, by JSON pointer or parameter's name.</param>
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Instance, string TraceId, IReadOnlyList<FieldError>? Errors);
