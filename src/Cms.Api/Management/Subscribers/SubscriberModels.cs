using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Newsletter;
using FluentValidation;

namespace Cms.Api.Management.Subscribers;

/// <summary>The evidence that a reader agreed.</summary>
/// <param name="At">When.</param>
/// <param name="Source">From where: a page, a fair, a paper form.</param>
/// <param name="TextVersion">Which wording they agreed to.</param>
internal sealed record ConsentInput(DateTimeOffset? At, string? Source, string? TextVersion)
{
    internal sealed class Validator : AbstractValidator<ConsentInput>
    {
        public Validator(TimeProvider time)
        {
            RuleFor(c => c.At).NotNull().WithMessage("Say when the reader agreed.")
                .Must(at => at is null || Consent.CanBeOf(at.Value, time.Now())).WithErrorCode("range").WithMessage("Give the time when the reader agreed, from 1970 on and not in the future.");
            RuleFor(c => c.Source).RequiredText(Consent.SourceMaxLength);
            RuleFor(c => c.TextVersion).RequiredText(Consent.TextVersionMaxLength);
        }
    }
}

/// <summary>A reader of the newsletter as an editor sends them. With consent active, without it pending.</summary>
/// <param name="Email">The address; internationalised ones too.</param>
/// <param name="Name">What to call the reader.</param>
/// <param name="Language">BCP 47; the site's when absent.</param>
/// <param name="Frequency">How often; daily when absent.</param>
/// <param name="SectionIds">Sections of interest; none means all.</param>
/// <param name="Consent">The evidence.</param>
internal sealed record SubscriberInput(string? Email, string? Name, string? Language, Frequency? Frequency, IReadOnlyList<Guid>? SectionIds, ConsentInput? Consent)
{
    public static SubscriberInput Of(Subscriber s) => new(
        s.Email, s.Name, s.Language, s.Frequency, s.SectionIds, s.Consent is { } c ? new(c.At, c.Source, c.TextVersion) : null);

    /// <summary>The address of an input that passed the validator.</summary>
    public EmailAddress Address() =>
        EmailAddress.TryParse(Email, out var address, out var reason) ? address : throw new InvalidOperationException($"The validator let an address pass: {reason}");

    internal sealed class Validator : AbstractValidator<SubscriberInput>
    {
        public Validator(IValidator<ConsentInput> consent)
        {
            RuleFor(s => s.Email).NotEmpty().WithMessage("Give an e-mail address.").Email();
            RuleFor(s => s.Name).Text(Subscriber.NameMaxLength);
            RuleFor(s => s.Language).Language();
            RuleFor(s => s.SectionIds).AtMost(Subscriber.MaxSections).Distinct();
            RuleFor(s => s.Consent).SetValidator(consent!); // null is not validated: FluentValidation passes over it
        }
    }
}

/// <summary>A reader of the newsletter as the management face answers them.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Email">The address, its domain in A-labels.</param>
/// <param name="Name">What to call the reader.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Frequency">How often.</param>
/// <param name="SectionIds">Sections of interest; none means all.</param>
/// <param name="Status">Where the subscription stands.</param>
/// <param name="Consent">The evidence.</param>
/// <param name="OptIn">How they signed up themselves; null when an editor added them.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record SubscriberView(
    Guid Id, string Email, string? Name, string Language, Frequency Frequency, IReadOnlyList<Guid> SectionIds, SubscriberStatus Status, Consent? Consent,
    DoubleOptIn? OptIn, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static SubscriberView Of(Subscriber s) =>
        new(s.Id, s.Email, s.Name, s.Language, s.Frequency, s.SectionIds, s.Status, s.Consent, s.OptIn, s.CreatedAt, s.UpdatedAt) { Version = s.Version };
}
