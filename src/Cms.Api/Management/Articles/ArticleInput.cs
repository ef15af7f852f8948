using System.Text.Json;
using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Tags;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Articles;

/// <summary>An article as an editor sends it. Only <c>headline</c> is needed to create; what is absent in a PUT is emptied.</summary>
internal sealed record ArticleInput
{
    /// <summary>BCP 47; the site's when absent.</summary>
    public string? Language { get; init; }

    /// <summary>The line over the headline.</summary>
    public string? Kicker { get; init; }

    /// <summary>The headline.</summary>
    public string? Headline { get; init; }

    /// <summary>The lines under the headline; plain text.</summary>
    public string? Standfirst { get; init; }

    /// <summary>The last part of the address. Derived from kicker and headline until the first publication; given, it stays.</summary>
    public string? Slug { get; init; }

    /// <summary>The main section; may wait until publication.</summary>
    public Guid? SectionId { get; init; }

    /// <summary>Further sections.</summary>
    public IReadOnlyList<Guid>? OtherSectionIds { get; init; }

    /// <summary>By name, matched without case or accents, made on first use.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The article that this one translates.</summary>
    public Guid? TranslationOf { get; init; }

    /// <summary>People, in the byline's order.</summary>
    public IReadOnlyList<CreditInput>? Credits { get; init; }

    /// <summary>Houses quoted.</summary>
    public IReadOnlyList<SourceInput>? Sources { get; init; }

    /// <summary>The picture that stands for the article.</summary>
    public LeadImageInput? LeadImage { get; init; }

    /// <summary>Articles the editor puts beside this one.</summary>
    public IReadOnlyList<Guid>? RelatedIds { get; init; }

    /// <summary>What was wrong, said to readers.</summary>
    public IReadOnlyList<CorrectionInput>? Corrections { get; init; }

    /// <summary>The newsroom's or wire service's own id; unique.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Small values of the newsroom's own: strings, numbers, booleans.</summary>
    public IReadOnlyDictionary<string, ExtraValue>? Extra { get; init; }

    /// <summary>What others may do with it, where it differs from the section's and the site's terms.</summary>
    public ReuseInput? Reuse { get; init; }

    /// <summary>The body.</summary>
    public IReadOnlyList<BlockInput>? Body { get; init; }

    /// <summary>The article as an editor would send it whole; a merge patch is applied to this.</summary>
    public static ArticleInput Of(Article article, IReadOnlyList<string> tags) => new()
    {
        Language = article.Draft.Language,
        Kicker = article.Draft.Kicker,
        Headline = article.Draft.Headline,
        Standfirst = article.Draft.Standfirst,
        Slug = article.Slug.Value,
        SectionId = article.Draft.SectionId,
        OtherSectionIds = article.Draft.OtherSectionIds,
        Tags = tags,
        TranslationOf = article.TranslationOf,
        Credits = [.. article.Draft.Credits.Select(c => new CreditInput(c.Role, c.Name, c.AuthorId))],
        Sources = [.. article.Draft.Sources.Select(s => new SourceInput(s.Name, s.Url))],
        LeadImage = article.Draft.LeadImage is { } i ? new(i.Url, i.Alt, i.Caption, i.Credit, i.Width, i.Height) : null,
        RelatedIds = article.Draft.RelatedIds,
        Corrections = [.. article.Draft.Corrections.Select(c => new CorrectionInput(c.Text, c.At, c.Kind))],
        ExternalId = article.ExternalId,
        Extra = article.Draft.Extra.ToDictionary(e => e.Key, e => new ExtraValue(e.Value)),
        Reuse = ReuseInput.Of(article.Draft.Reuse),
        Body = [.. article.Draft.Body.Select(BlockInput.Of)],
    };

    internal sealed class Validator : AbstractValidator<ArticleInput>
    {
        public Validator()
        {
            RuleFor(a => a.Language).Language();
            RuleFor(a => a.Kicker).Text(ArticleContent.KickerMaxLength);
            RuleFor(a => a.Headline).RequiredText(ArticleContent.HeadlineMaxLength);
            RuleFor(a => a.Standfirst).Text(ArticleContent.StandfirstMaxLength, TextKind.MultiLine);
            RuleFor(a => a.Slug).SlugText();
            RuleFor(a => a.OtherSectionIds).AtMost(ArticleContent.MaxOtherSections).Distinct();
            RuleFor(a => a.Tags).AtMost(ArticleContent.MaxTags);
            RuleForEach(a => a.Tags).Each(Tag.NameMaxLength, tag => tag.RequiredText(Tag.NameMaxLength).Must(t => Folding.Key(t ?? "").Length > 0)
                .WithErrorCode("text").WithMessage("A tag needs a letter or digit."));
            RuleFor(a => a.Credits).AtMost(Credit.MaxCount);
            RuleForEach(a => a.Credits).Each(new CreditInput.Validator());
            RuleFor(a => a.Sources).AtMost(Source.MaxCount);
            RuleForEach(a => a.Sources).Each(new SourceInput.Validator());
            RuleFor(a => a.LeadImage).SetValidator(new LeadImageInput.Validator()!); // null is not validated: FluentValidation passes over it
            RuleFor(a => a.RelatedIds).AtMost(ArticleContent.MaxRelated).Distinct();
            RuleFor(a => a.Corrections).AtMost(Correction.MaxCount);
            RuleForEach(a => a.Corrections).Each(new CorrectionInput.Validator());
            RuleFor(a => a.ExternalId).Text(Article.ExternalIdMaxLength).Must(id => id is null || id.Trim().Length > 0)
                .WithErrorCode("required").WithMessage("Give a value, or leave it out.");
            RuleFor(a => a.Extra).SetValidator(new MaxEntriesValidator<ArticleInput, ExtraValue>(ArticleContent.MaxExtra))
                .Must(e => e is null || e.Keys.All(ExtraValue.IsName)).WithErrorCode("name")
                .WithMessage($"Names begin with a letter and have at most {ArticleContent.ExtraNameMaxLength} letters, digits, - and _.")
                .Must(e => e is null || e.Values.All(v => v.IsSmall)).WithErrorCode("tooLong")
                .WithMessage($"A value has at most {ArticleContent.ExtraValueMaxLength} characters, on one line.");
            RuleFor(a => a.Reuse).SetValidator(new ReuseInput.Validator()!); // null is not validated: FluentValidation passes over it
            RuleFor(a => a.Body).AtMost(Block.MaxCount).Must(UniqueIds).WithErrorCode("duplicate").WithMessage("Two blocks have the same id.");
            RuleForEach(a => a.Body).Cascade(CascadeMode.Continue).NotNull().WithMessage("Give a block.").SetInheritanceValidator(v => v
                .Add(new ParagraphInput.Validator()).Add(new HeadingInput.Validator()).Add(new ImageInput.Validator()).Add(new QuoteInput.Validator())
                .Add(new ListInput.Validator()).Add(new EmbedInput.Validator()).Add(new RelatedInput.Validator()).Add(new DividerInput.Validator())
                .Add(new HtmlInput.Validator()));
        }

