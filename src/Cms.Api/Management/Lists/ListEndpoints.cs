using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Lists;
using Cms.Infrastructure;
using Cms.Infrastructure.Publishing;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Lists;

/// <summary>Lists show at once, so every write passes the publisher's lock.</summary>
internal static class ListEndpoints
{
    public static void MapLists(this RouteGroupBuilder management)
    {
        var lists = management.MapGroup("/lists").WithTags("Lists");
        lists.MapGet("/", List).WithName("listLists").WithSummary("List lists, oldest first")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).WithPages();
        lists.MapGet("/{id:guid}", Get).WithName("getList").WithSummary("Get a list")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).Refuses(404);
        lists.MapPost("/", Create).WithName("createList").WithSummary("Open a list")
            .Require(Scope.TaxonomyWrite).Takes<ArticleListInput>().Idempotent();
        lists.MapPut("/{id:guid}", Replace).WithName("replaceList").WithSummary("Replace a list")
            .Require(Scope.TaxonomyWrite).Takes<ArticleListInput>().NeedsIfMatch().Refuses(404, 409);
        lists.MapPatch("/{id:guid}", Change).WithName("changeList").WithSummary("Change members of a list")
            .Require(Scope.TaxonomyWrite).TakesPatchOf<ArticleListInput>().NeedsIfMatch().Refuses(404, 409);
        lists.MapDelete("/{id:guid}", Delete).WithName("deleteList").WithSummary("Delete a list")
            .Require(Scope.TaxonomyWrite).NeedsIfMatch().Refuses(404);
    }

    private static async Task<Ok<Page<ArticleListView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var after = query.After?.Id;
        var rows = await db.Lists.AsNoTracking().Where(l => after == null || l.Id > after).OrderBy(l => l.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, ArticleListView.Of, l => Position.Of(l.Id)));
    }

    private static async Task<Results<Ok<ArticleListView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct) =>
        await db.Lists.FindAsync([id], ct) is { } list ? TypedResults.Ok(ArticleListView.Of(list)) : Problems.NotFound();

    private static async Task<Results<Created<ArticleListView>, ProblemHttpResult>> Create(
        Body<ArticleListInput> body, IValidator<ArticleListInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        var (input, now) = (body.Value, time.Now());
        if (await Faults(input, validator, db, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);
        if (await db.Lists.CountAsync(ct) >= ArticleList.MaxCount) return Problems.Of("too-many-lists", $"A site has at most {ArticleList.MaxCount} lists. Delete one first.");

        var id = Guid.CreateVersion7(now);
        var list = ArticleList.Open(id, input.Name ?? "", await slugs.Choose(SlugRegistry.Lists, id, input.Slug, null, input.Name, ct), now);
        db.Add(list);
        await Save(list, input, db, publisher, now, ct);
        return TypedResults.Created($"/management/v1/lists/{list.Id}", ArticleListView.Of(list));
    }

    private static async Task<Results<Ok<ArticleListView>, ProblemHttpResult>> Replace(
        Guid id, Body<ArticleListInput> body, IfMatch ifMatch, IValidator<ArticleListInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Lists.FindAsync([id], ct) is not { } list) return Problems.NotFound();
        if (!ifMatch.Allows(list.Version)) return Problems.Stale();
        return await Revise(list, body.Value, validator, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<Ok<ArticleListView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, IValidator<ArticleListInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Lists.FindAsync([id], ct) is not { } list) return Problems.NotFound();
        if (!ifMatch.Allows(list.Version)) return Problems.Stale();
        return await Revise(list, patch.Apply(ArticleListInput.Of(list)), validator, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, CancellationToken ct)
    {
        if (await db.Lists.FindAsync([id], ct) is not { } list) return Problems.NotFound();
        if (!ifMatch.Allows(list.Version)) return Problems.Stale();

        await publisher.Delete(list, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<ArticleListView>, ProblemHttpResult>> Revise(
        ArticleList list, ArticleListInput input, IValidator<ArticleListInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        if (await Faults(input, validator, db, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);

        var now = time.Now();
        list.Rename(input.Name ?? "", await slugs.Choose(SlugRegistry.Lists, list.Id, input.Slug, list.Slug, input.Name, ct), now);
        await Save(list, input, db, publisher, now, ct);
        return TypedResults.Ok(ArticleListView.Of(list));
    }

    private static async Task Save(ArticleList list, ArticleListInput input, CmsDbContext db, Publisher publisher, DateTimeOffset now, CancellationToken ct)
    {
        list.Arrange(input.PinnedIds ?? [], input.Size ?? ArticleList.DefaultSize, input.ToTail(), input.SectionId, now);
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        await publisher.Show(list, ct);
    }

    /// <summary>Every rule that the input breaks, by pointer: of its fields, and of what it names.</summary>
    private static async Task<List<FieldError>> Faults(ArticleListInput input, IValidator<ArticleListInput> validator, CmsDbContext db, CancellationToken ct)
    {
        var faults = await validator.Faults(input, ct);
        Guid[] pinned = [.. (input.PinnedIds ?? []).Take(ArticleList.MaxPinned)], sections = [.. new[] { input.SectionId, input.Tail?.SectionId }.OfType<Guid>()];
        var articles = pinned.Length == 0 ? [] : await db.Articles.Where(a => pinned.Contains(a.Id)).Select(a => a.Id).ToListAsync(ct);
        var known = sections.Length == 0 ? [] : await db.Sections.Where(s => sections.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct);
        faults.AddRange(pinned.Select((id, i) => (Id: id, Pointer: $"/pinnedIds/{i}")).Where(p => !articles.Contains(p.Id))
            .Select(p => new FieldError(p.Pointer, "notFound", "There is no such article.")));
        foreach (var (pointer, id) in new[] { ("/sectionId", input.SectionId), ("/tail/sectionId", input.Tail?.SectionId) })
            if (id is { } section && !known.Contains(section)) faults.Add(new(pointer, "notFound", "There is no such section."));
        return faults;
    }
}
