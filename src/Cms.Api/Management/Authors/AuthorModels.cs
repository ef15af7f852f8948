using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Authors;
using Cms.Domain.Newsletter;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Authors;

/// <summary>An author as an editor sends it.</summary>
/// <param name="Name">As the byline shows it.</param>
/// <param name="Slug">Derived from the name when absent.</param>
/// <param name="Bio">A few lines; plain text.</param>
/// <param name="Url">The author's own page elsewhere.</param>
/// <param name="Email">The newsroom's way to reach them: readers never see it.</param>
internal sealed record AuthorInput(string? Name, string? Slug, string? Bio, string? Url, string? Email)
{
    public static AuthorInput Of(Author a) => new(a.Name, a.Slug.Value, a.Bio, a.Url, a.Email);

    /// <summary>The address as mail is sent to it: with its domain in A-labels.</summary>
    public string? Mailbox() => EmailAddress.TryParse(Email, out var address, out _) ? address.Value : null;

    internal sealed class Validator : AbstractValidator<AuthorInput>
    {
        public Validator()
        {
            RuleFor(a => a.Name).RequiredText(Author.NameMaxLength);
            RuleFor(a => a.Slug).SlugText();
            RuleFor(a => a.Bio).Text(Author.BioMaxLength, TextKind.MultiLine);
            RuleFor(a => a.Url).WebAddress();
            RuleFor(a => a.Email).Email();
        }
    }
}

/// <summary>An author as the management face answers it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Name">As the byline shows it.</param>
/// <param name="Slug">Unique among authors, past ones included.</param>
/// <param name="Bio">A few lines; plain text.</param>
/// <param name="Url">The author's own page elsewhere.</param>
/// <param name="Email">The newsroom's way to reach them: readers never see it.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record AuthorView(
    Guid Id, string Name, string Slug, string? Bio, string? Url, string? Email, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static AuthorView Of(Author a) => new(a.Id, a.Name, a.Slug.Value, a.Bio, a.Url, a.Email, a.CreatedAt, a.UpdatedAt) { Version = a.Version };
}
