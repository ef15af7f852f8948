using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Authors;
using Cms.Infrastructure;
using Cms.Infrastructure.Publishing;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Authors;

/// <summary>Authors' names show at once wherever articles credit them, so a change passes the publisher's lock.</summary>
internal static class AuthorEndpoints
{
    public static void MapAuthors(this RouteGroupBuilder management)
    {
        var authors = management.MapGroup("/authors").WithTags("Authors");
        authors.MapGet("/", List).WithName("listAuthors").WithSummary("List authors, oldest first")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).WithPages();
        authors.MapGet("/{id:guid}", Get).WithName("getAuthor").WithSummary("Get an author")
            .Require(Scope.ContentRead, Scope.TaxonomyWrite).Refuses(404);
        authors.MapPost("/", Create).WithName("createAuthor").WithSummary("Introduce an author")
            .Require(Scope.TaxonomyWrite).Takes<AuthorInput>().Validate<AuthorInput>().Idempotent();
        authors.MapPut("/{id:guid}", Replace).WithName("replaceAuthor").WithSummary("Replace an author")
            .Require(Scope.TaxonomyWrite).Takes<AuthorInput>().Validate<AuthorInput>().NeedsIfMatch().Refuses(404, 409);
        authors.MapPatch("/{id:guid}", Change).WithName("changeAuthor").WithSummary("Change members of an author")
            .Require(Scope.TaxonomyWrite).TakesPatchOf<AuthorInput>().NeedsIfMatch().Refuses(404, 409);
        authors.MapDelete("/{id:guid}", Delete).WithName("deleteAuthor").WithSummary("Delete an author whom no article credits")
            .Require(Scope.TaxonomyWrite).NeedsIfMatch().Refuses(404, 409);
    }

    private static async Task<Ok<Page<AuthorView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var after = query.After?.Id;
        var rows = await db.Authors.AsNoTracking().Where(a => after == null || a.Id > after)
            .OrderBy(a => a.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, AuthorView.Of, a => Position.Of(a.Id)));
    }

    private static async Task<Results<Ok<AuthorView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct) =>
        await db.Authors.FindAsync([id], ct) is { } author ? TypedResults.Ok(AuthorView.Of(author)) : Problems.NotFound();

    private static async Task<Results<Created<AuthorView>, ProblemHttpResult>> Create(
        Body<AuthorInput> body, CmsDbContext db, SlugRegistry slugs, TimeProvider time, CancellationToken ct)
    {
        var (input, now) = (body.Value, time.Now());
        var id = Guid.CreateVersion7(now);
        var slug = await slugs.Choose(SlugRegistry.Authors, id, input.Slug, null, input.Name, ct);
        var author = Author.Introduce(id, input.Name ?? "", slug, now);
        author.Describe(author.Name, slug, input.Bio, input.Url, input.Mailbox(), now);
        db.Add(author);
        await db.SaveChangesAsync(ct);
        return TypedResults.Created($"/management/v1/authors/{author.Id}", AuthorView.Of(author));
    }

    private static async Task<Results<Ok<AuthorView>, ProblemHttpResult>> Replace(
        Guid id, Body<AuthorInput> body, IfMatch ifMatch, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        if (await db.Authors.FindAsync([id], ct) is not { } author) return Problems.NotFound();
        if (!ifMatch.Allows(author.Version)) return Problems.Stale();
        return await Save(author, body.Value, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<Ok<AuthorView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, IValidator<AuthorInput> validator, CmsDbContext db, SlugRegistry slugs, Publisher publisher,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Authors.FindAsync([id], ct) is not { } author) return Problems.NotFound();
        if (!ifMatch.Allows(author.Version)) return Problems.Stale();

        var input = patch.Apply(AuthorInput.Of(author));
        return await validator.Refusal(input, ct) is { } refusal ? refusal : await Save(author, input, db, slugs, publisher, time, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, CancellationToken ct)
    {
        if (await db.Authors.FindAsync([id], ct) is not { } author) return Problems.NotFound();
        if (!ifMatch.Allows(author.Version)) return Problems.Stale();

        await publisher.Lock(ct);
        var articles = await db.ArticleAuthors.Where(l => l.AuthorId == id).Select(l => l.ArticleId).Distinct().CountAsync(ct);
        if (articles > 0) return Problems.Of("author-in-use", $"{articles} articles, drafts and published ones, credit this author. Change their credits first.");

        db.Remove(author);
        await db.SaveChangesAsync(ct);
        await publisher.Deleted(id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<AuthorView>, ProblemHttpResult>> Save(
        Author author, AuthorInput input, CmsDbContext db, SlugRegistry slugs, Publisher publisher, TimeProvider time, CancellationToken ct)
    {
        await publisher.Lock(ct);
        var old = author.Slug;
        var slug = await slugs.Choose(SlugRegistry.Authors, author.Id, input.Slug, old, input.Name, ct);
        author.Describe(input.Name ?? "", slug, input.Bio, input.Url, input.Mailbox(), time.Now());
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        if (slug != old)
        {
            await publisher.Moved(SlugRegistry.Authors, slug.Value, author.Id, ct);
            await slugs.Free(SlugRegistry.Authors, author.Id, old, ct); // unless readers know it
        }

        await publisher.Renamed(author.Id, ct);
        return TypedResults.Ok(AuthorView.Of(author));
    }
}
