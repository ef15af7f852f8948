using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cms.Api.Newsletter;

/// <summary>What a reader's page needs.</summary>
internal sealed record PreferenceDesk(
    CmsDbContext Db, RateLimits Limits, NewsletterLinks Links, NewsletterPages Pages, SuppressionList Suppressions, DisposableDomains Disposable, ReaderEraser Eraser, Actor Actor,
    IOptions<NewsletterOptions> Options, TimeProvider Time);

/// <summary>
/// A reader's own pages, opened by a signed link and no password: what they get, and leaving. Reading a page changes nothing, since scanners of
/// mail open links; a mail client's one-click leave (RFC 8058) is a POST without cookie or redirect.
/// </summary>
internal static class PreferenceEndpoints
{
    public static void MapPreferences(this RouteGroupBuilder newsletter)
    {
        newsletter.MapMethods("/preferences/{link}", Verbs.Read, Show).WithName("getPreferencesPage").WithSummary("A reader's preferences, as a page").WithTags("Subscriptions")
            .Public("the link is signed").WithQuery().Sends(("text/html", null)).Refuses(404, 410);
        newsletter.MapPost("/preferences/{link}", Act).WithName("changePreferences").WithSummary("Change, pause, move, leave or erase a subscription, by the page's forms").WithTags("Subscriptions")
            .Public("the link is signed").Sends(("text/html", null))
            .WithMetadata(new BodyMetadata(typeof(PreferencesInput), BodyMetadata.Form, BodyMetadata.Tiny)).Refuses(400, 404, 413, 415, 422, 429);
        newsletter.MapMethods("/unsubscribe/{link}", Verbs.Read, ShowLeave).WithName("getUnsubscribePage").WithSummary("A page with one button, which leaves").WithTags("Subscriptions")
            .Public("the link is signed").WithQuery().Sends(("text/html", null)).Refuses(404);
        newsletter.MapPost("/unsubscribe/{link}", Leave).WithName("leave").WithSummary("Leave, by the page's button or a mail client's one click (RFC 8058)").WithTags("Subscriptions")
            .Public("the link is signed").Sends(("text/html", null)).Refuses(404);
    }

    private static async Task<IResult> Show(string link, HttpContext http, [AsParameters] PreferenceDesk desk, CancellationToken ct)
    {
        var site = await SiteOf(desk.Db, ct);
        if (desk.Links.Read(LinkPurpose.Manage, link, desk.Time.Now()) is not { } reader) return Wrong(http, desk, site);
        if (await desk.Db.Subscribers.AsNoTracking().SingleOrDefaultAsync(s => s.Id == reader.SubscriberId, ct) is not { } subscriber)
            return desk.Pages.Page(200, "erased", NewsletterPages.Preferred(http), site, whose => new PlainPage(whose));
        return reader.IsExpired
            ? desk.Pages.Page(410, "manage-expired", subscriber.Language, site, whose => new ButtonPage(whose, $"{ReaderPaths.Preferences}/{link}"))
            : await Preferences(200, link, subscriber, new(), site, desk, ct);
    }

    private static async Task<IResult> Act(string link, HttpContext http, FormFields form, [AsParameters] PreferenceDesk desk, CancellationToken ct)
    {
        (desk.Actor.Id, desk.Actor.Operation) = (Reader.Actor, "changePreferences");
        var site = await SiteOf(desk.Db, ct);
        if (desk.Links.Read(LinkPurpose.Manage, link, desk.Time.Now()) is not { } reader) return Wrong(http, desk, site);
        await using var transaction = await desk.Db.Database.BeginTransactionAsync(ct);
        if (await Locked(desk.Db, reader.SubscriberId, ct) is not { } subscriber)
            return desk.Pages.Page(200, "erased", NewsletterPages.Preferred(http), site, whose => new PlainPage(whose));
        var answer = await Do(link, reader, http, form, subscriber, site, desk, ct);
        await transaction.CommitAsync(ct);
        return answer;
    }

