using System.Net;
using Cms.Api.Http;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Newsletter;
using FluentValidation;

namespace Cms.Api.Newsletter;

/// <summary>A reader who wants the digest. As JSON, or as the fields of an HTML form with the same names. Who is subscribed already keeps what is absent here.</summary>
/// <param name="Email">The address; internationalised ones too.</param>
/// <param name="Name">What to call the reader.</param>
/// <param name="Language">Of the digest, BCP 47; for a new reader the site's when absent.</param>
/// <param name="Frequency">How often; for a new reader daily when absent.</param>
/// <param name="SectionIds">Sections of interest; an empty list means all, and so does its absence for a new reader.</param>
/// <param name="TextVersion">The wording of consent that the form showed; what the operator set when absent.</param>
/// <param name="AsTyped">The reader was shown the suggestion that a refusal held, and keeps the address.</param>
/// <param name="Website">A field that no person sees or fills: whoever fills it is answered like everybody, and forgotten.</param>
/// <param name="Altcha">The solution of a challenge of <c>GET /newsletter/v1/challenge</c>, as the ALTCHA widget sends it: base64 of JSON. Needed where the operator asks for it; good once.</param>
/// <param name="ClientAddress">The reader's network address, which a frontend's server passes with its token.</param>
internal sealed record SignUpInput(
    string? Email, string? Name, string? Language, Frequency? Frequency, IReadOnlyList<Guid>? SectionIds, string? TextVersion, bool? AsTyped, string? Website, string? Altcha,
    string? ClientAddress)
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
            RuleFor(s => s.Altcha).Text(ProofOfWork.SolutionMaxLength);
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

/// <summary>A puzzle for the reader's browser, as the ALTCHA widget takes it: find the number that makes <c>challenge</c> when it stands behind <c>salt</c>.</summary>
/// <param name="Algorithm">Always <c>SHA-256</c>.</param>
/// <param name="Challenge">The hash of salt and number, in lower-case hexadecimal.</param>
/// <param name="Salt">Random, and until when the challenge is good: <c>expires</c>, in seconds of Unix time.</param>
/// <param name="MaxNumber">The number is from 0 to this one.</param>
/// <param name="Signature">Says that the challenge is this service's own.</param>
internal sealed record ChallengeView(string Algorithm, string Challenge, string Salt, int MaxNumber, string Signature)
{
    public static ChallengeView Of(Challenge c) => new(c.Algorithm, c.Hash, c.Salt, c.MaxNumber, c.Signature);
}
