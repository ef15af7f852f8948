namespace Cms.Api.OpenApi;

internal static class Documents
{
    public static void AddOpenApiDocuments(this IServiceCollection services) { }
    public static void UseDocs(this WebApplication app) { }
    public static void MapOpenApiDocuments(this WebApplication app) { }
}