    // A form has no version to compare: what is sent at the same moment is done one after the other.
    private static Task<Subscriber?> Locked(CmsDbContext db, Guid id, CancellationToken ct) =>
        db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(ct);

    private static async Task<IResult> Do(
        string link, ReaderLink reader, HttpContext http, FormFields form, Subscriber subscriber, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        var now = desk.Time.Now();
        // An old link lets its holder have a fresh one mailed to the reader, and nothing else.
        if (reader.IsExpired) return await Mail(MailWish.Manage, subscriber, site, desk, ct);

        // Who left may have or erase their data, and comes back by a new sign-up: an old page that is still open does not choose for them.
        if (subscriber.Status == SubscriberStatus.Unsubscribed && form.One("act") is ("save" or "pause" or "resume" or "change-address"))
            return await Preferences(200, link, subscriber, new(), site, desk, ct);

        switch (form.One("act"))
        {
            case "save":
                return await Save(link, form, subscriber, site, desk, ct);
            case "pause":
                subscriber.Pause(now);
                break;
            case "resume":
                subscriber.Resume(now);
                break;
            case "change-address":
                return await ChangeAddress(link, form, http, subscriber, site, desk, ct);
            case "leave":
                return await Unsubscribe(subscriber, site, desk, ct);
            case "data":
                return await Mail(MailWish.Data, subscriber, site, desk, ct);
            case "erase" when form.One("sure") == "true":
                await desk.Eraser.Erase(subscriber, ct);
                return desk.Pages.Page(200, "erased", subscriber.Language, site, whose => new PlainPage(whose));
            case "erase":
                return await Preferences(422, link, subscriber, new("sure"), site, desk, ct);
            default:
                throw new MalformedException("/act", "unknown", "Send act: save, pause, resume, change-address, leave, data or erase.");
        }

        await desk.Db.SaveChangesAsync(ct);
        return await Preferences(200, link, subscriber, new(IsSaved: true), site, desk, ct);
    }

    private static async Task<IResult> ShowLeave(string link, HttpContext http, [AsParameters] PreferenceDesk desk, CancellationToken ct)
    {
        var site = await SiteOf(desk.Db, ct);
        if (desk.Links.Read(LinkPurpose.Unsubscribe, link, desk.Time.Now()) is not { } reader) return Wrong(http, desk, site);
        var language = await desk.Db.Subscribers.Where(s => s.Id == reader.SubscriberId).Select(s => s.Language).SingleOrDefaultAsync(ct);
        return desk.Pages.Page(200, "unsubscribe", language ?? NewsletterPages.Preferred(http), site, whose => new ButtonPage(whose, $"{ReaderPaths.Unsubscribe}/{link}"));
    }

    // Whatever body comes, a mail client's or the page's: the link says all. Done twice it says the same.
    private static async Task<IResult> Leave(string link, HttpContext http, [AsParameters] PreferenceDesk desk, CancellationToken ct)
    {
        (desk.Actor.Id, desk.Actor.Operation) = (Reader.Actor, "leave");
        var site = await SiteOf(desk.Db, ct);
        if (desk.Links.Read(LinkPurpose.Unsubscribe, link, desk.Time.Now()) is not { } reader) return Wrong(http, desk, site);
        await using var transaction = await desk.Db.Database.BeginTransactionAsync(ct);
        if (await Locked(desk.Db, reader.SubscriberId, ct) is not { } subscriber) return Left(NewsletterPages.Preferred(http), site, desk);
        var answer = await Unsubscribe(subscriber, site, desk, ct);
        await transaction.CommitAsync(ct);
        return answer;
    }

    private static async Task<IResult> Unsubscribe(Subscriber subscriber, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        await desk.Suppressions.Leave(subscriber, ct);
        await desk.Db.SaveChangesAsync(ct);
        await DigestMarks.Left(desk.Db, subscriber.Id, desk.Time.Now(), ct);
        return Left(subscriber.Language, site, desk);
    }

