using Cms.Api.Http;
using Cms.Domain.Sharing;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Share;

/// <summary>A picture for networks.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Alt">What it shows, for who cannot see it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record ShareImageInput(string? Url, string? Alt, int? Width, int? Height)
{
    internal sealed class Validator : AbstractValidator<ShareImageInput>
    {
        public Validator()
        {
            RuleFor(i => i.Url).NotEmpty().WithMessage("Give the picture's address.").WebAddress(ShareCard.UrlMaxLength);
            RuleFor(i => i.Alt).Text(ShareCard.AltMaxLength);
            RuleFor(i => i.Width).InclusiveBetween(1, ShareCard.MaxPixels).WithMessage($"Give pixels, 1 to {ShareCard.MaxPixels}.");
            RuleFor(i => i.Height).InclusiveBetween(1, ShareCard.MaxPixels).WithMessage($"Give pixels, 1 to {ShareCard.MaxPixels}.");
        }
    }
}

/// <summary>What an owner itself says of how it is shared. Every member is optional: what is absent falls back.</summary>
/// <param name="Title">The title networks show.</param>
/// <param name="Description">The lines under it.</param>
/// <param name="Image">The picture.</param>
/// <param name="Card">How large the picture is.</param>
/// <param name="CanonicalUrl">The one address that counts, where it is not the page's own.</param>
internal sealed record ShareCardInput(string? Title, string? Description, ShareImageInput? Image, ShareCardType? Card, string? CanonicalUrl)
{
    public static ShareCardInput Of(ShareCard card) => new(
        card.Title, card.Description, card.Image is { } i ? new(i.Url, i.Alt, i.Width, i.Height) : null, card.Card, card.CanonicalUrl);

    /// <summary>Of a card that passed the validator.</summary>
    public static ShareCard ToCard(ShareCardInput? input) => input is null
        ? ShareCard.Empty
        : new(Blank(input.Title), Blank(input.Description), input.Image is { Url: { } url } i ? new(url, Blank(i.Alt), i.Width, i.Height) : null,
            input.Card, Blank(input.CanonicalUrl));

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    internal sealed class Validator : AbstractValidator<ShareCardInput>
    {
        public Validator(IValidator<ShareImageInput> image)
        {
            RuleFor(c => c.Title).Text(ShareCard.TitleMaxLength);
            RuleFor(c => c.Description).Text(ShareCard.DescriptionMaxLength, TextKind.MultiLine);
            RuleFor(c => c.Image).SetValidator(image!); // null is not validated: FluentValidation passes over it
            RuleFor(c => c.CanonicalUrl).WebAddress(ShareCard.UrlMaxLength);
        }
    }
}
