namespace Cms.Domain.Newsletter;

/// <summary>Where a sign-up came from.</summary>
/// <param name="Source">By which door: the form or the API.</param>
/// <param name="TextVersion">The wording that the reader agreed to.</param>
/// <param name="ClientAddress">The reader's network address; null when nobody knows it.</param>
public sealed record SignUpOrigin(string Source, string TextVersion, string? ClientAddress);

/// <summary>What a sign-up says of <see cref="DigestChoices"/>. What it leaves out, null, is what the reader had, and the default for a new one.</summary>
/// <param name="Language">Of the digest, BCP 47.</param>
/// <param name="Frequency">How often.</param>
/// <param name="SectionIds">Sections of interest; an empty list says all.</param>
public sealed record DigestWishes(string? Language, Frequency? Frequency, IReadOnlyList<Guid>? SectionIds);

/// <summary>
/// That somebody typed an address and asked for the digest. It is no subscription: whoever reads that mailbox confirms it, and until then
/// nothing of what the address had before changes.
/// </summary>
public sealed class SignUp
{
    /// <summary>How long the mailed link confirms, and how long a used one still says so.</summary>
    public static readonly TimeSpan LinkHolds = TimeSpan.FromHours(48);

    /// <summary>How long one that nobody confirms is kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    // EF Core binds these parameters to the mapped properties.
    private SignUp(Guid id, string email, string? name, DigestWishes choices, SignUpOrigin origin, Guid? subscriberId, DateTimeOffset createdAt) =>
        (Id, Email, Name, Choices, Origin, SubscriberId, CreatedAt) = (id, email, name, choices, origin, subscriberId, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>As typed, its domain in A-labels.</summary>
    public string Email { get; }

    /// <summary>What to call the reader.</summary>
    public string? Name { get; }

    /// <summary>What they want to get.</summary>
    public DigestWishes Choices { get; }

    /// <summary>Where it came from.</summary>
    public SignUpOrigin Origin { get; }

    /// <summary>The reader whose new address this is; null when it is a new subscription.</summary>
    public Guid? SubscriberId { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>When the link was confirmed, UTC; null before.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>Somebody asks for the digest.</summary>
    public static SignUp Of(EmailAddress address, string? name, DigestWishes choices, SignUpOrigin origin, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(Guid.CreateVersion7(now), address.Value, name, choices, origin, null, now);
    }

    /// <summary>A reader gives a new address, which its mailbox has to confirm.</summary>
    public static SignUp OfMove(Subscriber subscriber, EmailAddress address, SignUpOrigin origin, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(address);
        return new(Guid.CreateVersion7(now), address.Value, null, new(subscriber.Language, subscriber.Frequency, subscriber.SectionIds), origin, subscriber.Id, now);
    }

    /// <summary>The link was confirmed.</summary>
    public void Confirm(DateTimeOffset now) => ConfirmedAt ??= now;
}
