using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery.Articles;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Domain.Articles;
using Cms.Infrastructure;
using Cms.Infrastructure.Publishing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Articles;

/// <summary>Editors write drafts here; only publish and withdraw change what readers see.</summary>
internal static class ArticleEndpoints
{
    private static readonly string[] Readers = [Scope.ContentRead, Scope.ArticlesWrite, Scope.ArticlesPublish, Scope.ArticlesWithdraw];

    public static void MapArticles(this RouteGroupBuilder management)
    {
        var articles = management.MapGroup("/articles").WithTags("Articles");
        articles.MapGet("/", List).WithName("listArticles").WithSummary("List articles, newest first")
            .Require(Readers).WithPages(ArticleList.Parameters);
        articles.MapGet("/{id:guid}", Get).WithName("getArticle").WithSummary("Get an article's draft")
            .Require(Readers).Refuses(404);
        articles.MapPost("/", Create).WithName("createArticle").WithSummary("Create a draft")
            .Require(Scope.ArticlesWrite).Takes<ArticleInput>(BodyMetadata.Article).Idempotent();
        articles.MapPut("/{id:guid}", Replace).WithName("replaceArticle").WithSummary("Replace an article's draft")
            .Require(Scope.ArticlesWrite).Takes<ArticleInput>(BodyMetadata.Article).NeedsIfMatch().Refuses(404, 409);
        articles.MapPatch("/{id:guid}", Change).WithName("changeArticle").WithSummary("Change members of an article's draft")
            .Require(Scope.ArticlesWrite).TakesPatchOf<ArticleInput>(BodyMetadata.Article).NeedsIfMatch().Refuses(404, 409);
        articles.MapDelete("/{id:guid}", Delete).WithName("deleteArticle").WithSummary("Delete an article that readers do not see")
            .Require(Scope.ArticlesWithdraw).NeedsIfMatch().Refuses(404, 409);
        articles.MapPost("/{id:guid}/publish", Publish).WithName("publishArticle").WithSummary("Show readers the draft as it is now")
            .Require(Scope.ArticlesPublish).NeedsIfMatch().Refuses(404, 409);
        articles.MapPost("/{id:guid}/withdraw", Withdraw).WithName("withdrawArticle").WithSummary("Take an article from readers")
            .Require(Scope.ArticlesWithdraw).NeedsIfMatch().Refuses(404, 409);
        articles.MapPost("/{id:guid}/discard-draft", DiscardDraft).WithName("discardDraft").WithSummary("Return the draft to what readers see")
            .Require(Scope.ArticlesWrite).NeedsIfMatch().Refuses(404, 409);
        articles.MapGet("/{id:guid}/preview", Preview).WithName("previewArticle").WithSummary("What delivery would answer if it were published now")
            .Require(Readers).WithQuery(ArticleParts.Fields, ArticleParts.HeadAlone, ArticleParts.Render).Refuses(404).Produces(200, contentType: "application/json");
    }

    private static async Task<Results<Ok<Page<ArticleSummary>>, ProblemHttpResult>> List(Query query, CmsDbContext db, CancellationToken ct) =>
        ArticleList.Faults(query).ToList() is { Count: > 0 } faults ? Problems.BadParameters(faults) : TypedResults.Ok(await ArticleList.Read(query, db, ct));

