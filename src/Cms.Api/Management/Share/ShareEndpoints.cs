using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Domain.Articles;
using Cms.Domain.Sharing;
using Cms.Infrastructure;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Share;

/// <summary>What networks show: of an article, and as defaults of its section and the site.</summary>
internal static class ShareEndpoints
{
    private static readonly string[] Gaps = ["image", "alt", "description"];
    private static readonly WordsParameter Missing = new("missing", "What the articles lack.", Gaps, Several: false) { Required = true };

    public static void MapShare(this RouteGroupBuilder management)
    {
        MapOwned(management.MapGroup("/articles/{id:guid}/share"), "Article", "an article",
            [Scope.ContentRead, Scope.ArticlesWrite, Scope.ArticlesPublish, Scope.ArticlesWithdraw], Scope.ArticlesWrite, (desk, id, ct) => desk.Article(id, ct));
        MapOwned(management.MapGroup("/sections/{id:guid}/share"), "Section", "a section",
            [Scope.ContentRead, Scope.TaxonomyWrite], Scope.TaxonomyWrite, (desk, id, ct) => desk.Section(id, ct));
        MapSite(management.MapGroup("/site/share"));
        management.MapGet("/share", List).WithTags("Share").WithName("listShareGaps").WithSummary("List articles that lack something networks show, newest first")
            .Require(Scope.ContentRead, Scope.ArticlesWrite).WithPages(Missing);
    }

    private static void MapOwned(
        RouteGroupBuilder share, string name, string owner, string[] readers, string writer, Func<ShareDesk, Guid, CancellationToken, Task<ShareOwner?>> find)
    {
        share.WithTags("Share");
        share.MapGet("/", async (Guid id, ShareDesk desk, CancellationToken ct) => await View(await find(desk, id, ct)))
            .WithName($"get{name}Share").WithSummary($"How {owner} is shared: own, effective, links, warnings").Require(readers).Refuses(404);
        share.MapPut("/", async (Guid id, Body<ShareCardInput> body, IfMatch ifMatch, ShareDesk desk, CancellationToken ct) =>
                await Save(await find(desk, id, ct), ifMatch, body.Value))
            .WithName($"replace{name}Share").WithSummary($"Replace the share card of {owner}").Require(writer).Takes<ShareCardInput>().Validate<ShareCardInput>().NeedsIfMatch().Refuses(404);
        share.MapPatch("/", async (Guid id, MergePatch patch, IfMatch ifMatch, IValidator<ShareCardInput> validator, ShareDesk desk, CancellationToken ct) =>
                await Change(await find(desk, id, ct), ifMatch, patch, validator, ct))
            .WithName($"change{name}Share").WithSummary($"Change members of the share card of {owner}").Require(writer).TakesPatchOf<ShareCardInput>().NeedsIfMatch().Refuses(404);
        share.MapDelete("/", async (Guid id, IfMatch ifMatch, ShareDesk desk, CancellationToken ct) => await Empty(await find(desk, id, ct), ifMatch))
            .WithName($"empty{name}Share").WithSummary($"Empty the share card of {owner}").Require(writer).NeedsIfMatch().Refuses(404);
    }

    private static void MapSite(RouteGroupBuilder share)
    {
        share.WithTags("Share");
        share.MapGet("/", async (ShareDesk desk, CancellationToken ct) => await View(await desk.SiteCard(ct)))
            .WithName("getSiteShare").WithSummary("How the site is shared: own, effective, links, warnings").Require(Scope.ContentRead, Scope.SettingsWrite);
        share.MapPut("/", async (Body<ShareCardInput> body, IfMatch ifMatch, ShareDesk desk, CancellationToken ct) => await Save(await desk.SiteCard(ct), ifMatch, body.Value))
            .WithName("replaceSiteShare").WithSummary("Replace the share card of the site").Require(Scope.SettingsWrite).Takes<ShareCardInput>().Validate<ShareCardInput>().NeedsIfMatch();
        share.MapPatch("/", async (MergePatch patch, IfMatch ifMatch, IValidator<ShareCardInput> validator, ShareDesk desk, CancellationToken ct) =>
                await Change(await desk.SiteCard(ct), ifMatch, patch, validator, ct))
            .WithName("changeSiteShare").WithSummary("Change members of the share card of the site").Require(Scope.SettingsWrite).TakesPatchOf<ShareCardInput>().NeedsIfMatch();
        share.MapDelete("/", async (IfMatch ifMatch, ShareDesk desk, CancellationToken ct) => await Empty(await desk.SiteCard(ct), ifMatch))
            .WithName("emptySiteShare").WithSummary("Empty the share card of the site").Require(Scope.SettingsWrite).NeedsIfMatch();
    }

    private static async Task<Results<Ok<ShareView>, ProblemHttpResult>> View(ShareOwner? owner) =>
        owner is null ? Problems.NotFound() : TypedResults.Ok(await owner.View());

    private static async Task<Results<Ok<ShareView>, ProblemHttpResult>> Save(ShareOwner? owner, IfMatch ifMatch, ShareCardInput input)
    {
        if (owner is null) return Problems.NotFound();
        if (!ifMatch.Allows(owner.Version())) return Problems.Stale();

        await owner.Save(ShareCardInput.ToCard(input));
        return TypedResults.Ok(await owner.View());
    }

    private static async Task<Results<Ok<ShareView>, ProblemHttpResult>> Change(
        ShareOwner? owner, IfMatch ifMatch, MergePatch patch, IValidator<ShareCardInput> validator, CancellationToken ct)
    {
        if (owner is null) return Problems.NotFound();
        if (!ifMatch.Allows(owner.Version())) return Problems.Stale();

        var input = patch.Apply(ShareCardInput.Of(owner.Card()));
        return await validator.Refusal(input, ct) is { } refusal ? refusal : await Save(owner, ifMatch, input);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Empty(ShareOwner? owner, IfMatch ifMatch)
    {
        if (owner is null) return Problems.NotFound();
        if (!ifMatch.Allows(owner.Version())) return Problems.Stale();

        await owner.Save(ShareCard.Empty);
        return TypedResults.NoContent();
    }

    // Withdrawn articles are nobody's work any more. Each question has a partial index of its own.
    private static async Task<Results<Ok<Page<ShareGap>>, ProblemHttpResult>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        if (query.Text(Missing) is not { } missing) return Problems.BadParameters([new("missing", "required", $"Give one of: {string.Join(", ", Gaps)}.")]);

        var articles = missing switch
        {
            "image" => db.Articles.Where(a => a.MissingShareImage),
            "alt" => db.Articles.Where(a => a.MissingShareAlt),
            _ => db.Articles.Where(a => a.MissingShareDescription),
        };
        var after = query.After?.Id;
        var rows = await articles.AsNoTracking().Where(a => a.Status != ArticleStatus.Withdrawn && (after == null || a.Id < after))
            .OrderByDescending(a => a.Id).Take(query.Limit + 1)
            .Select(a => new { a.Id, a.Status, a.Slug, a.Draft.Language, a.Draft.Headline, a.MissingShareImage, a.MissingShareAlt, a.MissingShareDescription }).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, a => new ShareGap(
            a.Id, a.Status, a.Slug.Value, a.Language, a.Headline,
            [.. Gaps.Where(g => g switch { "image" => a.MissingShareImage, "alt" => a.MissingShareAlt, _ => a.MissingShareDescription })]), a => Position.Of(a.Id)));
    }
}