    private static IResult Left(string? language, SiteSettings site, PreferenceDesk desk) => desk.Pages.Page(200, "left", language, site, whose => new SubscribeAgainPage(whose, ReaderPaths.Subscriptions));

    private static async Task<IResult> Save(string link, FormFields form, Subscriber subscriber, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        var wanted = form.Several("sectionIds").Select(t => Guid.TryParseExact(t, "D", out var id) ? id : Guid.Empty).Distinct().ToArray();
        // Which ones the page showed and the reader left unchecked is what they do not want; all of them is none in particular.
        var known = await desk.Db.Sections.Where(s => wanted.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct);
        var frequency = form.One("frequency") switch
        {
            "daily" => Frequency.Daily,
            "weekly" => Frequency.Weekly,
            null => subscriber.Frequency,
            _ => throw new MalformedException("/frequency", "unknown", "Give one of: daily, weekly."),
        };
        var language = form.One("language");
        var fault = wanted.Length > Subscriber.MaxSections || known.Count < wanted.Length ? "sections" : language is not null && !desk.Pages.Speaks(language) ? "language" : null;
        if (fault is not null) return await Preferences(422, link, subscriber, new(SaveFault: fault), site, desk, ct);
        subscriber.Choose(new(language is null ? subscriber.Language : desk.Pages.LanguageOf(language, site), frequency, known), desk.Time.Now());
        await desk.Db.SaveChangesAsync(ct);
        return await Preferences(200, link, subscriber, new(IsSaved: true), site, desk, ct);
    }

    private static async Task<IResult> ChangeAddress(string link, FormFields form, HttpContext http, Subscriber subscriber, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        var (typed, suggested) = (form.One("newEmail"), form.One("suggested"));
        if (!EmailAddress.TryParse(suggested ?? typed, out var address, out _)) return await Refuse("email");
        if (desk.Disposable.Contains(address)) return await Refuse("disposable");
        if (suggested is null && !form.IsTicked("asTyped") && AddressAdvice.Suggestion(address) is { } meant) return await Refuse("suggestion", meant);
        // Each new address is a mail to somebody who may not have asked: as many an hour as the sign-up form sends.
        if (!desk.Limits.CountSignUp(http)) return Problems.Of("rate-limited", "Too many new addresses came from this network address. Wait as Retry-After says.");
        var signUp = SignUp.OfMove(subscriber, address, new("preferences", desk.Options.Value.TextVersion, ClientAddress.Text(http.Connection.RemoteIpAddress)), desk.Time.Now());
        desk.Db.Add(signUp);
        desk.Db.Add(AskedMailer.Wish(MailWish.OfSignUp(signUp), signUp.CreatedAt));
        await desk.Db.SaveChangesAsync(ct);
        return desk.Pages.CheckInbox("address-change", subscriber.Language, site);

        Task<IResult> Refuse(string message, string? suggestion = null) => Preferences(422, link, subscriber, new(message, NewEmail: typed, Suggestion: suggestion), site, desk, ct);
    }

    private static async Task<IResult> Mail(string what, Subscriber subscriber, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        desk.Db.Add(AskedMailer.Wish(MailWish.Of(what, subscriber, desk.Time.Now()), desk.Time.Now()));
        await desk.Db.SaveChangesAsync(ct);
        return desk.Pages.CheckInbox(what, subscriber.Language, site);
    }

