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
}

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

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A reader whom an editor adds: pending until there is evidence of consent.</summary>
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
            SubscriberStatus.Active when consent is null => SubscriberStatus.Pending,
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

    /// <summary>No mail may go to this address, and an erasure keeps that much.</summary>
    public bool IsSuppressed => Status is SubscriberStatus.Bounced or SubscriberStatus.Complained;
}
