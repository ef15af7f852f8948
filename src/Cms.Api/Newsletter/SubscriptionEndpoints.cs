using System.Net;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Templates;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cms.Api.Newsletter;

/// <summary>What a sign-up needs beside its body.</summary>
internal sealed record SignUpDesk(
    CmsDbContext Db, IValidator<SignUpInput> Validator, RateLimits Limits, DisposableDomains Disposable, NewsletterPages Pages, ProofOfWork Proof, IOptions<NewsletterOptions> Options, TimeProvider Time,
    ILoggerFactory Logs);

/// <summary>
/// Signing up. What the text alone decides is refused with words; all else gets one answer after one insert, so that neither bytes nor time tell
/// whether an address is known: the rest is <see cref="AskedMailer"/>'s work.
/// </summary>
internal static class SubscriptionEndpoints
{
    private const string ByForm = "sign-up form", ByScript = "sign-up API", ByServer = "frontend server";

    public static void MapSubscriptions(this RouteGroupBuilder newsletter)
    {
        newsletter.MapMethods("/subscriptions", Verbs.Read, Form).WithName("getSignUpPage").WithSummary("The sign-up form, as a page").WithTags("Subscriptions")
            .Public("who wants the digest has no token").WithQuery().Sends(("text/html", null));
        newsletter.MapPost("/subscriptions", SignUp).WithName("signUp").WithSummary("Ask for the digest: a mail with a link follows").WithTags("Subscriptions")
            .PublicOr(Scope.SubscriptionsWrite, "who wants the digest has no token").Produces<SignUpReceiptView>(StatusCodes.Status202Accepted)
            .WithMetadata(new BodyMetadata(typeof(SignUpInput), BodyMetadata.Json, BodyMetadata.Tiny) { Also = [BodyMetadata.Form] }, new AlsoAnswers(303, "A form was taken: Location has the page that says what comes next."))
            .Refuses(400, 401, 403, 413, 415, 422, 429);
        newsletter.MapMethods("/challenge", Verbs.Read, Challenge).WithName("getChallenge").WithSummary("A puzzle that a browser solves before it signs a reader up").WithTags("Subscriptions")
            .Public("who wants the digest has no token").WithQuery().Produces<ChallengeView>().WithMetadata(new AsksNobody()).Refuses(404);
        newsletter.MapMethods("/check-inbox", Verbs.Read, CheckInbox).WithName("getCheckInboxPage").WithSummary("What a reader who signed up does next, as a page").WithTags("Subscriptions")
            .Public("who wants the digest has no token").WithQuery().Sends(("text/html", null));
    }

    private static async Task<IResult> Form(HttpContext http, [AsParameters] SignUpDesk desk, CancellationToken ct)
    {
        var site = await SiteOf(desk.Db, ct);
        var input = new SignUpInput(null, null, NewsletterPages.Preferred(http), null, null, null, null, null, null, null);
        return await FormPage(200, input, [], null, desk.Proof.IsOn, site, desk, ct);
    }

    private static async Task<IResult> CheckInbox(HttpContext http, CmsDbContext db, NewsletterPages pages, CancellationToken ct) =>
        pages.CheckInbox("confirmation", NewsletterPages.Preferred(http), await SiteOf(db, ct));

    private static IResult Challenge(ProofOfWork proof) =>
        proof.IsOn ? TypedResults.Ok(ChallengeView.Of(proof.Make())) : Problems.Of("not-found", "Sign-ups of this service need no proof of work. Leave altcha out.");

