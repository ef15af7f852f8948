using System.Net;
using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Text;
using Cms.Infrastructure.Html;
using FluentValidation;

namespace Cms.Api.Management.Articles;

/// <summary>A block as an editor sends it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ParagraphInput), "paragraph")]
[JsonDerivedType(typeof(HeadingInput), "heading")]
[JsonDerivedType(typeof(ImageInput), "image")]
[JsonDerivedType(typeof(QuoteInput), "quote")]
[JsonDerivedType(typeof(ListInput), "list")]
[JsonDerivedType(typeof(EmbedInput), "embed")]
[JsonDerivedType(typeof(RelatedInput), "related")]
[JsonDerivedType(typeof(DividerInput), "divider")]
[JsonDerivedType(typeof(HtmlInput), "html")]
internal abstract record BlockInput
{
    /// <summary>Kept when it is this article's; made when absent.</summary>
    public string? Id { get; init; }

    public static BlockInput Of(Block block) => block switch
    {
        ParagraphBlock b => new ParagraphInput(b.Text) { Id = b.Id },
        HeadingBlock b => new HeadingInput(b.Level, b.Text) { Id = b.Id },
        ImageBlock b => new ImageInput(b.Url, b.Alt, b.Caption, b.Credit, b.Width, b.Height) { Id = b.Id },
        QuoteBlock b => new QuoteInput(b.Text, b.Cite, b.Url) { Id = b.Id },
        ListBlock b => new ListInput(b.Ordered, b.Items) { Id = b.Id },
        EmbedBlock b => new EmbedInput(b.Url) { Id = b.Id },
        RelatedBlock b => new RelatedInput(b.Label, b.ArticleId, b.Url, b.Title) { Id = b.Id },
        DividerBlock => new DividerInput { Id = block.Id },
        HtmlBlock b => new HtmlInput(b.Html) { Id = b.Id },
        _ => throw new InvalidOperationException($"There is no input of {block.GetType().Name}."),
    };

