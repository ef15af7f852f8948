using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter.Digests;

namespace Cms.Api.Newsletter;

/// <summary>Links to a digest's articles, where the site counts clicks. They lead to what the edition carried and nowhere else, and nothing of the reader is looked at.</summary>
internal static class ClickEndpoints
{
    public static void MapClicks(this RouteGroupBuilder newsletter) =>
        newsletter.MapMethods("/click/{edition:long}/{article:guid}", Verbs.Read, Follow).WithName("followArticle").WithSummary("Lead to an article of an edition, and count it").WithTags("Digests")
            .Public("a link of a mail, the same for all readers").WithQuery().Produces(StatusCodes.Status302Found).WithMetadata(new AlsoAnswers(302, "Location has the article's page.")).Refuses(404);

    private static async Task<IResult> Follow(long edition, Guid article, HttpContext http, CmsDbContext db, ClickCounter clicks, CancellationToken ct)
    {
        if (await clicks.UrlOf(db, edition, article, ct) is not { } url) return Problems.NotFound();
        if (IsClick(http.Request)) clicks.Count(edition, article);
        return TypedResults.Redirect(Ascii.IsValid(url) ? url : InAscii(new(url)));
    }

    // A header is ASCII, and a site's host and slugs need not be.
    private static string InAscii(Uri url) => new UriBuilder(url) { Host = url.IdnHost }.Uri.AbsoluteUri;

    // Scanners of mail ask by HEAD, and browsers fetch ahead what nobody may open (Sec-Purpose of the Fetch standard; Purpose before it).
    private static bool IsClick(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && !((string[])["Sec-Purpose", "Purpose"]).Any(name => request.Headers[name].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase));
}