    private static async Task<IResult> SignUp(HttpContext http, [AsParameters] SignUpDesk desk, CancellationToken ct)
    {
        var isServer = http.User.Identity is { IsAuthenticated: true };
        if (!isServer && !desk.Limits.CountSignUp(http))
        {
            desk.Logs.CreateLogger("Cms.Limits").LogWarning("Too many sign-ups from {Client}.", ClientAddress.Cut(http.Connection.RemoteIpAddress));
            return Problems.Of("rate-limited", "Too many sign-ups came from this address. Wait as Retry-After says.");
        }

        var isForm = FormFields.IsForm(http);
        var (input, faults) = isForm ? ReadForm(FormFields.Read(http)) : ((await Body<SignUpInput>.BindAsync(http)).Value, []);
        if (!string.IsNullOrEmpty(input.Website)) return Accepted(isForm, desk); // a robot

        var site = await SiteOf(desk.Db, ct);
        faults.AddRange(await desk.Validator.Faults(input, ct));
        if (!isServer && input.ClientAddress is not null) faults.Add(new("/clientAddress", "notAllowed", "Only a server that shows a token of the scope subscriptions:write passes it."));
        var (solved, unproven) = desk.Proof.IsOn && !isServer ? Prove(input.Altcha, desk.Proof) : (null, null);
        string? suggestion = null;
        if (faults.Count == 0 && Address(input) is { } typed) suggestion = Advise(typed, input, desk, faults);
        if (faults.Count == 0) faults.AddRange(await UnknownSections(input, desk.Db, ct));
        if (faults.Count > 0 || unproven is not null) return await Refuse(unproven);

        var address = Address(input) ?? throw new InvalidOperationException("The validator let an address pass.");
        var choices = new DigestWishes(input.Language, input.Frequency, input.SectionIds);
        var client = ClientAddress.Text(!isServer ? http.Connection.RemoteIpAddress : IPAddress.TryParse(input.ClientAddress, out var passed) ? passed : null);
        var origin = new SignUpOrigin(isServer ? ByServer : isForm ? ByForm : ByScript, input.TextVersion ?? desk.Options.Value.TextVersion, client);
        var signUp = Domain.Newsletter.SignUp.Of(address, input.Name, choices, origin, desk.Time.Now());
        await using var transaction = await desk.Db.Database.BeginTransactionAsync(ct);
        if (solved is not null && !await ProofOfWork.Take(desk.Db, solved, ct)) return await Refuse(Unproven("used"));
        desk.Db.Add(signUp);
        desk.Db.Add(AskedMailer.Wish(MailWish.OfSignUp(signUp), signUp.CreatedAt));
        await desk.Db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return Accepted(isForm, desk);

        async Task<IResult> Refuse(FieldError? unproven) =>
            isForm ? await FormPage(422, input, faults, suggestion, unproven is not null, site, desk, ct) : Problems.Invalid(unproven is null ? faults : [.. faults, unproven]);
    }

    // Of the request alone, so it tells nobody anything of an address. What is refused for another reason takes no challenge: the same one goes with the mended form.
    private static (SolvedChallenge? Solved, FieldError? Fault) Prove(string? solution, ProofOfWork proof)
    {
        if (string.IsNullOrEmpty(solution)) return (null, Unproven("required"));
        var (solved, fault) = proof.Check(solution);
        return (solved, fault is null ? null : Unproven(fault));
    }

    private static FieldError Unproven(string code) => new("/altcha", code, code switch
    {
        "required" => "A sign-up needs a proof of work. Fetch a challenge from /newsletter/v1/challenge, solve it, and send the solution as altcha.",
        "expired" => "The challenge is too old. Fetch another from /newsletter/v1/challenge, solve it, and send the sign-up again.",
        "used" => "The challenge was used before. Fetch another from /newsletter/v1/challenge, solve it, and send the sign-up again.",
        _ => "This solves no challenge of this service. Fetch another from /newsletter/v1/challenge, solve it, and send the sign-up again.",
    });

    private static IResult Accepted(bool isForm, SignUpDesk desk)
    {
        if (!isForm) return TypedResults.Json(SignUpReceiptView.Same, StrictJson.Options, statusCode: StatusCodes.Status202Accepted);
        return new SeeOther(desk.Options.Value.CheckInboxUrl is { Length: > 0 } page ? page : ReaderPaths.CheckInbox);
    }

