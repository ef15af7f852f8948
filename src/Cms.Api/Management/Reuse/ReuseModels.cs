using Cms.Api.Http;
using Cms.Domain.Sharing;
using FluentValidation;

namespace Cms.Api.Management.Reuse;

/// <summary>What others may do with a text. Every member is optional: what is absent falls back to the section's, then the site's.</summary>
/// <param name="TdmReservation">Whether text and data mining is reserved (TDMRep).</param>
/// <param name="TdmPolicyUrl">How to get leave to mine; shown where mining is reserved.</param>
/// <param name="LicenseUrl">The licence, such as https://creativecommons.org/licenses/by/4.0/.</param>
internal sealed record ReuseInput(bool? TdmReservation, string? TdmPolicyUrl, string? LicenseUrl)
{
    public static ReuseInput Of(ReuseTerms terms) => new(terms.TdmReservation, terms.TdmPolicyUrl, terms.LicenseUrl);

    /// <summary>Of an input that passed the validator.</summary>
    public static ReuseTerms ToTerms(ReuseInput? input) => input is null ? ReuseTerms.Empty : new(input.TdmReservation, input.TdmPolicyUrl, input.LicenseUrl);

    internal sealed class Validator : AbstractValidator<ReuseInput>
    {
        public Validator()
        {
            RuleFor(r => r.TdmPolicyUrl).WebAddress();
            RuleFor(r => r.LicenseUrl).WebAddress();
        }
    }
}