        private static bool UniqueIds(IReadOnlyList<BlockInput>? body)
        {
            var ids = body?.Select(b => b?.Id).OfType<string>().ToList() ?? [];
            return ids.Distinct(StringComparer.Ordinal).Count() == ids.Count;
        }
    }
}

/// <summary>Who did what.</summary>
/// <param name="Role">What they did.</param>
/// <param name="Name">Their name, or</param>
/// <param name="AuthorId">an author of ours, shown with that author's name of today.</param>
internal sealed record CreditInput(CreditRole? Role, string? Name, Guid? AuthorId)
{
    internal sealed class Validator : AbstractValidator<CreditInput>
    {
        public Validator()
        {
            RuleFor(c => c.Role).NotNull().WithMessage("Give a role.");
            RuleFor(c => c.Name).Text(Credit.NameMaxLength);
            RuleFor(c => c.AuthorId).Must((c, id) => id is not null ? c.Name is null : !string.IsNullOrWhiteSpace(c.Name))
                .WithErrorCode("either").WithMessage("Give name or authorId; not both.");
        }
    }
}

/// <summary>A house or person quoted.</summary>
/// <param name="Name">Such as "Paris Match".</param>
/// <param name="Url">Where it was published.</param>
internal sealed record SourceInput(string? Name, string? Url)
{
    internal sealed class Validator : AbstractValidator<SourceInput>
    {
        public Validator()
        {
            RuleFor(s => s.Name).RequiredText(Source.NameMaxLength);
            RuleFor(s => s.Url).WebAddress();
        }
    }
}

/// <summary>The picture that stands for an article.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Alt">What it shows.</param>
/// <param name="Caption">The line under it.</param>
/// <param name="Credit">Who made it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record LeadImageInput(string? Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height)
{
    internal sealed class Validator : AbstractValidator<LeadImageInput>
    {
        public Validator()
        {
            RuleFor(i => i.Url).NotEmpty().WithMessage("Give the picture's address.").WebAddress(LeadImage.UrlMaxLength);
            RuleFor(i => i.Alt).Text(LeadImage.TextMaxLength);
            RuleFor(i => i.Caption).Text(LeadImage.TextMaxLength, TextKind.MultiLine);
            RuleFor(i => i.Credit).Text(LeadImage.TextMaxLength);
            RuleFor(i => i.Width).InclusiveBetween(1, LeadImage.MaxPixels).WithMessage($"Give pixels, 1 to {LeadImage.MaxPixels}.");
            RuleFor(i => i.Height).InclusiveBetween(1, LeadImage.MaxPixels).WithMessage($"Give pixels, 1 to {LeadImage.MaxPixels}.");
        }
    }
}

/// <summary>What was wrong, said to readers.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="At">When it was corrected; now when absent.</param>
/// <param name="Kind">How much it changes; minor when absent.</param>
internal sealed record CorrectionInput(string? Text, DateTimeOffset? At, CorrectionKind? Kind)
{
    internal sealed class Validator : AbstractValidator<CorrectionInput>
    {
        public Validator() => RuleFor(c => c.Text).RequiredText(Correction.TextMaxLength, TextKind.MultiLine);
    }
}

/// <summary>A small value of the newsroom's own: a string, a number or a boolean.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct ExtraValue(JsonElement Value)
{
    public bool IsSmall => Value.ValueKind != JsonValueKind.String
        ? Value.GetRawText().Length <= ArticleContent.ExtraNameMaxLength
        : Value.GetString() is { } text && TextRules.Length(text) <= ArticleContent.ExtraValueMaxLength && TextRules.Fault(text, TextKind.SingleLine) is null;

    public static bool IsName(string name) => name.Length is > 0 and <= ArticleContent.ExtraNameMaxLength
        && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    internal sealed class Converter : JsonConverter<ExtraValue>
    {
        public override ExtraValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            // Through the reader of text, so that it is NFC and can be stored.
            JsonTokenType.String => new(JsonSerializer.SerializeToElement(JsonSerializer.Deserialize<string>(ref reader, options), options)),
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => new(JsonElement.ParseValue(ref reader)),
            _ => throw new TextException("Give a string, a number or a boolean."),
        };

        public override void Write(Utf8JsonWriter writer, ExtraValue value, JsonSerializerOptions options) => value.Value.WriteTo(writer);
    }
}
