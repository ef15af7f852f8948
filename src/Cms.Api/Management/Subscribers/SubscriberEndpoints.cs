using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Newsletter;
using Cms.Infrastructure;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Subscribers;

/// <summary>Readers of the newsletter. Their addresses stand in no log, audit or problem, and an erasure leaves nothing of them.</summary>
internal static class SubscriberEndpoints
{
    private static readonly TextParameter Email = new("email", "The beginning of the address, in any case.", EmailAddress.MaxLength);

    public static void MapSubscribers(this RouteGroupBuilder management)
    {
        var subscribers = management.MapGroup("/subscribers").WithTags("Subscribers");
        subscribers.MapGet("/", List).WithName("listSubscribers").WithSummary("List subscribers, oldest first; by address when it is asked for")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).WithPages([Email, .. SubscriberSegment.Parameters]);
        subscribers.MapGet("/{id:guid}", Get).WithName("getSubscriber").WithSummary("Get a subscriber")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Refuses(404);
        subscribers.MapPost("/", Create).WithName("createSubscriber").WithSummary("Add a subscriber")
            .Require(Scope.SubscribersWrite).Takes<SubscriberInput>().Idempotent();
        subscribers.MapPut("/{id:guid}", Replace).WithName("replaceSubscriber").WithSummary("Replace a subscriber")
            .Require(Scope.SubscribersWrite).Takes<SubscriberInput>().NeedsIfMatch().Refuses(404, 409);
        subscribers.MapPatch("/{id:guid}", Change).WithName("changeSubscriber").WithSummary("Change members of a subscriber")
            .Require(Scope.SubscribersWrite).TakesPatchOf<SubscriberInput>().NeedsIfMatch().Refuses(404, 409);
        subscribers.MapDelete("/{id:guid}", Erase).WithName("eraseSubscriber").WithSummary("Erase a subscriber and all that is kept of them")
            .Require(Scope.SubscribersWrite).NeedsIfMatch().Refuses(404);
        subscribers.MapPost("/{id:guid}/unsubscribe", Unsubscribe).WithName("unsubscribe").WithSummary("Unsubscribe a reader")
            .Require(Scope.SubscribersWrite).NeedsIfMatch().Refuses(404, 409);
    }

    private static async Task<Results<Ok<Page<SubscriberView>>, ProblemHttpResult>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var (after, subscribers) = (query.After?.Id, SubscriberSegment.Of(query, db));
        if (query.Text(Email) is not { } email) subscribers = subscribers.Where(s => after == null || s.Id > after).OrderBy(s => s.Id);
        else if (await WithEmail(subscribers, email, after, db, ct) is { } found) subscribers = found;
        else return Problems.BadParameters([new("cursor", "cursor", "The subscriber at whom the page before ended was erased. Begin again without a cursor.")]);

        var rows = await subscribers.Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, SubscriberView.Of, s => Position.Of(s.Id)));
    }

    // In the order of the unique index and not by id, or a rare address would be looked for in all of them. The cursor holds the id
    // alone: an address has no place in a URL. Bounds (collation C) and no LIKE: prepared, with a parameter, it may lose the index.
    // Whoever the page before ended at may have left the filter since, so they are looked for among all.
    private static async Task<IQueryable<Subscriber>?> WithEmail(
        IQueryable<Subscriber> subscribers, string email, Guid? after, CmsDbContext db, CancellationToken ct)
    {
        var prefix = SubscriberKeys.Prefix(email);
        var from = after is null ? prefix : await db.Subscribers.Where(s => s.Id == after).Select(s => s.EmailKey).SingleOrDefaultAsync(ct);
        if (from is null) return null;

        var (last, to) = (after ?? Guid.Empty, prefix + "\U0010FFFF");
        return subscribers.Where(s => EF.Functions.GreaterThan(ValueTuple.Create(s.EmailKey, s.Id), ValueTuple.Create(from, last))
            && EF.Functions.LessThan(ValueTuple.Create(s.EmailKey, s.Id), ValueTuple.Create(to, Guid.Empty))).OrderBy(s => s.EmailKey);
    }

    private static async Task<Results<Ok<SubscriberView>, ProblemHttpResult>> Get(Guid id, CmsDbContext db, CancellationToken ct) =>
        await db.Subscribers.FindAsync([id], ct) is { } subscriber ? TypedResults.Ok(SubscriberView.Of(subscriber)) : Problems.NotFound();

    private static async Task<Results<Created<SubscriberView>, ProblemHttpResult>> Create(
        Body<SubscriberInput> body, IValidator<SubscriberInput> validator, CmsDbContext db, SuppressionList suppressions, TimeProvider time, CancellationToken ct)
    {
        var input = body.Value;
        var known = await KnownSections(input, db, ct);
        if (await Faults(input, [], known, validator, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);

        var subscriber = Subscriber.Add(input.Address(), "", time.Now());
        await Describe(subscriber, input, known, isNewAddress: true, db, suppressions, time, ct);
        db.Add(subscriber);
        await db.SaveChangesAsync(ct);
        if (await suppressions.Holds(input.Address(), ct)) return Suppressed();
        return TypedResults.Created($"/management/v1/subscribers/{subscriber.Id}", SubscriberView.Of(subscriber));
    }

    private static async Task<Results<Ok<SubscriberView>, ProblemHttpResult>> Replace(
        Guid id, Body<SubscriberInput> body, IfMatch ifMatch, IValidator<SubscriberInput> validator, CmsDbContext db, SuppressionList suppressions,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Subscribers.FindAsync([id], ct) is not { } subscriber) return Problems.NotFound();
        if (!ifMatch.Allows(subscriber.Version)) return Problems.Stale();
        return await Save(subscriber, body.Value, validator, db, suppressions, time, ct);
    }

    private static async Task<Results<Ok<SubscriberView>, ProblemHttpResult>> Change(
        Guid id, MergePatch patch, IfMatch ifMatch, IValidator<SubscriberInput> validator, CmsDbContext db, SuppressionList suppressions,
        TimeProvider time, CancellationToken ct)
    {
        if (await db.Subscribers.FindAsync([id], ct) is not { } subscriber) return Problems.NotFound();
        if (!ifMatch.Allows(subscriber.Version)) return Problems.Stale();
        return await Save(subscriber, patch.Apply(SubscriberInput.Of(subscriber)), validator, db, suppressions, time, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Erase(Guid id, IfMatch ifMatch, CmsDbContext db, ReaderEraser eraser, CancellationToken ct)
    {
        if (await db.Subscribers.FindAsync([id], ct) is not { } subscriber) return Problems.NotFound();
        if (!ifMatch.Allows(subscriber.Version)) return Problems.Stale();

        await eraser.Erase(subscriber, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<SubscriberView>, ProblemHttpResult>> Unsubscribe(
        Guid id, IfMatch ifMatch, CmsDbContext db, SuppressionList suppressions, TimeProvider time, CancellationToken ct)
    {
        if (await db.Subscribers.FindAsync([id], ct) is not { } subscriber) return Problems.NotFound();
        if (!ifMatch.Allows(subscriber.Version)) return Problems.Stale();

        if (subscriber.Status != SubscriberStatus.Unsubscribed) db.Consents.Add(ConsentEvent.Of(suppressions.Hash(subscriber.EmailKey), ConsentEvent.Left, time.Now()));
        subscriber.Unsubscribe(time.Now());
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(SubscriberView.Of(subscriber));
    }

    private static async Task<Results<Ok<SubscriberView>, ProblemHttpResult>> Save(
        Subscriber subscriber, SubscriberInput input, IValidator<SubscriberInput> validator, CmsDbContext db, SuppressionList suppressions,
        TimeProvider time, CancellationToken ct)
    {
        var known = await KnownSections(input, db, ct);
        if (await Faults(input, subscriber.SectionIds, known, validator, ct) is { Count: > 0 } faults) return Problems.Invalid(faults);
        // A suppressed subscriber keeps their address: another one would be mailed under a false name.
        var moves = input.Address().Key != subscriber.EmailKey;
        if (moves && subscriber.IsSuppressed) return Suppressed();

        if (moves)
        {
            db.Consents.Add(ConsentEvent.Of(suppressions.Hash(subscriber.EmailKey), ConsentEvent.Moved, time.Now()));
            await SoftBounces.Forget(db, subscriber.Id, ct); // they were the old mailbox's
        }

        await Describe(subscriber, input, known, moves, db, suppressions, time, ct);
        await db.SaveChangesAsync(ct); // its WHERE names the version just compared, so a racing writer gets the 412
        if (moves && await suppressions.Holds(input.Address(), ct)) return Suppressed();
        return TypedResults.Ok(SubscriberView.Of(subscriber));
    }

    private static async Task Describe(
        Subscriber subscriber, SubscriberInput input, List<Guid> known, bool isNewAddress, CmsDbContext db, SuppressionList suppressions, TimeProvider time, CancellationToken ct)
    {
        var language = input.Language ?? (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings.Language;
        var consent = input.Consent is { At: { } at } c ? new Consent(at, c.Source ?? "", c.TextVersion ?? "") : null;
        if (consent is not null && (isNewAddress || consent != subscriber.Consent)) // the ledger knows addresses: a new one has nothing in it
            db.Consents.Add(ConsentEvent.Of(suppressions.Hash(input.Address().Key), ConsentEvent.Imported, consent.At, new(consent.Source, consent.TextVersion, null)));
        subscriber.Describe(input.Address(), input.Name, language, input.Frequency ?? Frequency.Daily, [.. (input.SectionIds ?? []).Where(known.Contains)], consent, time.Now());
    }

    private static async Task<List<Guid>> KnownSections(SubscriberInput input, CmsDbContext db, CancellationToken ct)
    {
        var wanted = (input.SectionIds ?? []).Distinct().ToArray();
        return wanted.Length == 0 ? [] : await db.Sections.Where(s => wanted.Contains(s.Id)).Select(s => s.Id).ToListAsync(ct);
    }

    // What a subscriber holds already may have been deleted since: sending it back is no fault, and it falls away.
    private static async Task<List<FieldError>> Faults(
        SubscriberInput input, IReadOnlyList<Guid> held, List<Guid> known, IValidator<SubscriberInput> validator, CancellationToken ct)
    {
        var faults = await validator.Faults(input, ct);
        faults.AddRange((input.SectionIds ?? []).Select((id, i) => (id, i)).Where(s => !known.Contains(s.id) && !held.Contains(s.id))
            .Select(s => new FieldError($"/sectionIds/{s.i}", "notFound", "There is no such section.")));
        return faults;
    }

    // Asked behind the save: an erasure in flight shows its suppression only to who waited for it at the unique index. The refusal undoes the save.
    private static ProblemHttpResult Suppressed() =>
        Problems.Of("email-suppressed", "Mail to this address bounced, its reader complained or was erased, or the newsroom barred it. It can be added again only when that is lifted: POST /management/v1/suppressions/lift.");
}

internal static class SubscriberKeys
{
    /// <summary>As the database makes keys: ASCII letters in lower case, all else as it is.</summary>
    public static string Prefix(string email) => string.Create(email.Length, email, static (key, text) =>
    {
        for (var i = 0; i < text.Length; i++) key[i] = char.IsAsciiLetterUpper(text[i]) ? (char)(text[i] | 0x20) : text[i];
    });
}