    /// <summary>A rule of every block: its id.</summary>
    internal abstract class Rules<T> : AbstractValidator<T> where T : BlockInput
    {
        protected Rules() => RuleFor(b => b.Id).Text(Block.IdMaxLength)
            .Must(id => id is null || (id.Length > 0 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            .WithErrorCode("id").WithMessage("A block's id has letters, digits, - and _ only.");
    }
}

/// <summary>Running text.</summary>
/// <param name="Text">Inline HTML: a, strong, em, code, br, sub, sup.</param>
internal sealed record ParagraphInput(string? Text) : BlockInput
{
    internal sealed class Validator : Rules<ParagraphInput>
    {
        public Validator() => RuleFor(b => b.Text).InlineHtml(Block.TextMaxLength);
    }
}

/// <summary>A subheading.</summary>
/// <param name="Level">2 to 4.</param>
/// <param name="Text">Inline HTML.</param>
internal sealed record HeadingInput(int? Level, string? Text) : BlockInput
{
    internal sealed class Validator : Rules<HeadingInput>
    {
        public Validator()
        {
            RuleFor(b => b.Level).NotNull().WithMessage("Give a level.").InclusiveBetween(HeadingBlock.MinLevel, HeadingBlock.MaxLevel)
                .WithMessage($"Give a level from {HeadingBlock.MinLevel} to {HeadingBlock.MaxLevel}.");
            RuleFor(b => b.Text).InlineHtml(Block.HeadingMaxLength);
        }
    }
}

/// <summary>A picture within the body.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Alt">What it shows.</param>
/// <param name="Caption">The line under it.</param>
/// <param name="Credit">Who made it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record ImageInput(string? Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height) : BlockInput
{
    internal sealed class Validator : Rules<ImageInput>
    {
        public Validator()
        {
            RuleFor(b => b.Url).NotEmpty().WithMessage("Give the picture's address.").WebAddress();
            RuleFor(b => b.Alt).Text(LeadImage.TextMaxLength);
            RuleFor(b => b.Caption).Text(LeadImage.TextMaxLength, TextKind.MultiLine);
            RuleFor(b => b.Credit).Text(LeadImage.TextMaxLength);
            RuleFor(b => b.Width).InclusiveBetween(1, LeadImage.MaxPixels).WithMessage($"Give pixels, 1 to {LeadImage.MaxPixels}.");
            RuleFor(b => b.Height).InclusiveBetween(1, LeadImage.MaxPixels).WithMessage($"Give pixels, 1 to {LeadImage.MaxPixels}.");
        }
    }
}

/// <summary>Words of somebody else.</summary>
/// <param name="Text">Inline HTML.</param>
/// <param name="Cite">Who said it.</param>
/// <param name="Url">Where it can be read.</param>
internal sealed record QuoteInput(string? Text, string? Cite, string? Url) : BlockInput
{
    internal sealed class Validator : Rules<QuoteInput>
    {
        public Validator()
        {
            RuleFor(b => b.Text).InlineHtml(Block.TextMaxLength);
            RuleFor(b => b.Cite).Text(Block.LabelMaxLength);
            RuleFor(b => b.Url).WebAddress();
        }
    }
}

/// <summary>A list.</summary>
/// <param name="Ordered">Numbered; false when absent.</param>
/// <param name="Items">Inline HTML each.</param>
internal sealed record ListInput(bool? Ordered, IReadOnlyList<string>? Items) : BlockInput
{
    internal sealed class Validator : Rules<ListInput>
    {
        public Validator()
        {
            RuleFor(b => b.Items).NotEmpty().WithMessage("Give at least one item.").AtMost(Block.MaxItems);
            RuleForEach(b => b.Items).Each(Block.TextMaxLength, item => item.InlineHtml(Block.TextMaxLength));
        }
    }
}

/// <summary>Something shown from another service.</summary>
/// <param name="Url">Its public address, https, of a known provider.</param>
internal sealed record EmbedInput(string? Url) : BlockInput
{
    internal sealed class Validator : Rules<EmbedInput>
    {
        public Validator() => RuleFor(b => b.Url).NotEmpty().WithMessage("Give the address of what is embedded.").WebAddress()
            .Must(u => u is null || (Uri.TryCreate(u, UriKind.Absolute, out var uri) && uri is { Scheme: "https", IsDefaultPort: true } && EmbedBlock.Providers.Contains(uri.Host)))
            .WithErrorCode("provider").WithMessage($"Give an https address of one of: {string.Join(", ", EmbedBlock.Providers)}.");
    }
}

/// <summary>A "read also" link.</summary>
/// <param name="Label">Such as "À lire aussi".</param>
/// <param name="ArticleId">An article of ours, or</param>
/// <param name="Url">any address, with</param>
/// <param name="Title">what the link says.</param>
internal sealed record RelatedInput(string? Label, Guid? ArticleId, string? Url, string? Title) : BlockInput
{
    internal sealed class Validator : Rules<RelatedInput>
    {
        public Validator()
        {
            RuleFor(b => b.Label).Text(Block.LabelMaxLength);
            RuleFor(b => b.ArticleId).Must((b, id) => id is null == b.Url is not null)
                .WithErrorCode("either").WithMessage("Give articleId, or url with title; not both.");
            RuleFor(b => b.Url).WebAddress();
            RuleFor(b => b.Title).RequiredText(Block.LabelMaxLength).When(b => b.Url is not null);
            RuleFor(b => b.Title).Null().WithErrorCode("either").WithMessage("The title of an article of ours is its headline: leave title out.")
                .When(b => b.ArticleId is not null);
        }
    }
}

/// <summary>A break between two parts.</summary>
internal sealed record DividerInput : BlockInput
{
    internal sealed class Validator : Rules<DividerInput>;
}

/// <summary>What the other blocks cannot say, such as a table.</summary>
/// <param name="Html">HTML of the allowed subset.</param>
internal sealed record HtmlInput(string? Html) : BlockInput
{
    internal sealed class Validator : Rules<HtmlInput>
    {
        public Validator() => RuleFor(b => b.Html).RequiredText(Block.HtmlMaxLength, TextKind.BodyMultiLine)
            .Must(h => h is null || BlockRules.IsKeepable(h, Sanitizer.Block(h), Block.HtmlMaxLength))
            .WithErrorCode("text").WithMessage("The HTML holds a character that is not allowed, written as an entity, or grows too long when escaped.");
    }
}

internal static class BlockRules
{
    /// <summary>Inline HTML; checked as it came and as the sanitiser leaves it, because an entity is a plain word before and a control after.</summary>
    public static IRuleBuilderOptions<T, string?> InlineHtml<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.RequiredText(maxLength, TextKind.BodyMultiLine)
            .Must(h => h is null || IsKeepable(h, Sanitizer.Inline(h), maxLength))
            .WithErrorCode("text").WithMessage("The text holds a character that is not allowed, written as an entity, or grows too long when escaped.");

    /// <summary>
    /// Only allowed characters, though they were written as entities (the sanitiser drops control characters, and a client should hear of it),
    /// and no longer than what may come: what is kept can be sent back.
    /// </summary>
    public static bool IsKeepable(string html, string clean, int maxLength) =>
        TextRules.Length(clean) <= maxLength && TextRules.Fault(clean, TextKind.BodyMultiLine) is null
        && TextRules.Fault(WebUtility.HtmlDecode(html), TextKind.BodyMultiLine) is null;
}
