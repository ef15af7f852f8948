using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Api.Management.Share;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Sections;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Publishing;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Sections;

/// <summary>Sections show at once wherever they stand, so every write passes the publisher's lock, which also keeps the tree's shape.</summary>
internal static class SectionEndpoints
{
    public static void MapSections(this RouteGroupBuilder management)
    {
        var sections = management.MapGroup("/sections").WithTags("Sections");
        sections.MapGet("/", List).WithName("listSections").WithSummary("List sections, oldest first")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).WithPages();
        sections.MapGet("/{id:guid}", Get).WithName("getSection").WithSummary("Get a section")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).Refuses(404);
        sections.MapPost("/", Create).WithName("createSection").WithSummary("Open a section")
            .Require(Scope.TaxonomyWrite).Takes<SectionInput>().Validate<SectionInput>().Idempotent();
        sections.MapPut("/{id:guid}", Replace).WithName("replaceSection").WithSummary("Replace a section")
            .Require(Scope.TaxonomyWrite).Takes<SectionInput>().Validate<SectionInput>().NeedsIfMatch().Refuses(404, 409);
        sections.MapPatch("/{id:guid}", Change).WithName("changeSection").WithSummary("Change members of a section")
            .Require(Scope.TaxonomyWrite).TakesPatchOf<SectionInput>().NeedsIfMatch().Refuses(404, 409);
        sections.MapDelete("/{id:guid}", Delete).WithName("deleteSection").WithSummary("Delete a section that nothing uses")
            .Require(Scope.TaxonomyWrite).NeedsIfMatch().Refuses(404, 409);
    }

    private static async Task<Ok<Page<SectionView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var after = query.After?.Id;
        var rows = await db.Sections.AsNoTracking().Where(s => after == null || s.Id > after)
            .OrderBy(s => s.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, SectionView.Of, s => Position.Of(s.Id)));
    }

    private static async Task<Results<Ok<SectionView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct) =>
        await db.Sections.FindAsync([id], ct) is { } section ? TypedResults.Ok(SectionView.Of(section)) : Problems.NotFound();

    private static async Task<Results<Created<SectionView>, ProblemHttpResult>> Create(
        Body<SectionInput> body, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        var tree = await Tree(db, ct);
        if (NoParent(body.Value, tree) is { } noParent) return noParent;
        if (tree.Count >= Section.MaxCount) return Problems.Of("too-many-sections", $"A site has at most {Section.MaxCount} sections. Delete one first.");

        var (input, now) = (body.Value, time.Now());
        var id = Guid.CreateVersion7(now);
        var slug = await slugs.Choose(SlugRegistry.Sections, id, input.Slug, null, input.Name, ct);
        var section = Section.Open(id, input.Name ?? "", slug, await Language(input, db, ct), now);
        section.Place(tree, input.ParentId, input.Position);
        section.Describe(section.Name, slug, section.Language, input.Description, ShareCardInput.ToCard(input.Share), now);
        section.SetReuse(ReuseInput.ToTerms(input.Reuse));
        db.Add(section);
        await db.SaveChangesAsync(ct);
        await publisher.Changed([], ct);
        return TypedResults.Created($"/management/v1/sections/{section.Id}", SectionView.Of(section));
    }

    private static async Task<Results<Ok<SectionView>, ProblemHttpResult>> Replace(
        Guid id, Body<SectionInput> body, IfMatch ifMatch, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        if (await db.Sections.FindAsync([id], ct) is not { } section) return Problems.NotFound();
        if (!ifMatch.Allows(section.Version)) return Problems.Stale();
        return await Save(section, body.Value, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<Ok<SectionView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, IValidator<SectionInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Sections.FindAsync([id], ct) is not { } section) return Problems.NotFound();
        if (!ifMatch.Allows(section.Version)) return Problems.Stale();

        var input = patch.Apply(SectionInput.Of(section));
        if (input.ParentId != section.ParentId && !patch.Names("position")) input = input with { Position = null }; // its old one means nothing among new siblings
        return await validator.Refusal(input, ct) is { } refusal ? refusal : await Save(section, input, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        if (await db.Sections.FindAsync([id], ct) is not { } section) return Problems.NotFound();
        if (!ifMatch.Allows(section.Version)) return Problems.Stale();

        await publisher.Lock(ct);
        var articles = await db.ArticleSections.Where(l => l.SectionId == id).Select(l => l.ArticleId).Distinct().CountAsync(ct);
        if (articles > 0) return Problems.Of("section-in-use", articles == 1 ? "1 article, draft or published, stands in this section. Move it first." : $"{articles} articles, drafts and published ones, stand in this section. Move them first.");
        if (await db.Sections.AnyAsync(s => s.ParentId == id, ct)) return Problems.Of("section-in-use", "The section has sub-sections. Move or delete them first.");

        if (await db.Lists.Where(l => l.SectionId == id || l.TailSectionId == id).Select(l => l.Name).FirstOrDefaultAsync(ct) is { } list)
            return Problems.Of("section-in-use", $"The list \"{list}\" is the section's front, or takes its tail from it. Change that list first.");

        db.Remove(section);
        await db.SaveChangesAsync(ct);
        await db.Database.ExecuteSqlAsync(SectionsOfInterest.Forgetting(id, time.Now()), ct);
        await publisher.Deleted(id, ct);
        await publisher.Changed([], ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<SectionView>, ProblemHttpResult>> Save(
        Section section, SectionInput input, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        var tree = await Tree(db, ct);
        if (NoParent(input, tree) is { } noParent) return noParent;

        var moved = section.ParentId != input.ParentId;
        var slug = await slugs.Choose(SlugRegistry.Sections, section.Id, input.Slug, section.Slug, input.Name, ct);
        section.Place(tree, input.ParentId, input.Position);
        section.Describe(input.Name ?? "", slug, await Language(input, db, ct), input.Description, ShareCardInput.ToCard(input.Share), time.Now());
        section.SetReuse(ReuseInput.ToTerms(input.Reuse));
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        // Under another parent, the articles of everything below stand in other lists too.
        await publisher.Changed(moved ? [.. Below(tree, section.Id)] : [section.Id], ct);
        return TypedResults.Ok(SectionView.Of(section));
    }

    private static async Task<SectionTree> Tree(CmsDbContext db, CancellationToken ct) =>
        new(await db.Sections.AsNoTracking().OrderBy(s => s.Id).Take(Section.MaxCount).ToListAsync(ct));

    private static IEnumerable<Guid> Below(SectionTree tree, Guid id) => tree.ChildrenOf(id).SelectMany(c => Below(tree, c.Id)).Prepend(id);

    private static ProblemHttpResult? NoParent(SectionInput input, SectionTree tree) =>
        input.ParentId is { } parent && !tree.Contains(parent) ? Problems.Invalid("/parentId", "notFound", "There is no such section.") : null;

    private static async Task<string> Language(SectionInput input, CmsDbContext db, CancellationToken ct) =>
        input.Language ?? (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings.Language;
}
