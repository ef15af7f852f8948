using System.Reflection;
using Cms.Api.Access;

namespace Cms.Api.Http;

/// <summary>Each problem type's page, served at the type's own address. The pages are docs/problems/*.md, carried in the assembly.</summary>
internal static class ProblemPages
{
    public static void MapProblemPages(this IEndpointRouteBuilder app) => app.MapGet("/problems/{type}", Get).WithTags("Problems").WithGroupName("operations")
        .WithName("getProblemType").WithSummary("What a problem type means, and what to do about it").Public("a refusal must be understood without a token")
        .Produces(200, contentType: "text/markdown").Refuses(404);

    /// <summary>The page of a type, as Markdown; null when there is none.</summary>
    public static string? Read(string type)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"problems/{type}.md");
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static async Task Get(string type, HttpContext context)
    {
        if (ProblemType.All.All(t => t.Name != type) || Read(type) is not { } page)
        {
            await Problems.Send(context, Problems.NotFound());
            return;
        }

        context.Response.ContentType = "text/markdown; charset=utf-8";
        context.Response.Headers.CacheControl = "public, max-age=3600";
        await context.Response.WriteAsync(page, context.RequestAborted);
    }
}
