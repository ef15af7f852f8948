using System.Text.Json.Serialization;

namespace Cms.Domain.Newsletter;

/// <summary>How often a reader gets the digest.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Frequency>))]
public enum Frequency
{
    /// <summary>Each day at the site's hour.</summary>
    [JsonStringEnumMemberName("daily")] Daily,

    /// <summary>Once a week, on the site's day.</summary>
    [JsonStringEnumMemberName("weekly")] Weekly,
}

/// <summary>Where a subscription stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SubscriberStatus>))]
public enum SubscriberStatus
{
    /// <summary>Consent is not shown yet: no digest.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>Gets the digest.</summary>
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>Stopped the digest for a while, and says when it goes on.</summary>
    [JsonStringEnumMemberName("paused")] Paused,

    /// <summary>Left.</summary>
    [JsonStringEnumMemberName("unsubscribed")] Unsubscribed,

    /// <summary>The address refuses mail: nothing is sent until an editor lifts it.</summary>
    [JsonStringEnumMemberName("bounced")] Bounced,

    /// <summary>The reader reported our mail as spam: nothing is sent until an editor lifts it.</summary>
    [JsonStringEnumMemberName("complained")] Complained,
}

/// <summary>The evidence that a reader agreed (GDPR, article 7(1)).</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Source">From where: a page, a fair, a paper form.</param>
/// <param name="TextVersion">Which wording they agreed to.</param>
public sealed record Consent(DateTimeOffset At, string Source, string TextVersion)
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int SourceMaxLength = 200, TextVersionMaxLength = 80;

    // A clock may be wrong, and a zone may be missing.
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Whether a reader can have agreed then: not in the future, a day apart, and not before 1970.</summary>
    public static bool CanBeOf(DateTimeOffset at, DateTimeOffset now) => at.Year >= 1970 && at <= now + Grace;
}

/// <summary>The two steps by which a reader signed up (double opt-in): nobody else could have taken the second.</summary>
/// <param name="SignedUpAt">When the form was sent, UTC.</param>
/// <param name="ConfirmedAt">When the link in the mail was confirmed, UTC.</param>
/// <param name="ClientAddress">The network address that the form came from; cut to its network after 30 days.</param>
public sealed record DoubleOptIn(DateTimeOffset SignedUpAt, DateTimeOffset ConfirmedAt, string? ClientAddress);

/// <summary>What a reader chooses.</summary>
/// <param name="Language">Of the digest, BCP 47.</param>
/// <param name="Frequency">How often.</param>
/// <param name="SectionIds">Sections of interest; none means all.</param>
public sealed record DigestChoices(string Language, Frequency Frequency, IReadOnlyList<Guid> SectionIds);