    private static async Task<IResult> Preferences(
        int status, string link, Subscriber subscriber, PreferencesTold told, SiteSettings site, PreferenceDesk desk, CancellationToken ct)
    {
        var sections = await ReaderSections.Shown(desk.Db, subscriber.SectionIds, ct);
        var language = desk.Pages.LanguageOf(subscriber.Language, site);
        var expires = desk.Links.Read(LinkPurpose.Manage, link, desk.Time.Now())?.Until ?? throw new InvalidOperationException("The page of a link that was read cannot read it.");
        return desk.Pages.Page(status, "preferences", language, site, whose => new PreferencesPage(
            whose, $"{ReaderPaths.Preferences}/{link}", sections, subscriber.Frequency == Frequency.Weekly ? "weekly" : "daily", desk.Pages.Languages(language),
            subscriber.Status == SubscriberStatus.Paused, told.IsSaved, Masked(subscriber.Email), expires, told.Message, subscriber.Status == SubscriberStatus.Unsubscribed, ReaderPaths.Subscriptions,
            told.SaveFault, told.NewEmail, told.Suggestion));
    }

    // Enough to know it again, and not to learn it from a page left open.
    private static string Masked(string email)
    {
        var at = email.LastIndexOf('@');
        return $"{System.Globalization.StringInfo.GetNextTextElement(email[..at])}…{email[at..]}";
    }

    private static IResult Wrong(HttpContext http, PreferenceDesk desk, SiteSettings site) =>
        desk.Pages.Page(404, "link-wrong", NewsletterPages.Preferred(http), site, whose => new PlainPage(whose));

    private static async Task<SiteSettings> SiteOf(CmsDbContext db, CancellationToken ct) => (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
}

/// <summary>What the page says of the form that was sent, in the words of <see cref="PreferencesPage"/>.</summary>
internal sealed record PreferencesTold(string? Message = null, bool IsSaved = false, string? SaveFault = null, string? NewEmail = null, string? Suggestion = null);

/// <summary>What the forms of the preferences' page send.</summary>
/// <param name="Act">What to do: <c>save</c>, <c>pause</c>, <c>resume</c>, <c>change-address</c>, <c>leave</c>, <c>data</c> or <c>erase</c>.</param>
/// <param name="SectionIds">Sections of interest, with <c>save</c>; none means all.</param>
/// <param name="Frequency">How often, with <c>save</c>.</param>
/// <param name="Language">Of the digest, with <c>save</c>: one that the page offers.</param>
/// <param name="NewEmail">With <c>change-address</c>: a mail goes there, and its link confirms.</param>
/// <param name="Suggested">With <c>change-address</c>: the address that the page suggested, which takes the place of the typed one.</param>
/// <param name="AsTyped">With <c>change-address</c>: the reader was shown a suggestion, and keeps the address.</param>
/// <param name="Sure">With <c>erase</c>: <c>true</c>; anything else asks again.</param>
internal sealed record PreferencesInput(string? Act, IReadOnlyList<Guid>? SectionIds, Frequency? Frequency, string? Language, string? NewEmail, string? Suggested, bool? AsTyped, string? Sure);

/// <summary>The sections that a reader may choose from: those at the root of the tree, and those they chose, which may stand deeper.</summary>
internal static class ReaderSections
{
    public static async Task<IReadOnlyList<SectionChoice>> Shown(CmsDbContext db, IReadOnlyList<Guid> chosen, CancellationToken ct)
    {
        var sections = await db.Sections.AsNoTracking().Where(s => s.ParentId == null).OrderBy(s => s.Position).ThenBy(s => s.Id).Take(Subscriber.MaxSections).Select(s => new { s.Id, s.Name }).ToListAsync(ct);
        // What is not shown is not sent back, and would be lost by saving something else.
        var others = chosen.Except(sections.Select(s => s.Id)).ToArray();
        if (others.Length > 0) sections.AddRange(await db.Sections.AsNoTracking().Where(s => others.Contains(s.Id)).OrderBy(s => s.Position).ThenBy(s => s.Id).Select(s => new { s.Id, s.Name }).ToListAsync(ct));
        return [.. sections.Select(s => new SectionChoice(s.Id.ToString(), s.Name, chosen.Contains(s.Id)))];
    }
}
