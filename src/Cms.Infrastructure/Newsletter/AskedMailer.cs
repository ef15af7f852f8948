using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cms.Infrastructure.Newsletter;

/// <summary>A mail that somebody asked for by a form or a page of ours.</summary>
/// <param name="What">Which.</param>
/// <param name="Id">Of the sign-up, or of this wish alone: a mail that is tried again is no second one.</param>
/// <param name="SubscriberId">Whose; null for a sign-up and for an editor.</param>
/// <param name="Test">The next edition for an editor.</param>
internal sealed record MailWish(string What, Guid Id, Guid? SubscriberId, TestWish? Test = null)
{
    public const string Confirmation = "confirmation", Manage = "manage", Data = "data", Edition = "edition";

    /// <summary>The edition that comes next, for an editor.</summary>
    public static MailWish OfTest(TestWish test, DateTimeOffset now) => new(Edition, Guid.CreateVersion7(now), null, test);

    /// <summary>The link that confirms.</summary>
    public static MailWish OfSignUp(SignUp signUp) => new(Confirmation, signUp.Id, null);

    /// <summary>Something for a reader whom we know.</summary>
    public static MailWish Of(string what, Subscriber subscriber, DateTimeOffset now) => new(what, Guid.CreateVersion7(now), subscriber.Id);
}

/// <summary>What an editor wants to see in an inbox.</summary>
/// <param name="Email">Whose.</param>
/// <param name="Frequency">Of which edition.</param>
/// <param name="Language">As a reader of this language gets it; null: the site's.</param>
/// <param name="SectionIds">As a reader of these sections gets it; none means all.</param>
internal sealed record TestWish(string Email, Frequency Frequency, string? Language, IReadOnlyList<Guid> SectionIds);

