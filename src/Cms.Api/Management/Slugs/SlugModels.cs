using Cms.Api.Http;
using Cms.Domain.Articles;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Slugs;

/// <summary>What has slugs of its own.</summary>
internal enum SlugKind
{
    Article,
    Section,
    Author,
    Tag,
    List,
}

/// <summary>A text whose slug is asked for.</summary>
/// <param name="Kind">What it would be the slug of.</param>
/// <param name="Text">The headline or name.</param>
/// <param name="Kicker">Of an article.</param>
internal sealed record SlugPreviewInput(SlugKind? Kind, string? Text, string? Kicker)
{
    /// <summary>The plain slug; null when no letter or digit is left of the text.</summary>
    public Slug? Plain() => Slug.Derive(Kicker, Text);

    internal sealed class Validator : AbstractValidator<SlugPreviewInput>
    {
        public Validator()
        {
            RuleFor(p => p.Kind).NotNull().WithMessage($"Give one of: {string.Join(", ", WordConverter.Words(typeof(SlugKind)))}.");
            RuleFor(p => p.Text).RequiredText(ArticleContent.HeadlineMaxLength)
                .Must((preview, _) => preview.Plain() is not null).WithErrorCode("slug").WithMessage("No letter or digit of it can stand in a slug; one would be made from the id.");
            RuleFor(p => p.Kicker).Text(ArticleContent.KickerMaxLength);
            RuleFor(p => p.Kicker).Null().When(p => p.Kind is not (null or SlugKind.Article)).WithErrorCode("notAllowed").WithMessage("Only an article has a kicker.");
        }
    }
}

/// <summary>The slug that a text would get now.</summary>
/// <param name="Slug">The plain one, or the first free number after it.</param>
/// <param name="Taken">Whether the plain one is somebody's already.</param>
internal sealed record SlugPreviewView(string Slug, bool Taken);
