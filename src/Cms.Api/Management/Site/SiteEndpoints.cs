using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Publishing;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Site;

/// <summary>The one row of settings. Every article shows something of it, so a change renders all of them again, in the background.</summary>
internal static class SiteEndpoints
{
    public static void MapSite(this RouteGroupBuilder management)
    {
        var site = management.MapGroup("/site").WithTags("Site");
        site.MapGet("/", Get).WithName("getSite").WithSummary("Get the site's settings")
            .Require(Scope.ContentRead, Scope.SettingsWrite);
        site.MapPut("/", Replace).WithName("replaceSite").WithSummary("Replace the site's settings")
            .Require(Scope.SettingsWrite).Takes<SiteInput>().Validate<SiteInput>().NeedsIfMatch();
        site.MapPatch("/", Change).WithName("changeSite").WithSummary("Change some of the site's settings")
            .Require(Scope.SettingsWrite).TakesPatchOf<SiteInput>().NeedsIfMatch();
    }

    private static async Task<Ok<SiteView>> Get(CmsDbContext db, CancellationToken ct) => TypedResults.Ok(SiteView.Of(await Find(db, ct)));

    private static async Task<Results<Ok<SiteView>, ProblemHttpResult>> Replace(
        Body<SiteInput> body, IfMatch ifMatch, CmsDbContext db, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        var site = await Find(db, ct);
        if (!ifMatch.Allows(site.Version)) return Problems.Stale();
        return await Save(site, body.Value, db, publisher, time, ct);
    }

    private static async Task<Results<Ok<SiteView>, ProblemHttpResult>> Change(
        MergePatch patch, IfMatch ifMatch, IValidator<SiteInput> validator, CmsDbContext db, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        var site = await Find(db, ct);
        if (!ifMatch.Allows(site.Version)) return Problems.Stale();

        var input = patch.Apply(SiteInput.Of(site.Settings));
        return await validator.Refusal(input, ct) is { } refusal ? refusal : await Save(site, input, db, publisher, time, ct);
    }

    private static async Task<Results<Ok<SiteView>, ProblemHttpResult>> Save(
        Domain.Sites.Site site, SiteInput input, CmsDbContext db, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        site.Configure(input.ToSettings(), time.Now());
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        await publisher.Changed([Domain.Sites.Site.OnlyId], ct);
        return TypedResults.Ok(SiteView.Of(site));
    }

    private static async Task<Domain.Sites.Site> Find(CmsDbContext db, CancellationToken ct) =>
        await db.Sites.FindAsync([Domain.Sites.Site.OnlyId], ct) ?? throw new InvalidOperationException("The first migration makes the site's row.");
}