/// <summary>
/// Mails readers who asked for it by a form. All that stored state and DNS decide is decided here, behind the answer: nobody learns from an answer
/// or its time whether an address is known. Each is leased and not locked; one that a server puts off goes again, with a link of its own under the same Message-ID.
/// </summary>
internal sealed class AskedMailer(
    JobContexts jobs, OutboxLeases leases, OutboxSignal signal, IMailSender sender, ReaderMails mails, DigestDesk desk, MailDomains domains, SuppressionKey key,
    IOptions<NewsletterOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<AskedMailer> log) : BackgroundService
{
    /// <summary>Who is spoken to, in the outbox.</summary>
    public const string Target = "mail";

    private const int AtOnce = 16, SecretBytes = 32;
    private static readonly MailOutcome Later = new(MailResult.Deferred);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1), Renewal = TimeSpan.FromSeconds(5), LongestDelay = TimeSpan.FromHours(12), UntilLater = TimeSpan.FromMinutes(5), Grace = TimeSpan.FromSeconds(15);

    /// <summary>Leaves a mail to be sent, in the transaction of whoever asks for it.</summary>
    public static OutboxEvent Wish(MailWish wish, DateTimeOffset now) => OutboxEvent.For(OutboxEvent.AskedMail, wish.Id, Target, JsonSerializer.Serialize(wish), now);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sender.Connections == 0) return; // nobody takes mails: they wait for a start with a server
        if (!await lifetime.Started(stoppingToken)) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            var raised = signal.Raised;
            try
            {
                if (!await MailOnce(stoppingToken)) await Task.WhenAny(raised, Task.Delay(Poll, time, stoppingToken));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // the boundary of a background loop: it must outlive a database that is away
            {
                log.LogWarning("Sign-ups could not be mailed: {Fault}.", DatabaseFault.Name(e));
                await Task.WhenAny(Task.Delay(Poll, time, stoppingToken));
            }
        }
    }

    /// <summary>Mails what is due now.</summary>
    /// <returns>False when nothing is.</returns>
    public async Task<bool> MailOnce(CancellationToken ct)
    {
        var held = await leases.Claim(OutboxEvent.AskedMail, Target, AtOnce, ct);
        if (held.Events.Count == 0) return false;

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var grace = new CancellationTokenSource();
        await using var stopping = ct.Register(() => grace.CancelAfter(Grace)); // a mail that is on its way may arrive
        var renewing = KeepLease(held, ended.Token);
        try
        {
            await Parallel.ForEachAsync(held.Events, new ParallelOptions { MaxDegreeOfParallelism = sender.Connections, CancellationToken = ct }, async (one, _) => await MailHeld(held, one, grace.Token));
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
        }

        return true;
    }

    private async Task MailHeld(LeasedEvents held, LeasedEvent one, CancellationToken ct)
    {
        var alone = held with { Events = [one] };
        try
        {
            await using var db = jobs.Open();
            var wish = JsonSerializer.Deserialize<MailWish>(one.Payload) ?? throw new InvalidDataException("A wish for a mail is null.");
            var outcome = wish.Test is { } test ? await MailTest(db, test, wish.Id, ct) : wish.SubscriberId is { } subscriber ? await MailKnown(db, wish, subscriber, ct) : await MailSignUp(db, wish.Id, ct);
            if (outcome is null or { Result: MailResult.Accepted or MailResult.Refused }) await leases.Done(alone, CancellationToken.None);
            else if (ReferenceEquals(outcome, Later)) await leases.Delay(alone, UntilLater, ct);
            else await leases.PutOff(alone, LongestDelay, alone: true, perhapsAlone: false, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever it is, the others go
        {
            log.LogError("Asked mail {Event} could not be sent, try {Attempt}: {Fault} at {Stack}.", one.Id, one.Attempts + 1, DatabaseFault.Name(e), e.StackTrace);
            await leases.PutOff(alone, LongestDelay, alone: true, perhapsAlone: false, ct);
        }
    }

    // Null: no mail is to go.
    private async Task<MailOutcome?> MailSignUp(CmsDbContext db, Guid id, CancellationToken ct)
    {
        if (await db.SignUps.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, ct) is not { ConfirmedAt: null } signUp || Address(signUp.Email) is not { } address) return null;
        // A mail that becomes a file needs no domain that takes mail: on a developer's machine example.org takes none.
        if (options.Value.CheckDomains && sender is not EmlFolder && !await domains.TakesMail(address.Domain, ct))
        {
            log.LogInformation("A sign-up is forgotten: DNS says that its domain takes no mail. Cms__Newsletter__CheckDomains=false does not ask.");
            return await Forget(db, id, ct);
        }

        string secret;
        await using (var transaction = await db.Database.BeginTransactionAsync(ct))
        {
            var leave = await Leave(db, id, address, MailWish.Confirmation, ct);
            if (leave == MailLeave.Refused) return await Forget(db, id, ct);
            if (leave == MailLeave.Later) return Wait();
            secret = await Prepare(db, signUp, address, ct);
            await transaction.CommitAsync(ct);
        }

        return await Send(db, id, address, await mails.Confirmation(db, signUp, address, secret, ct), ct);
    }

    private async Task<MailOutcome?> MailKnown(CmsDbContext db, MailWish wish, Guid subscriberId, CancellationToken ct)
    {
        if (await db.Subscribers.AsNoTracking().SingleOrDefaultAsync(s => s.Id == subscriberId, ct) is not { IsSuppressed: false } subscriber || Address(subscriber.Email) is not { } address) return null;
        await using (var transaction = await db.Database.BeginTransactionAsync(ct))
        {
            var leave = await Leave(db, wish.Id, address, wish.What, ct);
            if (leave == MailLeave.Refused) return null;
            if (leave == MailLeave.Later) return Wait();
            await transaction.CommitAsync(ct);
        }

        var mail = wish.What == MailWish.Data ? await mails.Data(db, subscriber, address, wish.Id, ct) : await mails.Manage(db, subscriber, address, wish.Id, ct);
        return await Send(db, wish.Id, address, mail, ct);
    }

    private async Task<MailOutcome?> MailTest(CmsDbContext db, TestWish test, Guid id, CancellationToken ct) =>
        await desk.Test(db, test, id, ct) is { } mail ? await sender.Send(mail, ct) : null;

    // Each kind of mail is counted for itself: a reader who confirmed a minute ago gets their data, of which the page said that they come.
    private async Task<MailLeave> Leave(CmsDbContext db, Guid subject, EmailAddress address, string what, CancellationToken ct)
    {
        var counted = what == MailWish.Confirmation ? address.Key : $"{what} {address.Key}";
        var suppressions = new SuppressionList(db, key, time);
        return await Refuses(db, suppressions, address, ct)
            ? MailLeave.Refused
            : await AskedMails.Ask(db, subject, suppressions.Hash(counted), options.Value.AskedMailsPerHour, time.Now(), ct);
    }

    private async Task<MailOutcome> Send(CmsDbContext db, Guid id, EmailAddress address, OutgoingMail mail, CancellationToken ct)
    {
        var outcome = await sender.Send(mail, ct);
        if (outcome is { Result: MailResult.Refused, IsOfRecipient: true }) await Bounce(db, address, ct);
        if (outcome.Result != MailResult.Accepted) log.LogWarning("Asked mail {Mail} was {Result}: {Code} {Status}.", id, outcome.Result, outcome.Code, outcome.Status);
        return outcome;
    }

    private static async Task<bool> Refuses(CmsDbContext db, SuppressionList suppressions, EmailAddress address, CancellationToken ct)
    {
        var known = address.Key;
        return await suppressions.Forbids(address, ct)
            || await db.Subscribers.AnyAsync(s => s.EmailKey == known && (s.Status == SubscriberStatus.Bounced || s.Status == SubscriberStatus.Complained), ct);
    }

    // The link's secret is known to the mail alone. Whoever is not known yet is pending from now on, for editors to see.
    private async Task<string> Prepare(CmsDbContext db, SignUp signUp, EmailAddress address, CancellationToken ct)
    {
        var (now, bytes, known) = (time.Now(), RandomNumberGenerator.GetBytes(SecretBytes), address.Key);
        db.ConfirmationLinks.Add(new(SHA256.HashData(bytes), signUp.Id, now));
        if (signUp.SubscriberId is null && !await db.Subscribers.AnyAsync(s => s.EmailKey == known, ct))
        {
            // Without what was typed: it may be a stranger's, and whoever confirms another sign-up would have it.
            var site = (await db.Sites.AsNoTracking().SingleAsync(ct)).Settings;
            db.Add(Subscriber.Add(address, site.Language, now));
        }

        await db.SaveChangesAsync(ct);
        return Base64Url.EncodeToString(bytes);
    }

    // Nothing is to be kept of somebody whom we may not write to.
    private static async Task<MailOutcome?> Forget(CmsDbContext db, Guid id, CancellationToken ct)
    {
        await db.SignUps.Where(s => s.Id == id).ExecuteDeleteAsync(ct);
        if (db.Database.CurrentTransaction is { } transaction) await transaction.CommitAsync(ct);
        return null;
    }

    private MailOutcome Wait()
    {
        log.LogError("Sign-ups asked for {Ceiling} mails within an hour: further ones wait. Look who fills in the form.", options.Value.AskedMailsPerHour);
        return Later;
    }

    private async Task Bounce(CmsDbContext db, EmailAddress address, CancellationToken ct)
    {
        // Locked: a change at the same moment must not make the mail go again.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var found = await db.Subscribers.FromSql($"SELECT *, xmin FROM cms.subscribers WHERE email_key = {address.Key} FOR UPDATE").SingleOrDefaultAsync(ct);
        if (found is not { } subscriber) return;
        await new SuppressionList(db, key, time).Bounce(subscriber, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task KeepLease(LeasedEvents held, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Renewal, time, ct);
                await leases.Renew(held, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return; // all are done
            }
            catch (Exception e) // the database is away for a moment; should it stay so, the leases run out, and the mails go again
            {
                log.LogWarning("Leases of asked mails could not be renewed: {Fault}.", DatabaseFault.Name(e));
            }
        }
    }

    private static EmailAddress? Address(string text) => EmailAddress.TryParse(text, out var address, out _) ? address : null;
}