    // What may be a slip is asked once, and not held against who means it.
    private static string? Advise(EmailAddress typed, SignUpInput input, SignUpDesk desk, List<FieldError> faults)
    {
        if (desk.Disposable.Contains(typed))
        {
            faults.Add(new("/email", "disposable", "Give an address that you will still have tomorrow: this domain gives them for minutes."));
            return null;
        }

        if (input.AsTyped == true || AddressAdvice.Suggestion(typed) is not { } suggestion) return null;
        faults.Add(new("/email", "suggestion", $"Is it {suggestion}? Send that, or send asTyped: true with the address as it is."));
        return suggestion;
    }

    private static async Task<IEnumerable<FieldError>> UnknownSections(SignUpInput input, CmsDbContext db, CancellationToken ct)
    {
        if (input.SectionIds is not { Count: > 0 } wanted) return [];
        var known = await db.Sections.Where(s => wanted.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct);
        return wanted.Select((id, i) => (id, i)).Where(s => !known.Contains(s.id)).Select(s => new FieldError($"/sectionIds/{s.i}", "notFound", "There is no such section."));
    }

    private static (SignUpInput Input, List<FieldError> Faults) ReadForm(FormFields form)
    {
        var faults = new List<FieldError>();
        var suggested = form.One("suggested"); // the button beside a suggestion
        Frequency? frequency = form.One("frequency") switch
        {
            null => null,
            "daily" => Frequency.Daily,
            "weekly" => Frequency.Weekly,
            _ => Fault<Frequency?>(faults, "/frequency", "unknown", "Give one of: daily, weekly."),
        };
        var sections = new List<Guid>();
        foreach (var (text, i) in form.Several("sectionIds").Select((t, i) => (t, i)))
        {
            if (Guid.TryParseExact(text, "D", out var id)) sections.Add(id);
            else Fault<object>(faults, $"/sectionIds/{i}", "type", "Give an id, such as 0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f.");
        }

        return (new(suggested ?? form.One("email"), form.One("name"), form.One("language"), frequency, form.Has("sectionIds") ? sections : null, form.One("textVersion"),
            suggested is not null || form.IsTicked("asTyped"), form.One("website"), form.One("altcha"), null), faults);
    }

    private static T? Fault<T>(List<FieldError> faults, string pointer, string code, string message)
    {
        faults.Add(new(pointer, code, message));
        return default;
    }

    private static async Task<IResult> FormPage(
        int status, SignUpInput input, List<FieldError> faults, string? suggestion, bool isUnproven, SiteSettings site, SignUpDesk desk, CancellationToken ct)
    {
        var language = desk.Pages.LanguageOf(input.Language, site);
        var chosen = input.SectionIds ?? [];
        var emailFault = suggestion is null ? faults.FirstOrDefault(f => f.Pointer == "/email")?.Code : null;
        var others = faults.Where(f => f.Pointer != "/email").ToList();
        var shown = await ReaderSections.Shown(desk.Db, chosen, ct);
        return desk.Pages.Page(status, "subscribe", language, site, whose => new SubscribePage(
            whose, ReaderPaths.Subscriptions, input.Email, emailFault, suggestion, shown, input.Frequency == Frequency.Weekly ? "weekly" : "daily", desk.Pages.Languages(language), language,
            others.Count == 0 ? null : string.Join(' ', others.Select(f => f.Message)), input.TextVersion ?? desk.Options.Value.TextVersion, input.AsTyped == true, desk.Proof.IsOn ? input.Altcha : null, isUnproven,
            string.Join(", ", others.Select(f => f.Pointer.Split('/')[1]).Distinct()), input.Name), desk.Options.Value.CheckInboxUrl);
    }

    private static EmailAddress? Address(SignUpInput input) => EmailAddress.TryParse(input.Email, out var address, out _) ? address : null;

    private static async Task<SiteSettings> SiteOf(CmsDbContext db, CancellationToken ct) => (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;

    private sealed class SeeOther(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }
}
