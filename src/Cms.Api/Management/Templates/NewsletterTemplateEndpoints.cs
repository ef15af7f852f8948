using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Templates;

/// <summary>What readers see of the newsletter, filled with samples: for whoever writes templates of their own.</summary>
internal static class NewsletterTemplateEndpoints
{
    private static readonly LanguagesParameter Language = new("language", "That it speaks, or the nearest there is; the site's when absent.", Several: false);
    private static readonly NumberParameter Sample = new("sample", "Which sample fills it. The first shows everything it can; others leave out what may be missing.", 1, 9, 1);

    public static void MapNewsletterTemplates(this RouteGroupBuilder management)
    {
        var all = management.MapGroup("/newsletter-templates").WithTags("Newsletter templates");
        all.MapGet("/", List).WithName("listNewsletterTemplates").WithSummary("List the newsletter's templates and languages, and which are the newsroom's own")
            .Require(Scope.ContentRead, Scope.DigestsWrite);
        all.MapGet("/{name}/preview", Preview).WithName("previewNewsletterTemplate").WithSummary("A page or a mail filled with a sample; a part of the digest in a whole one")
            .Require(Scope.ContentRead, Scope.DigestsWrite).WithQuery(Language, Sample).Sends(("text/html", null), ("text/plain", null)).Refuses(404);
    }

    private static Ok<NewsletterTemplatesView> List(Lazy<NewsletterTemplates> templates) => TypedResults.Ok(new NewsletterTemplatesView(
        [.. templates.Value.Languages.Select(l => new TemplateLanguageView(l, templates.Value.HasTextsOfTheirs(l)))], [.. templates.Value.Summaries.Select(NewsletterTemplateView.Of)]));

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Preview(
        string name, Query query, HttpContext http, Lazy<NewsletterTemplates> templates, CmsDbContext db, CancellationToken ct)
    {
        var (all, sample) = (templates.Value, Sample.Read(query.Text(Sample)));
        if (all.Summaries.FirstOrDefault(t => t.Name == name && t.Kind != TemplateKind.Layout) is not { } template)
            return Problems.Of("not-found", "No such template. GET /management/v1/newsletter-templates lists them; a layout shows around its pages or mails.");
        if (sample > template.Samples) return Problems.Of("not-found", $"The template has {template.Samples} sample{(template.Samples == 1 ? "" : "s")}.");

        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var written = all.Preview(name, all.LanguageFor(query.Text(Language), site.Language), sample);
        if (!name.EndsWith(".html", StringComparison.Ordinal)) return TypedResults.Text(written, "text/plain", Encoding.UTF8);
        // Whoever opens it in a browser runs nothing, sends no form and follows no frame, whatever the newsroom's template says. Mails are styled by attributes.
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src {(template.Kind == TemplateKind.Page ? all.PageStyleHash : "'unsafe-inline'")}; img-src https:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox";
        return TypedResults.Text(written, "text/html", Encoding.UTF8);
    }
}
