using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Newsletter;

/// <summary>The second step of signing up: the mailed link shows a page, and only its button confirms, since scanners of mail open links.</summary>
internal static class ConfirmationEndpoints
{
    private const int SecretBytes = 32;

    public static void MapConfirmations(this RouteGroupBuilder newsletter)
    {
        newsletter.MapMethods("/confirmations/{link}", Verbs.Read, Show).WithName("getConfirmationPage").WithSummary("The page behind a mailed link; it changes nothing").WithTags("Subscriptions")
            .Public("the link is the proof").WithQuery().Sends(("text/html", null)).Refuses(404, 410);
        newsletter.MapPost("/confirmations/{link}", Confirm).WithName("confirmSignUp").WithSummary("Confirm a sign-up or a new address").WithTags("Subscriptions")
            .Public("the link is the proof").Sends(("text/html", null)).Refuses(404, 410);
    }

    private enum State
    {
        Wrong,
        Expired,
        Open,
        Used,
    }

    private static async Task<IResult> Show(string link, HttpContext http, CmsDbContext db, NewsletterPages pages, TimeProvider time, CancellationToken ct)
    {
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        var (state, signUp) = await Find(link, db, locks: false, time.Now(), ct);
        return state == State.Open
            ? pages.Page(200, "confirm", signUp?.Choices.Language, site, whose => new ConfirmPage(whose, $"{ReaderPaths.Confirmations}/{link}", signUp?.SubscriberId is not null))
            : Told(state, signUp, http, pages, site);
    }

    private static async Task<IResult> Confirm(
        string link, HttpContext http, CmsDbContext db, SuppressionList suppressions, ReaderLinks links, NewsletterPages pages, Actor actor, TimeProvider time, CancellationToken ct)
    {
        (actor.Id, actor.Operation) = (Reader.Actor, "confirmSignUp");
        var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var (state, signUp) = await Find(link, db, locks: false, time.Now(), ct);
        if (state == State.Open && signUp is not null)
        {
            await Lock(signUp, db, suppressions, ct);
            (state, signUp) = await Find(link, db, locks: true, time.Now(), ct); // it may have been used while this waited
        }

        if (state != State.Open || signUp is null) return Told(state, signUp, http, pages, site);

        // The suppression of an erasure in flight shows at the unique index, behind which this waits.
        if (!EmailAddress.TryParse(signUp.Email, out var address, out _) || await suppressions.Forbids(address, ct)) return Told(State.Wrong, null, http, pages, site);
        var subscriber = signUp.SubscriberId is null ? await Subscribe(signUp, address, site, db, suppressions, time.Now(), ct) : await Move(signUp, address, db, suppressions, time.Now(), ct);
        if (subscriber is null) return Told(State.Wrong, null, http, pages, site);
        signUp.Confirm(time.Now());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return pages.Page(200, "confirmed", subscriber.Language, site, whose => new ConfirmedPage(whose, links.Preferences(subscriber.Id), signUp.SubscriberId is not null));
    }

