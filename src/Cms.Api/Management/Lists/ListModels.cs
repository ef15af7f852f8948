using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Lists;
using FluentValidation;

namespace Cms.Api.Management.Lists;

/// <summary>How a list goes on by itself after what is pinned: with the newest.</summary>
/// <param name="SectionId">Of this section and those below it; of all when absent.</param>
/// <param name="Language">In this language, BCP 47; in any when absent.</param>
internal sealed record ListTailInput(Guid? SectionId, string? Language)
{
    public static ListTailInput? Of(ListTail? tail) => tail is null ? null : new(tail.SectionId, tail.Language);

    internal sealed class Validator : AbstractValidator<ListTailInput>
    {
        public Validator() => RuleFor(t => t.Language).Language();
    }
}

/// <summary>A list as an editor sends it.</summary>
/// <param name="Name">Such as "La une".</param>
/// <param name="Slug">Derived from the name when absent.</param>
/// <param name="PinnedIds">The articles that stand first, in order; readers get those that are published.</param>
/// <param name="Size">How many articles readers get, at most; 20 when absent.</param>
/// <param name="Tail">How it goes on by itself; it does not when absent.</param>
/// <param name="SectionId">The section whose front it is, if it is one's; a section has one at most.</param>
internal sealed record ArticleListInput(string? Name, string? Slug, IReadOnlyList<Guid>? PinnedIds, int? Size, ListTailInput? Tail, Guid? SectionId)
{
    public static ArticleListInput Of(ArticleList l) => new(l.Name, l.Slug.Value, l.PinnedIds, l.Size, ListTailInput.Of(l.Tail), l.SectionId);

    public ListTail? ToTail() => Tail is null ? null : new(Tail.SectionId, Tail.Language);

    internal sealed class Validator : AbstractValidator<ArticleListInput>
    {
        public Validator()
        {
            RuleFor(l => l.Name).RequiredText(ArticleList.NameMaxLength);
            RuleFor(l => l.Slug).SlugText();
            RuleFor(l => l.PinnedIds).AtMost(ArticleList.MaxPinned).Distinct();
            RuleFor(l => l.Size).InclusiveBetween(1, ArticleList.MaxSize).WithMessage($"Give a number from 1 to {ArticleList.MaxSize}.");
            RuleFor(l => l.Tail).SetValidator(new ListTailInput.Validator()!); // null is not validated: FluentValidation passes over it
        }
    }
}

/// <summary>A list as the management face answers it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Name">Such as "La une".</param>
/// <param name="Slug">Unique among lists, past ones included.</param>
/// <param name="PinnedIds">The articles that stand first, in order, drafts among them.</param>
/// <param name="Size">How many articles readers get, at most.</param>
/// <param name="Tail">How it goes on by itself.</param>
/// <param name="SectionId">The section whose front it is.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record ArticleListView(
    Guid Id, string Name, string Slug, IReadOnlyList<Guid> PinnedIds, int Size, ListTailInput? Tail, Guid? SectionId, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static ArticleListView Of(ArticleList l) =>
        new(l.Id, l.Name, l.Slug.Value, l.PinnedIds, l.Size, ListTailInput.Of(l.Tail), l.SectionId, l.CreatedAt, l.UpdatedAt) { Version = l.Version };
}
