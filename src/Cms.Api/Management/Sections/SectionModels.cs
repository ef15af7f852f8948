using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Api.Management.Share;
using Cms.Domain.Sections;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Sections;

/// <summary>A section as an editor sends it.</summary>
/// <param name="Name">Such as "International".</param>
/// <param name="Slug">Derived from the name when absent.</param>
/// <param name="ParentId">The section above it; none puts it at the top.</param>
/// <param name="Position">Its order among its siblings, from 0; none puts it last, or leaves it where it is.</param>
/// <param name="Language">BCP 47; the site's when absent.</param>
/// <param name="Description">What the section is about; plain text.</param>
/// <param name="Share">Defaults for what networks show of its articles.</param>
/// <param name="Reuse">What others may do with its articles.</param>
internal sealed record SectionInput(
    string? Name, string? Slug, Guid? ParentId, int? Position, string? Language, string? Description, ShareCardInput? Share, ReuseInput? Reuse)
{
    public static SectionInput Of(Section s) =>
        new(s.Name, s.Slug.Value, s.ParentId, s.Position, s.Language, s.Description, ShareCardInput.Of(s.Share), ReuseInput.Of(s.Reuse));

    internal sealed class Validator : AbstractValidator<SectionInput>
    {
        public Validator(IValidator<ShareCardInput> share, IValidator<ReuseInput> reuse)
        {
            RuleFor(s => s.Name).RequiredText(Section.NameMaxLength);
            RuleFor(s => s.Slug).SlugText();
            RuleFor(s => s.Position).InclusiveBetween(0, Section.MaxPosition).WithMessage($"Give a number from 0 to {Section.MaxPosition}.");
            RuleFor(s => s.Language).Language();
            RuleFor(s => s.Description).Text(Section.DescriptionMaxLength, TextKind.MultiLine);
            RuleFor(s => s.Share).SetValidator(share!); // null is not validated: FluentValidation passes over it
            RuleFor(s => s.Reuse).SetValidator(reuse!); // the same
        }
    }
}

/// <summary>A section as the management face answers it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Name">Such as "International".</param>
/// <param name="Slug">Unique among sections, past ones included.</param>
/// <param name="ParentId">The section above it.</param>
/// <param name="Position">Its order among its siblings.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Description">What the section is about.</param>
/// <param name="Share">Defaults for what networks show of its articles.</param>
/// <param name="Reuse">What others may do with its articles.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record SectionView(
    Guid Id, string Name, string Slug, Guid? ParentId, int Position, string Language, string? Description, ShareCardInput Share, ReuseInput Reuse,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static SectionView Of(Section s) =>
        new(s.Id, s.Name, s.Slug.Value, s.ParentId, s.Position, s.Language, s.Description, ShareCardInput.Of(s.Share), ReuseInput.Of(s.Reuse), s.CreatedAt, s.UpdatedAt)
        {
            Version = s.Version,
        };
}
