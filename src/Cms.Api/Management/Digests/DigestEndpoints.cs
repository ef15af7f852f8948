using System.Globalization;
using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Digests;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Digests;

/// <summary>The daily and weekly digest: what comes next, what editors say of it, and what became of each edition.</summary>
internal static class DigestEndpoints
{
    private static readonly WordsParameter OfFrequency = new("frequency", "Of which edition; daily when absent.", WordConverter.Words(typeof(Frequency)), Several: false);
    private static readonly TextParameter Language = new("language", "Preview as a reader of this language gets it; the site's when absent.", Domain.Text.LanguageTag.MaxLength);
    private static readonly IdsParameter Sections = new("sectionIds", "Preview as a reader of these sections gets it; all when absent.");

    public static void MapDigests(this RouteGroupBuilder management)
    {
        var digests = management.MapGroup("/digests").WithTags("Digests");
        digests.MapGet("/", List).WithName("listDigests").WithSummary("List editions of the digest, newest first")
            .Require(Scope.ContentRead, Scope.DigestsWrite).WithPages();
        digests.MapGet("/next", Next).WithName("getNextDigest").WithSummary("What goes next, as it would go now")
            .Require(Scope.ContentRead, Scope.DigestsWrite).WithQuery(OfFrequency, Language, Sections);
        digests.MapPatch("/next", Change).WithName("changeNextDigest").WithSummary("Order, drop, add, write the intro and subject, correct, or hold the edition that comes next")
            .Require(Scope.DigestsWrite).WithQuery(OfFrequency).TakesPatchOf<EditionInput>().NeedsIfMatch();
        digests.MapPost("/next/test", Test).WithName("testNextDigest").WithSummary("Mail the edition that comes next to an editor")
            .Require(Scope.DigestsWrite).Takes<DigestTestInput>().Produces<DigestTestView>(StatusCodes.Status202Accepted).Refuses(409);
        digests.MapGet("/{id:guid}", Get).WithName("getDigest").WithSummary("Get an edition with what became of its mails")
            .Require(Scope.ContentRead, Scope.DigestsWrite).Refuses(404);
        digests.MapGet("/{id:guid}/failures", Failures).WithName("getDigestFailures").WithSummary("Mails of an edition that did not arrive, as CSV")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Sends(("text/csv", null)).Refuses(404);
    }

