using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Tags;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Tags;

/// <summary>A tag as an editor sends it.</summary>
/// <param name="Name">Such as "Kim Jong-un"; no other tag has it, whatever its case or accents.</param>
/// <param name="Slug">Derived from the name when absent.</param>
internal sealed record TagInput(string? Name, string? Slug)
{
    public static TagInput Of(Tag t) => new(t.Name, t.Slug.Value);

    internal sealed class Validator : AbstractValidator<TagInput>
    {
        public Validator()
        {
            RuleFor(t => t.Name).RequiredText(Tag.NameMaxLength).Must(n => Folding.Key(n ?? "").Length > 0)
                .WithErrorCode("required").WithMessage("Give a name that can be seen.");
            RuleFor(t => t.Slug).SlugText();
        }
    }
}

/// <summary>A tag as the management face answers it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Name">Such as "Kim Jong-un".</param>
/// <param name="Slug">Unique among tags, past ones included.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record TagView(Guid Id, string Name, string Slug, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static TagView Of(Tag t) => new(t.Id, t.Name, t.Slug.Value, t.CreatedAt, t.UpdatedAt) { Version = t.Version };
}