    private static async Task<Results<Ok<ArticleView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, Tagging tagging, Caller caller, CancellationToken ct) =>
        await db.Articles.FindAsync([id], ct) is { } article ? TypedResults.Ok(await View(article, tagging, caller, ct)) : Problems.NotFound();

    private static async Task<Results<Created<ArticleView>, ProblemHttpResult>> Create(
        Body<ArticleInput> body, ArticleEditing editing, Tagging tagging, Caller caller, CancellationToken ct)
    {
        if (await editing.Faults(body.Value, null, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);

        var article = await editing.Create(body.Value, caller.TokenId, ct);
        return TypedResults.Created($"/management/v1/articles/{article.Id}", await View(article, tagging, caller, ct));
    }

    private static async Task<Results<Ok<ArticleView>, ProblemHttpResult>> Replace(
        Guid id, Body<ArticleInput> body, IfMatch ifMatch, CmsDbContext db, ArticleEditing editing, Tagging tagging, Caller caller, CancellationToken ct)
    {
        if (await db.Articles.FindAsync([id], ct) is not { } article) return Problems.NotFound();
        if (!ifMatch.Allows(article.Version)) return Problems.Stale();
        return await Save(article, body.Value, editing, tagging, caller, ct);
    }

    private static async Task<Results<Ok<ArticleView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, CmsDbContext db, ArticleEditing editing, Tagging tagging, Caller caller, CancellationToken ct)
    {
        if (await db.Articles.FindAsync([id], ct) is not { } article) return Problems.NotFound();
        if (!ifMatch.Allows(article.Version)) return Problems.Stale();

        var input = patch.Apply(ArticleInput.Of(article, await tagging.Names(article.Draft.TagIds, ct)));
        return await Save(article, input, editing, tagging, caller, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, CancellationToken ct)
    {
        if (await db.Articles.FindAsync([id], ct) is not { } article) return Problems.NotFound();
        if (!ifMatch.Allows(article.Version)) return Problems.Stale();

        await publisher.Delete(article, ct);
        return TypedResults.NoContent();
    }

    private static Task<Results<Ok<ArticleView>, ProblemHttpResult>> Publish(
        Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, Tagging tagging, Caller caller, CancellationToken ct) =>
        Act(id, ifMatch, db, tagging, caller, article => publisher.Publish(article, ct), ct);

    private static Task<Results<Ok<ArticleView>, ProblemHttpResult>> Withdraw(
        Guid id, IfMatch ifMatch, CmsDbContext db, Publisher publisher, Tagging tagging, Caller caller, CancellationToken ct) =>
        Act(id, ifMatch, db, tagging, caller, article => publisher.Withdraw(article, ct), ct);

    private static Task<Results<Ok<ArticleView>, ProblemHttpResult>> DiscardDraft(
        Guid id, IfMatch ifMatch, CmsDbContext db, ArticleEditing editing, Tagging tagging, Caller caller, CancellationToken ct) =>
        Act(id, ifMatch, db, tagging, caller, article => editing.DiscardDraft(article, ct), ct);

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Preview(Guid id, Query query, CmsDbContext db, Publisher publisher, CancellationToken ct) =>
        await db.Articles.FindAsync([id], ct) is { } article
            ? TypedResults.Text(Encoding.UTF8.GetString(ArticleParts.Of(await publisher.Preview(article, ct), query)), "application/json", Encoding.UTF8)
            : Problems.NotFound();

    private static async Task<Results<Ok<ArticleView>, ProblemHttpResult>> Save(
        Article article, ArticleInput input, ArticleEditing editing, Tagging tagging, Caller caller, CancellationToken ct)
    {
        if (await editing.Faults(input, article, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);

        await editing.Revise(article, input, ct);
        return TypedResults.Ok(await View(article, tagging, caller, ct));
    }

    private static async Task<Results<Ok<ArticleView>, ProblemHttpResult>> Act(
        Guid id, IfMatch ifMatch, CmsDbContext db, Tagging tagging, Caller caller, Func<Article, Task> act, CancellationToken ct)
    {
        if (await db.Articles.FindAsync([id], ct) is not { } article) return Problems.NotFound();
        if (!ifMatch.Allows(article.Version)) return Problems.Stale();

        await act(article);
        return TypedResults.Ok(await View(article, tagging, caller, ct));
    }

    private static async Task<ArticleView> View(Article article, Tagging tagging, Caller caller, CancellationToken ct) =>
        ArticleView.Of(article, await tagging.Names(article.Draft.TagIds, ct), caller);
}
