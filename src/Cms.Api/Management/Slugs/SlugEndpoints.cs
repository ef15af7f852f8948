using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Infrastructure.Slugs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Slugs;

/// <summary>Tells an editor beforehand what address a text will have. Nothing is reserved by asking.</summary>
internal static class SlugEndpoints
{
    public static void MapSlugs(this RouteGroupBuilder management) =>
        management.MapGroup("/slugs").WithTags("Slugs").MapPost("/preview", Preview).WithName("previewSlug").WithSummary("The slug that a text would get now")
            .Require(Scope.ArticlesWrite, Scope.TaxonomyWrite).Takes<SlugPreviewInput>().Validate<SlugPreviewInput>();

    private static async Task<Ok<SlugPreviewView>> Preview(Body<SlugPreviewInput> body, SlugRegistry slugs, CancellationToken ct)
    {
        var plain = body.Value.Plain() ?? throw new InvalidOperationException("The validator refuses a text of which no slug is left.");
        var (slug, taken) = await slugs.Preview(KindOf(body.Value.Kind), plain, ct);
        return TypedResults.Ok(new SlugPreviewView(slug.Value, taken));
    }

    private static string KindOf(SlugKind? kind) => kind switch
    {
        SlugKind.Section => SlugRegistry.Sections,
        SlugKind.Author => SlugRegistry.Authors,
        SlugKind.Tag => SlugRegistry.Tags,
        SlugKind.List => SlugRegistry.Lists,
        _ => SlugRegistry.Articles,
    };
}
