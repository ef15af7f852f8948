using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Api.Management.Articles;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>A document for each face, made from what the endpoints declare; <c>docs/openapi</c> keeps a copy that a test compares.</summary>
internal static class Documents
{
    /// <summary>What each document is about.</summary>
    public static readonly IReadOnlyDictionary<string, string> Faces = new Dictionary<string, string>
    {
        ["delivery"] = "Published content, for any frontend. Read-only, cacheable, open to everybody.",
        ["management"] = "Drafts, publishing and settings, for editors' clients and integrations, by token.",
        ["syndication"] = "Feeds, sitemaps and what else machines of readers ask for. Read-only, cacheable, open to everybody; unknown parameters are ignored.",
        ["newsletter"] = "Signing up, confirming, preferences and leaving, for readers. As JSON for frontends, and as plain HTML forms and pages that need no script.",
        ["operations"] = "Health, what each problem type means, and where to report a weakness.",
    };

    public static void AddOpenApiDocuments(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSingleton<ISerializerDataContractResolver>(new JsonSerializerDataContractResolver(StrictJson.Options));
        services.AddSwaggerGen(options =>
        {
            foreach (var (face, about) in Faces) options.SwaggerDoc(face, Info(face, about));
            options.DocInclusionPredicate((face, api) => api.GroupName == face && api.HttpMethod != "HEAD"); // HEAD is GET without its body
            options.CustomSchemaIds(SchemaNames.Of);
            options.SupportNonNullableReferenceTypes();
            options.NonNullableReferenceTypesAsRequired();
            options.UseOneOfForPolymorphism();
            options.SelectDiscriminatorNameUsing(BlockSchemas.Discriminator);
            options.SelectDiscriminatorValueUsing(BlockSchemas.Word);
            options.SelectSubTypesUsing(BlockSchemas.SubTypes);
            options.MapType<ExtraValue>(() => new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Boolean,
                MaxLength = Domain.Articles.ArticleContent.ExtraValueMaxLength,
            });
            options.MapType<DayOfWeek>(() => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Enum.GetNames<DayOfWeek>().Select(d => System.Text.Json.Nodes.JsonNode.Parse($"\"{d.ToLowerInvariant()}\"")).OfType<System.Text.Json.Nodes.JsonNode>()] });
            foreach (var comments in Directory.EnumerateFiles(AppContext.BaseDirectory, "Cms.*.xml").Order(StringComparer.Ordinal)) options.IncludeXmlComments(comments);
            options.SchemaFilter<NullabilitySchemaFilter>();
            options.SchemaFilter<ValidatorSchemaFilter>();
            options.SchemaFilter<BlockSchemas>();
            options.OperationFilter<RequestFilter>();
            options.OperationFilter<ResponseFilter>();
            options.DocumentFilter<DocumentFilter>();
        });
    }

    /// <summary>Swagger UI at /docs. Its files are all its own, so its policy allows no inline script.</summary>
    public static void UseDocs(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal), docs => docs.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy =
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            return next(context);
        }));
        // Who opens the service's address in a browser wants to know what it is.
        app.UseWhen(context => context.Request.Path == "/" && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)), root => root.Run(context =>
        {
            context.Response.Redirect("/docs");
            return Task.CompletedTask;
        }));
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "Cms API";
            foreach (var face in Faces.Keys) ui.SwaggerEndpoint($"/openapi/{face}.json", face);
        });
    }

    public static void MapOpenApiDocuments(this WebApplication app) =>
        app.MapSwagger("/openapi/{documentName}.json", options => options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1)
            .Public("the contract is for everybody").WithName("getOpenApiDocument").WithSummary("The OpenAPI document of a face").ExcludeFromDescription()
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, contentTypes: ["application/json"]), new Refusals([StatusCodes.Status404NotFound]));

    private static OpenApiInfo Info(string face, string about) => new()
    {
        Title = $"Cms, {face}",
        Version = "v1",
        Description = $"{about} Errors are problems (RFC 9457), each type documented at its own address.",
        License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
    };
}