    // Confirmations of one address are done one after the other, also where it has no row yet, and so is whatever else changes its reader: a click has no
    // version to compare. The reader's row first, in the order of imports, then the sign-up's, as an erasure takes them.
    private static async Task Lock(SignUp signUp, CmsDbContext db, SuppressionList suppressions, CancellationToken ct)
    {
        var known = EmailAddress.TryParse(signUp.Email, out var address, out _) ? address.Key : "";
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.Confirming}, {BinaryPrimitives.ReadInt32BigEndian(suppressions.Hash(known))})", ct);
        await db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE email_key = {known} OR id = {signUp.SubscriberId} ORDER BY email_key FOR UPDATE").LoadAsync(ct);
    }

    private static async Task<Subscriber?> Subscribe(SignUp signUp, EmailAddress address, SiteSettings site, CmsDbContext db, SuppressionList suppressions, DateTimeOffset now, CancellationToken ct)
    {
        var known = address.Key;
        var subscriber = await db.Subscribers.SingleOrDefaultAsync(s => s.EmailKey == known, ct);
        if (subscriber is { IsSuppressed: true }) return null;
        if (subscriber is null) db.Add(subscriber = Subscriber.Add(address, site.Language, now)); // its pending row was past its time, or erased
        subscriber.Confirm(signUp, now);
        await suppressions.Welcome(address, ct);
        db.Consents.Add(ConsentEvent.Of(suppressions.Hash(known), ConsentEvent.SignedUp, signUp.CreatedAt, signUp.Origin));
        db.Consents.Add(ConsentEvent.Of(suppressions.Hash(known), ConsentEvent.Confirmed, now, signUp.Origin));
        return subscriber;
    }

    // Whoever reads both mailboxes has one subscription: a second one of the new address gives way.
    private static async Task<Subscriber?> Move(SignUp signUp, EmailAddress address, CmsDbContext db, SuppressionList suppressions, DateTimeOffset now, CancellationToken ct)
    {
        var (known, id) = (address.Key, signUp.SubscriberId);
        if (await db.Subscribers.SingleOrDefaultAsync(s => s.Id == id, ct) is not { IsSuppressed: false } subscriber) return null;
        if (await db.Subscribers.SingleOrDefaultAsync(s => s.EmailKey == known && s.Id != id, ct) is { } other)
        {
            if (other.IsSuppressed) return null;
            var resource = other.Id.ToString();
            db.Remove(other);
            await db.SaveChangesAsync(ct);
            await db.IdempotencyRecords.Where(r => r.ResourceId == resource).ExecuteDeleteAsync(ct);
        }

        // A later erasure knows the new address alone, and must find nothing of the old one.
        await db.Database.ExecuteSqlAsync($"DELETE FROM cms.sign_ups WHERE lower(email COLLATE \"C\") = {subscriber.EmailKey} AND id <> {signUp.Id}", ct);
        db.Consents.Add(ConsentEvent.Of(suppressions.Hash(subscriber.EmailKey), ConsentEvent.Moved, now));
        subscriber.Move(address, now);
        await SoftBounces.Forget(db, subscriber.Id, ct); // they were the old mailbox's
        await suppressions.Welcome(address, ct);
        db.Consents.Add(ConsentEvent.Of(suppressions.Hash(known), ConsentEvent.Confirmed, now, signUp.Origin));
        return subscriber;
    }

    private static IResult Told(State state, SignUp? signUp, HttpContext http, NewsletterPages pages, SiteSettings site)
    {
        var language = signUp is null ? NewsletterPages.Preferred(http) : signUp.Choices.Language;
        return state switch
        {
            State.Used => pages.Page(200, "already-confirmed", language, site, whose => new PlainPage(whose)),
            State.Expired => pages.Page(410, "link-expired", language, site, whose => new SubscribeAgainPage(whose, ReaderPaths.Subscriptions)),
            _ => pages.Page(404, "link-wrong", language, site, whose => new PlainPage(whose)),
        };
    }

    // Found by the hash of its 256 random bits: what the database compares tells nothing of them.
    private static async Task<(State State, SignUp? SignUp)> Find(string link, CmsDbContext db, bool locks, DateTimeOffset now, CancellationToken ct)
    {
        var secret = new byte[SecretBytes];
        if (link.Length != Base64Url.GetEncodedLength(SecretBytes) || Base64Url.DecodeFromChars(link, secret, out _, out var written) != OperationStatus.Done || written != SecretBytes) return (State.Wrong, null);
        var hash = SHA256.HashData(secret);
        if (await db.ConfirmationLinks.AsNoTracking().SingleOrDefaultAsync(l => l.Hash == hash, ct) is not { } found) return (State.Wrong, null);
        var signUps = locks ? db.SignUps.FromSql($"SELECT * FROM cms.sign_ups WHERE id = {found.SignUpId} FOR UPDATE") : db.SignUps.Where(s => s.Id == found.SignUpId).AsNoTracking();
        if (await signUps.SingleOrDefaultAsync(ct) is not { } signUp) return (State.Wrong, null);
        if (signUp.ConfirmedAt is { } used) return (now - used < SignUp.LinkHolds ? State.Used : State.Expired, signUp);
        return (now - found.CreatedAt < SignUp.LinkHolds ? State.Open : State.Expired, signUp);
    }
}

/// <summary>Readers in the audit.</summary>
internal static class Reader
{
    public const string Actor = "reader";
}