/// <summary>A reader of the newsletter.</summary>
public sealed class Subscriber
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200;

    /// <summary>Sections of interest, at most.</summary>
    public const int MaxSections = 20;

    // EF Core binds these parameters to the mapped properties.
    private Subscriber(Guid id, string email, string language, DateTimeOffset createdAt) =>
        (Id, Email, Language, CreatedAt, UpdatedAt) = (id, email, language, createdAt, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>As given, with its domain in A-labels.</summary>
    public string Email { get; private set; }

    /// <summary>The address without case; unique. The database makes it.</summary>
    public string EmailKey { get; } = "";

    /// <summary>What to call the reader.</summary>
    public string? Name { get; private set; }

    /// <summary>BCP 47.</summary>
    public string Language { get; private set; }

    /// <summary>How often.</summary>
    public Frequency Frequency { get; private set; }

    /// <summary>Sections of interest; none means all.</summary>
    public IReadOnlyList<Guid> SectionIds { get; private set; } = [];

    /// <summary>Where the subscription stands.</summary>
    public SubscriberStatus Status { get; private set; }

    /// <summary>The evidence.</summary>
    public Consent? Consent { get; private set; }

    /// <summary>How they signed up themselves; null when an editor or an import added them.</summary>
    public DoubleOptIn? OptIn { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A reader whom an editor adds, or who signed up: pending until there is evidence of consent.</summary>
    public static Subscriber Add(EmailAddress email, string language, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(email);
        return new(Guid.CreateVersion7(now), email.Value, language, now);
    }

    /// <summary>Replaces what is known of the reader. Evidence makes a pending one active; taking it away makes an active one pending.</summary>
    public void Describe(
        EmailAddress email, string? name, string language, Frequency frequency, IReadOnlyList<Guid> sectionIds, Consent? consent, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(email);
        (Email, Name, Language, Frequency, SectionIds, Consent, UpdatedAt) = (email.Value, name, language, frequency, sectionIds, consent, now);
        Status = Status switch
        {
            SubscriberStatus.Pending when consent is not null => SubscriberStatus.Active,
            SubscriberStatus.Active or SubscriberStatus.Paused when consent is null => SubscriberStatus.Pending,
            _ => Status,
        };
    }

    /// <summary>Leaves. Doing it again changes nothing.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>: the address bounced or complained, and stays so.</exception>
    public void Unsubscribe(DateTimeOffset now)
    {
        if (Status is SubscriberStatus.Bounced or SubscriberStatus.Complained)
            throw new RuleBrokenException("wrong-status", "The address is suppressed already; no mail goes there.");
        if (Status != SubscriberStatus.Unsubscribed) (Status, UpdatedAt) = (SubscriberStatus.Unsubscribed, now);
    }

    /// <summary>The reader confirmed a sign-up: whoever left or paused before is back, with what they had where it says nothing else.</summary>
    /// <exception cref="RuleBrokenException"><c>email-suppressed</c>: the address bounced or complained, and only an editor lifts that.</exception>
    public void Confirm(SignUp signUp, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(signUp);
        if (IsSuppressed) throw new RuleBrokenException("email-suppressed", "Mail to this address bounced, or its reader complained. The newsroom can lift that.");
        Choose(new(signUp.Choices.Language ?? Language, signUp.Choices.Frequency ?? Frequency, signUp.Choices.SectionIds ?? SectionIds), now);
        if (signUp.Name is not null) Name = signUp.Name;
        (Status, Consent) = (SubscriberStatus.Active, new(now, signUp.Origin.Source, signUp.Origin.TextVersion));
        OptIn = new(signUp.CreatedAt, now, signUp.Origin.ClientAddress);
    }

    /// <summary>What the reader wants to get.</summary>
    public void Choose(DigestChoices choices, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(choices);
        (Language, Frequency, SectionIds, UpdatedAt) = (choices.Language, choices.Frequency, choices.SectionIds, now);
    }

    /// <summary>Another address of the same reader, who confirmed it.</summary>
    /// <exception cref="RuleBrokenException"><c>email-suppressed</c>: the present address bounced or complained.</exception>
    public void Move(EmailAddress address, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IsSuppressed) throw new RuleBrokenException("email-suppressed", "Mail to this address bounced, or its reader complained. The newsroom can lift that.");
        (Email, UpdatedAt) = (address.Value, now);
    }

    /// <summary>Stops the digest for a while. It changes nothing for one who gets none.</summary>
    public void Pause(DateTimeOffset now)
    {
        if (Status == SubscriberStatus.Active) (Status, UpdatedAt) = (SubscriberStatus.Paused, now);
    }

    /// <summary>Goes on. It changes nothing for one who did not pause.</summary>
    public void Resume(DateTimeOffset now)
    {
        if (Status == SubscriberStatus.Paused) (Status, UpdatedAt) = (SubscriberStatus.Active, now);
    }

    /// <summary>
    /// Mail to the address came back for good: nothing goes there any more. A complaint says more, and stays. Who left stays so: were it
    /// forgotten, an editor who lifts the bounce would bring them back.
    /// </summary>
    public void Bounce(DateTimeOffset now)
    {
        if (!IsSuppressed && Status != SubscriberStatus.Unsubscribed) (Status, UpdatedAt) = (SubscriberStatus.Bounced, now);
    }

    /// <summary>The reader called our mail spam: nothing goes there any more, whatever was before. Doing it again changes nothing.</summary>
    public void Complain(DateTimeOffset now)
    {
        if (Status != SubscriberStatus.Complained) (Status, UpdatedAt) = (SubscriberStatus.Complained, now);
    }

    /// <summary>The reader leaves by a link or mailbox of their own; one whose address bounced too. Who complained said more than that.</summary>
    public void Leave(DateTimeOffset now)
    {
        if (Status is not (SubscriberStatus.Unsubscribed or SubscriberStatus.Complained)) (Status, UpdatedAt) = (SubscriberStatus.Unsubscribed, now);
    }

    /// <summary>
    /// An editor lets mail go to the address again. A bounce was the mailbox's doing, so the reader's consent still stands where there is one;
    /// a complaint took it back, so they have to sign up anew.
    /// </summary>
    public void Lift(DateTimeOffset now)
    {
        if (!IsSuppressed) return;
        Status = Status == SubscriberStatus.Complained ? SubscriberStatus.Unsubscribed : Consent is null ? SubscriberStatus.Pending : SubscriberStatus.Active;
        UpdatedAt = now;
    }

    /// <summary>No mail may go to this address, and an erasure keeps that much.</summary>
    public bool IsSuppressed => Status is SubscriberStatus.Bounced or SubscriberStatus.Complained;
}
