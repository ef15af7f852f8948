using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Tags;
using Cms.Infrastructure;
using Cms.Infrastructure.Publishing;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Tags;

/// <summary>Tags' names show at once wherever articles have them, so a change passes the publisher's lock.</summary>
internal static class TagEndpoints
{
    public static void MapTags(this RouteGroupBuilder management)
    {
        var tags = management.MapGroup("/tags").WithTags("Tags");
        tags.MapGet("/", List).WithName("listTags").WithSummary("List tags by name")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).WithPages(TagList.Beginning);
        tags.MapGet("/{id:guid}", Get).WithName("getTag").WithSummary("Get a tag")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).Refuses(404);
        tags.MapPost("/", Create).WithName("createTag").WithSummary("Coin a tag")
            .Require(Scope.TaxonomyWrite).Takes<TagInput>().Validate<TagInput>().Idempotent();
        tags.MapPut("/{id:guid}", Replace).WithName("replaceTag").WithSummary("Replace a tag")
            .Require(Scope.TaxonomyWrite).Takes<TagInput>().Validate<TagInput>().NeedsIfMatch().Refuses(404, 409);
        tags.MapPatch("/{id:guid}", Change).WithName("changeTag").WithSummary("Change members of a tag")
            .Require(Scope.TaxonomyWrite).TakesPatchOf<TagInput>().NeedsIfMatch().Refuses(404, 409);
        tags.MapDelete("/{id:guid}", Delete).WithName("deleteTag").WithSummary("Delete a tag that no article has")
            .Require(Scope.TaxonomyWrite).NeedsIfMatch().Refuses(404, 409);
    }

    private static async Task<Ok<Page<TagView>>> List(Query query, CmsDbContext db, CancellationToken ct) =>
        TypedResults.Ok(await TagList.Read(query, db, ct));

    private static async Task<Results<Ok<TagView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct) =>
        await db.Tags.FindAsync([id], ct) is { } tag ? TypedResults.Ok(TagView.Of(tag)) : Problems.NotFound();

    private static async Task<Results<Created<TagView>, ProblemHttpResult>> Create(
        Body<TagInput> body, CmsDbContext db, SlugRegistry slugs, TimeProvider time, CancellationToken ct)
    {
        await LockNames(db, ct);
        var (input, now) = (body.Value, time.Now());
        var id = Guid.CreateVersion7(now);
        var tag = Tag.Coin(id, input.Name ?? "", await slugs.Choose(SlugRegistry.Tags, id, input.Slug, null, input.Name, ct), now);
        db.Add(tag);
        await db.SaveChangesAsync(ct);
        return TypedResults.Created($"/management/v1/tags/{tag.Id}", TagView.Of(tag));
    }

    private static async Task<Results<Ok<TagView>, ProblemHttpResult>> Replace(
        Guid id, Body<TagInput> body, IfMatch ifMatch, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        if (await db.Tags.FindAsync([id], ct) is not { } tag) return Problems.NotFound();
        if (!ifMatch.Allows(tag.Version)) return Problems.Stale();
        return await Save(tag, body.Value, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<Ok<TagView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, IValidator<TagInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Tags.FindAsync([id], ct) is not { } tag) return Problems.NotFound();
        if (!ifMatch.Allows(tag.Version)) return Problems.Stale();

        var input = patch.Apply(TagInput.Of(tag));
        return await validator.Refusal(input, ct) is { } refusal ? refusal : await Save(tag, input, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, CancellationToken ct)
    {
        if (await db.Tags.FindAsync([id], ct) is not { } tag) return Problems.NotFound();
        if (!ifMatch.Allows(tag.Version)) return Problems.Stale();

        await publisher.Lock(ct);
        var articles = await db.ArticleTags.Where(l => l.TagId == id).Select(l => l.ArticleId).Distinct().CountAsync(ct);
        if (articles > 0) return Problems.Of("tag-in-use", $"{articles} articles, drafts and published ones, have this tag. Take it from them first.");

        db.Remove(tag);
        await db.SaveChangesAsync(ct);
        await publisher.Deleted(id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<TagView>, ProblemHttpResult>> Save(
        Tag tag, TagInput input, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        await LockNames(db, ct);
        var old = tag.Slug;
        var slug = await slugs.Choose(SlugRegistry.Tags, tag.Id, input.Slug, old, input.Name, ct);
        tag.Rename(input.Name ?? "", slug, time.Now());
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        if (slug != old)
        {
            await publisher.Moved(SlugRegistry.Tags, slug.Value, tag.Id, ct);
            await slugs.Free(SlugRegistry.Tags, tag.Id, old, ct); // unless readers know it
        }

        await publisher.Renamed(tag.Id, ct);
        return TypedResults.Ok(TagView.Of(tag));
    }

    // Whoever saves an article that names new tags holds it too: so that one finds the name made here, and is not refused for it.
    private static async Task LockNames(CmsDbContext db, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.Tags})", ct);
}
