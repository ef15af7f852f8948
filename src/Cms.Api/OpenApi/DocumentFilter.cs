using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Cms.Api.OpenApi;

/// <summary>What belongs to a whole document: server, token, tags; and which members of a problem may be absent.</summary>
internal sealed class DocumentFilter : IDocumentFilter
{
    public const string Scheme = "token";

    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["Articles"] = "What the newsroom writes.",
        ["Sections"] = "The tree that articles stand in.",
        ["Lists"] = "What editors put first, and what follows by itself.",
        ["Authors"] = "Who writes.",
        ["Tags"] = "Subjects that articles share.",
        ["Slugs"] = "The last parts of addresses.",
        ["Site"] = "Name, addresses and defaults of the site.",
        ["Share"] = "What networks show.",
        ["Subscribers"] = "Readers of the newsletter.",
        ["Subscriptions"] = "Signing up, choosing and leaving.",
        ["Digests"] = "What readers of the newsletter get each day or week.",
        ["Tokens"] = "Who may do what.",
        ["Audit"] = "Who changed what.",
        ["Jobs"] = "What the service does by itself.",
        ["Feeds"] = "RSS 2.0, Atom 1.0 and JSON Feed 1.1.",
        ["Sitemaps"] = "For search engines.",
        ["Cards"] = "Articles on other sites.",
        ["Well-known"] = "What is asked for at the same address everywhere.",
        ["Health"] = "For probes.",
        ["Problems"] = "What refusals mean.",
    };

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        swaggerDoc.Servers = [new OpenApiServer { Url = "/", Description = "This service." }];
        var used = swaggerDoc.Paths.Values.SelectMany(p => p.Operations ?? []).SelectMany(o => o.Value.Tags ?? new HashSet<OpenApiTagReference>()).Select(t => t.Name).ToHashSet();
        swaggerDoc.Tags = new HashSet<OpenApiTag>(Tags.Where(t => used.Contains(t.Key)).Select(t => new OpenApiTag { Name = t.Key, Description = t.Value }));
        if (context.DocumentName == "management")
        {
            (swaggerDoc.Components ??= new()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token of this service: `cms_…`." },
            };
        }

        // The bases of blocks: each block is whole without them.
        context.SchemaRepository.Schemas.Remove(nameof(Management.Articles.BlockInput));
        context.SchemaRepository.Schemas.Remove(nameof(Domain.Articles.Blocks.Block));
        context.SchemaRepository.Schemas.Remove(nameof(Delivery.DeliveryBlock));
        if (context.SchemaRepository.Schemas.TryGetValue(nameof(Problem), out var problem)) problem.Required?.Remove("errors");
    }
}
