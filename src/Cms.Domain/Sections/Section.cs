using Cms.Domain.Sharing;
using Cms.Domain.Text;

namespace Cms.Domain.Sections;

/// <summary>A part of the site, such as "International". Sections form a tree at most <see cref="MaxDepth"/> deep.</summary>
public sealed class Section
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200, DescriptionMaxLength = 500;

    /// <summary>Levels of the tree, at most.</summary>
    public const int MaxDepth = 4;

    /// <summary>Sections of a site, at most: the whole tree is one answer.</summary>
    public const int MaxCount = 500;

    /// <summary>The largest <see cref="Position"/>.</summary>
    public const int MaxPosition = 10_000;

    // EF Core binds these parameters to the mapped properties, so no member needs "null!".
    private Section(Guid id, string name, Slug slug, string language, ShareCard share, ReuseTerms reuse, DateTimeOffset createdAt) =>
        (Id, Name, Slug, Language, Share, Reuse, CreatedAt, UpdatedAt) = (id, name, slug, language, share, reuse, createdAt, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>Such as "International".</summary>
    public string Name { get; private set; }

    /// <summary>Unique among sections.</summary>
    public Slug Slug { get; private set; }

    /// <summary>The section above it; none at the top.</summary>
    public Guid? ParentId { get; private set; }

    /// <summary>Its order among its siblings, from 0; ties are ordered by id.</summary>
    public int Position { get; private set; }

    /// <summary>BCP 47.</summary>
    public string Language { get; private set; }

    /// <summary>What the section is about; plain text.</summary>
    public string? Description { get; private set; }

    /// <summary>Defaults for what networks show of its articles.</summary>
    public ShareCard Share { get; private set; }

    /// <summary>What others may do with its articles, where it differs from the site's terms.</summary>
    public ReuseTerms Reuse { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A new section; <see cref="Place"/> says where.</summary>
    public static Section Open(Guid id, string name, Slug slug, string language, DateTimeOffset now) =>
        new(id, name, slug, language, ShareCard.Empty, ReuseTerms.Empty, now);

    /// <summary>Says what it is.</summary>
    public void Describe(string name, Slug slug, string language, string? description, ShareCard share, DateTimeOffset now) =>
        (Name, Slug, Language, Description, Share, UpdatedAt) = (name, slug, language, description, share, now);

    /// <summary>Puts it under a parent.</summary>
    /// <param name="tree">All sections as they stand; the caller holds the lock under which trees change.</param>
    /// <param name="parentId">None puts it at the top.</param>
    /// <param name="position">Among its siblings; none puts it last, or leaves it where it is.</param>
    /// <exception cref="RuleBrokenException"><c>section-cycle</c>, <c>section-too-deep</c>.</exception>
    public void Place(SectionTree tree, Guid? parentId, int? position)
    {
        ArgumentNullException.ThrowIfNull(tree);
        tree.CheckPlace(Id, parentId);
        var stays = parentId == ParentId && tree.Contains(Id);
        (ParentId, Position) = (parentId, position ?? (stays ? Position : tree.NextPosition(parentId)));
    }

    /// <summary>Says what others may do with its articles.</summary>
    public void SetReuse(ReuseTerms reuse) => Reuse = reuse;

    /// <summary>Replaces the defaults for what networks show.</summary>
    public void ReviseShare(ShareCard share, DateTimeOffset now) => (Share, UpdatedAt) = (share, now);
}
