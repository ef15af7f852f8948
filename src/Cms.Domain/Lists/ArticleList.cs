using Cms.Domain.Text;

namespace Cms.Domain.Lists;

/// <summary>Where a list goes on by itself after its pinned articles: with the newest.</summary>
/// <param name="SectionId">Of this section and those below it; none for all.</param>
/// <param name="Language">In this language, BCP 47; none for any.</param>
public sealed record ListTail(Guid? SectionId, string? Language);

/// <summary>A named, ordered collection of articles, such as the front page: some pinned by an editor, then a tail that fills itself.</summary>
public sealed class ArticleList
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200;

    /// <summary>Pinned articles, at most.</summary>
    public const int MaxPinned = 50;

    /// <summary>Articles that readers get, at most, and unless said otherwise.</summary>
    public const int MaxSize = 100, DefaultSize = 20;

    /// <summary>Lists of a site, at most: every publication looks through them for whoever pinned it.</summary>
    public const int MaxCount = 200;

    // EF Core binds these parameters to the mapped properties, so no member needs "null!".
    private ArticleList(Guid id, string name, Slug slug, DateTimeOffset createdAt) =>
        (Id, Name, Slug, CreatedAt, UpdatedAt) = (id, name, slug, createdAt, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>Such as "La une".</summary>
    public string Name { get; private set; }

    /// <summary>Unique among lists.</summary>
    public Slug Slug { get; private set; }

    /// <summary>How many articles readers get, at most.</summary>
    public int Size { get; private set; } = DefaultSize;

    /// <summary>The articles that stand first, in order. Readers get those that are published.</summary>
    public IReadOnlyList<Guid> PinnedIds { get; private set; } = [];

    /// <summary>Whether it goes on by itself.</summary>
    public bool HasTail { get; private set; }

    /// <summary>Where its tail is taken from; none for all.</summary>
    public Guid? TailSectionId { get; private set; }

    /// <summary>The tail's language; none for any.</summary>
    public string? TailLanguage { get; private set; }

    /// <summary>The section whose front it is; a section has one at most.</summary>
    public Guid? SectionId { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>How it goes on by itself; null when it does not.</summary>
    public ListTail? Tail => HasTail ? new(TailSectionId, TailLanguage) : null;

    /// <summary>A new list; <see cref="Arrange"/> says of what.</summary>
    public static ArticleList Open(Guid id, string name, Slug slug, DateTimeOffset now) => new(id, name, slug, now);

    /// <summary>Gives it another name and slug.</summary>
    public void Rename(string name, Slug slug, DateTimeOffset now) => (Name, Slug, UpdatedAt) = (name, slug, now);

    /// <summary>Says what stands in it, and where it stands.</summary>
    public void Arrange(IReadOnlyList<Guid> pinnedIds, int size, ListTail? tail, Guid? sectionId, DateTimeOffset now) =>
        (PinnedIds, Size, HasTail, TailSectionId, TailLanguage, SectionId, UpdatedAt) =
        (pinnedIds, size, tail is not null, tail?.SectionId, tail?.Language, sectionId, now);

    /// <summary>Forgets an article that is deleted.</summary>
    public void Unpin(Guid articleId, DateTimeOffset now) => (PinnedIds, UpdatedAt) = ([.. PinnedIds.Where(id => id != articleId)], now);
}
