using System.Globalization;
using System.Text;
using Cms.Api.Http;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter.Templates;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Newsletter;

/// <summary>Where readers' pages are.</summary>
internal static class ReaderPaths
{
    public const string Root = "/newsletter/v1", Subscriptions = Root + "/subscriptions", CheckInbox = Root + "/check-inbox", Confirmations = Root + "/confirmations", Preferences = Root + "/preferences",
        Unsubscribe = Root + "/unsubscribe";

    /// <summary>Characters of a link's last part, at most.</summary>
    public const int LinkMaxLength = 100;
}

/// <summary>Pages for readers: whole documents that work without script, in the reader's language.</summary>
internal sealed class NewsletterPages(Lazy<NewsletterTemplates> templates, ILogger<NewsletterPages> log)
{
    // As a page had it last: a refusal of a full face, or while the database is away, asks nobody.
    private SiteSettings? seen;

    /// <summary>A page.</summary>
    /// <param name="status">Of the answer.</param>
    /// <param name="template">Which, without <c>.html</c>.</param>
    /// <param name="language">The nearest of ours is taken.</param>
    /// <param name="site">Whose page it is.</param>
    /// <param name="model">What the template shows.</param>
    /// <param name="formsLeadTo">A further origin to which its forms may lead.</param>
    public IResult Page(int status, string template, string? language, SiteSettings site, Func<SiteModel, PageModel> model, string? formsLeadTo = null)
    {
        if (site != Site.Defaults) seen = site;
        return new PageResult(status, templates.Value.Render($"{template}.html", LanguageOf(language, site), model(new(site.Name, site.BaseUrl))), Policy(formsLeadTo));
    }

    /// <summary>The page that says which mail comes: <c>confirmation</c>, <c>address-change</c>, <c>manage</c> or <c>data</c>.</summary>
    public IResult CheckInbox(string mail, string? language, SiteSettings site) => Page(200, "check-inbox", language, site, whose => new CheckInboxPage(whose, (int)SignUp.LinkHolds.TotalHours, mail));

    /// <summary>The nearest language of ours.</summary>
    public string LanguageOf(string? wanted, SiteSettings site) => templates.Value.LanguageFor(wanted, site.Language);

    /// <summary>Whether there are pages and mails in the language, or in a wider one of it.</summary>
    public bool Speaks(string language) => templates.Value.Speaks(language);

    /// <summary>Languages that a reader may choose, each called by its own name.</summary>
    public IReadOnlyList<LanguageChoice> Languages(string chosen) =>
        [.. templates.Value.Languages.Select(l => new LanguageChoice(l, CultureInfo.GetCultureInfo(l).NativeName, l == chosen))];

    /// <summary>Whether a refusal is for a person's eyes: on the newsletter's face, asked for by a browser.</summary>
    public static bool Wants(HttpContext context) =>
        context.Request.Path.StartsWithSegments(ReaderPaths.Root, StringComparison.Ordinal) && context.Request.GetTypedHeaders().Accept is { Count: > 0 } accept && accept.Any(a => a.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && a.Quality is null or > 0);

    /// <summary>A refusal as a page.</summary>
    public async Task<IResult> Refused(HttpContext context, ProblemHttpResult problem) =>
        Page(problem.StatusCode, "refused", Preferred(context), seen ?? await SiteOf(context, problem.StatusCode), site => new RefusedPage(site, problem.StatusCode, problem.ProblemDetails.Detail ?? ""));

    /// <summary>The language that the browser likes best.</summary>
    public static string? Preferred(HttpContext context) =>
        context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).FirstOrDefault()?.Value.ToString();

    private async Task<SiteSettings> SiteOf(HttpContext context, int status)
    {
        if (context.GetEndpoint() is null || status is StatusCodes.Status429TooManyRequests or >= 500) return Site.Defaults;
        try
        {
            return (await context.RequestServices.GetRequiredService<CmsDbContext>().Sites.AsNoTracking().SingleAsync(context.RequestAborted)).Settings;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogWarning("A refusal is shown without the site's name: {Fault}.", DatabaseFault.Name(e));
            return Site.Defaults;
        }
    }

    // Browsers hold redirects after a form to the same rule.
    private string Policy(string? formsLeadTo)
    {
        var further = Uri.TryCreate(formsLeadTo, UriKind.Absolute, out var address) ? $" {address.GetLeftPart(UriPartial.Authority)}" : "";
        return $"default-src 'none'; style-src {templates.Value.PageStyleHash}; form-action 'self'{further}; frame-ancestors 'none'; base-uri 'none'";
    }

    private sealed class PageResult(int status, string html, string policy) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var (response, bytes) = (httpContext.Response, Encoding.UTF8.GetBytes(html));
            response.StatusCode = status;
            response.Headers[HeaderNames.ContentSecurityPolicy] = policy;
            response.Headers.CacheControl = "no-store"; // where there is no operation either: another may be asked for with other Accept
            response.ContentType = "text/html; charset=utf-8";
            response.ContentLength = bytes.Length;
            return HttpMethods.IsHead(httpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
        }
    }
}

internal static class ReaderAnswers
{
    /// <summary>
    /// Refusals that a handler returns are for people too where a browser asks. What an operation takes is said by <see cref="BodyMetadata"/> alone: the framework
    /// takes a parameter that may be a service for a JSON body, and would refuse forms.
    /// </summary>
    public static RouteGroupBuilder WithReaderAnswers(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            foreach (var guess in endpoint.Metadata.OfType<IAcceptsMetadata>().ToList()) endpoint.Metadata.Remove(guess);
        });
        return group.AddEndpointFilter(async (context, next) =>
        {
            var (result, http) = (await next(context), context.HttpContext);
            if (result is not ProblemHttpResult problem) return result;
            Problems.Complete(http, problem);
            return NewsletterPages.Wants(http) ? await http.RequestServices.GetRequiredService<NewsletterPages>().Refused(http, problem) : problem;
        });
    }
}