    private static async Task<Ok<Page<DigestView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var after = query.After?.Id;
        var rows = await db.Editions.AsNoTracking().Where(e => after == null || e.Id < after).OrderByDescending(e => e.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, DigestView.Of, e => Position.Of(e.Id)));
    }

    private static async Task<Ok<NextDigestView>> Next(Query query, CmsDbContext db, DigestDesk desk, TimeProvider time, CancellationToken ct)
    {
        var frequency = FrequencyOf(query);
        var (edition, content, site) = await desk.Next(db, frequency, ct);
        return TypedResults.Ok(await View(edition, content, site, query.Text(Language), query.Ids(Sections) ?? [], db, desk, time.Now(), ct));
    }

    private static async Task<Results<Ok<NextDigestView>, ProblemHttpResult>> Change(
        Query query, MergePatch patch, IfMatch ifMatch, IValidator<EditionInput> validator, CmsDbContext db, DigestDesk desk, TimeProvider time, CancellationToken ct)
    {
        var (edition, _, _) = await desk.Next(db, FrequencyOf(query), ct);
        if (!ifMatch.Allows(VersionOf(edition))) return Problems.Stale();
        var input = patch.Apply(EditionInput.Of(edition.Wishes));
        var faults = await validator.Faults(input, ct);
        if (faults.Count == 0) faults.AddRange(await Unpublished(input, db, ct));
        if (faults.Count > 0) return Problems.Invalid(faults);

        if (edition.Version == 0) db.Add(edition);
        edition.Wish(input.Wishes());
        await db.SaveChangesAsync(ct);
        var (changed, content, site) = await desk.Next(db, edition.Frequency, ct);
        return TypedResults.Ok(await View(changed, content, site, null, [], db, desk, time.Now(), ct));
    }

    private static async Task<Results<Accepted<DigestTestView>, ProblemHttpResult>> Test(
        Body<DigestTestInput> body, IValidator<DigestTestInput> validator, CmsDbContext db, DigestDesk desk, TimeProvider time, CancellationToken ct)
    {
        if (await validator.Refusal(body.Value, ct) is { } refusal) return refusal;
        var input = body.Value;
        var wish = new TestWish(input.Email ?? "", input.Frequency ?? Frequency.Daily, input.Language, input.SectionIds ?? []);
        var (edition, content, site) = await desk.Next(db, wish.Frequency, ct);
        if (desk.Preview(edition, content, site, wish.Language, wish.SectionIds) is null)
            return Problems.Of("nothing-new", content.Articles.Count == 0 ? "Nothing new was published, so there would be no mail. Publish an article, or name one in articleIds of the next edition." : "There is nothing new in these sections, so their readers would get no mail. Name others, or none for all.");
        db.Outbox.Add(AskedMailer.Wish(MailWish.OfTest(wish, time.Now()), time.Now()));
        await db.SaveChangesAsync(ct);
        return TypedResults.Accepted((string?)null, new DigestTestView("accepted"));
    }

    private static async Task<Results<Ok<DigestReportView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct)
    {
        if (await db.Editions.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, ct) is not { } edition) return Problems.NotFound();
        var json = await db.Editions.Where(e => e.Id == id).Select(e => EF.Property<string?>(e, EditionMapping.Content)).SingleAsync(ct);
        var articles = json is null ? [] : JsonColumn.Read<EditionContent>(json).Articles;
        var clicks = await ClickCounter.Of(db, edition.Number, ct);
        var views = articles.Select(a => DigestArticleView.Of(a) with { Clicks = clicks.TryGetValue(a.Id, out var number) ? number : null });
        return TypedResults.Ok(new DigestReportView(DigestView.Of(edition), [.. views], await DigestCounts.Of(db, edition.Number, ct), await Domains(edition.Number, db, ct)));
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> Failures(Guid id, HttpContext http, CmsDbContext db, CancellationToken ct)
    {
        if (await db.Editions.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, ct) is not { } edition) return Problems.NotFound();
        http.Response.ContentType = "text/csv; charset=utf-8";
        await http.Response.WriteAsync("subscriberId,state,attempts,code,status,at\r\n", ct);
        var number = edition.Number;
        // What a server said when it took a mail does not tell why that came back.
        var rows = db.Database.SqlQuery<Failure>($"""
            SELECT subscriber_id, CASE state WHEN 2 THEN 'deferred' WHEN 3 THEN 'failed' ELSE 'bounced' END AS state, attempts::int,
              CASE WHEN state IN (2, 3) THEN coalesce(code, 0) ELSE 0 END::int AS code, CASE WHEN state IN (2, 3) THEN coalesce(status, '') ELSE '' END AS status,
              CASE WHEN state IN (2, 3) THEN at ELSE bounced_at END AS at
            FROM cms.digest_mails WHERE edition = {number} AND (state IN (2, 3) OR bounced_at IS NOT NULL) ORDER BY subscriber_id
            """).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(ct))
            await http.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{row.SubscriberId},{row.State},{row.Attempts},{row.Code},{row.Status},{Instant.Text(row.At)}\r\n"), Encoding.UTF8, ct);
        return TypedResults.Empty;
    }

    private sealed record Failure(Guid SubscriberId, string State, int Attempts, int Code, string Status, DateTimeOffset? At);

    private static async Task<IReadOnlyList<DigestDomain>> Domains(long number, CmsDbContext db, CancellationToken ct) => await db.Database.SqlQuery<DigestDomain>($"""
        SELECT split_part(s.email, '@', 2) AS domain, count(*) FILTER (WHERE m.state = 1)::int AS sent, count(*) FILTER (WHERE m.state = 2)::int AS deferred, count(*) FILTER (WHERE m.state = 3)::int AS failed
        FROM cms.digest_mails m JOIN cms.subscribers s ON s.id = m.subscriber_id WHERE m.edition = {number} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 50
        """).ToListAsync(ct);

    private static async Task<NextDigestView> View(
        Edition edition, EditionContent content, SiteSettings site, string? language, IReadOnlyList<Guid> follows, CmsDbContext db, DigestDesk desk, DateTimeOffset now, CancellationToken ct)
    {
        var readers = await DigestDesk.Readers(db, edition.Frequency, ct);
        var complaints = await ComplaintRate.Of(db, now, ct);
        var preview = desk.Preview(edition, content, site, language, follows);
        return new(
            edition.Frequency, edition.Date, edition.DueAt, EditionInput.Of(edition.Wishes), DigestView.HeldOf(edition), ComplaintsView.Of(complaints), [.. content.Articles.Select(DigestArticleView.Of)],
            [.. content.LeftOut.Select(a => new LeftOutView(a.Id, a.Headline, a.Reason))],
            new(readers.Active, readers.Pending, readers.Paused, readers.Unsubscribed, readers.Bounced, readers.Complained),
            preview is null ? null : new(preview.Subject, preview.Html, preview.Text))
        { Version = VersionOf(edition) };
    }

    private static async Task<IEnumerable<FieldError>> Unpublished(EditionInput input, CmsDbContext db, CancellationToken ct)
    {
        Guid[] named = [.. input.ArticleIds ?? [], .. (input.Corrections ?? []).Select(c => c.ArticleId ?? Guid.Empty)];
        var known = await db.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM delivery.articles WHERE id = ANY ({named})").ToListAsync(ct);
        return (input.ArticleIds ?? []).Select((id, i) => (Id: id, At: $"/articleIds/{i}")).Concat((input.Corrections ?? []).Select((c, i) => (Id: c.ArticleId ?? Guid.Empty, At: $"/corrections/{i}/articleId")))
            .Where(n => !known.Contains(n.Id)).Select(n => new FieldError(n.At, "notFound", "Readers see no such article. Publish it first."));
    }

    // One that nobody has stored has a version too, and each date its own: whoever changes it second, or means the one that has just gone, is told.
    private static uint VersionOf(Edition edition) => edition.Version == 0 ? uint.MaxValue - (uint)edition.Date.DayNumber : edition.Version;

    private static Frequency FrequencyOf(Query query) => query.Text(OfFrequency) is "weekly" ? Frequency.Weekly : Frequency.Daily;
}
