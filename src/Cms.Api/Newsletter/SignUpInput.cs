using System.Net;
using Cms.Api.Http;
using Cms.Domain.Newsletter;
using FluentValidation;

namespace Cms.Api.Newsletter;

/// <summary>A reader who wants the digest. As JSON, or as the fields of an HTML form with the same names.</summary>
/// <param name="Email">The address; internationalised ones too.</param>
/// <param name="Name">What to call the reader.</param>
/// <param name="Language">Of the digest, BCP 47; the site's when absent.</param>
/// <param name="Frequency">How often; daily when absent.</param>
/// <param name="SectionIds">Sections of interest; none means all.</param>
/// <param name="TextVersion">The wording of consent that the form showed; what the operator set when absent.</param>
/// <param name="AsTyped">The reader was shown the suggestion that a refusal held, and keeps the address.</param>
/// <param name="Website">A field that no person sees or fills: whoever fills it is answered like everybody, and forgotten.</param>
/// <param name="ClientAddress">The reader's network address, which a frontend's server passes with its token.</param>
internal sealed record SignUpInput(
    string? Email, string? Name, string? Language, Frequency? Frequency, IReadOnlyList<Guid>? SectionIds, string? TextVersion, bool? AsTyped, string? Website, string? ClientAddress)
{
    public const int WebsiteMaxLength = 200, ClientAddressMaxLength = 45;

    internal sealed class Validator : AbstractValidator<SignUpInput>
    {
        public Validator()
        {
            RuleFor(s => s.Email).NotEmpty().WithMessage("Give an e-mail address.").Email();
            RuleFor(s => s.Name).Text(Subscriber.NameMaxLength);
            RuleFor(s => s.Language).Language();
            RuleFor(s => s.SectionIds).AtMost(Subscriber.MaxSections).Distinct();
            RuleFor(s => s.TextVersion).Text(Consent.TextVersionMaxLength);
            RuleFor(s => s.Website).Text(WebsiteMaxLength);
            RuleFor(s => s.ClientAddress).Text(ClientAddressMaxLength).Must(a => a is null || IPAddress.TryParse(a, out _)).WithErrorCode("address").WithMessage("Give an IPv4 or IPv6 address.");
        }
    }
}

/// <summary>That a sign-up was taken. It says the same for every address.</summary>
/// <param name="Status">Always <c>accepted</c>.</param>
/// <param name="Message">What the reader does next, in English.</param>
internal sealed record SignUpReceiptView(string Status, string Message)
{
    public static SignUpReceiptView Same { get; } = new("accepted", "If mail can go to this address, a link is on its way. The digest begins when it is confirmed.");
}
