using Cms.Domain.Text;

namespace Cms.Domain.Tags;

/// <summary>A subject that articles share, such as "Kim Jong-un". Made on first use; told apart without case or accents.</summary>
public sealed class Tag
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 80;

    // EF Core binds these parameters to the mapped properties.
    private Tag(Guid id, string name, string key, Slug slug, DateTimeOffset createdAt) =>
        (Id, Name, Key, Slug, CreatedAt, UpdatedAt) = (id, name, key, slug, createdAt, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>As it was first written.</summary>
    public string Name { get; private set; }

    /// <summary>The name without case or accents (<see cref="Folding.Key"/>); unique.</summary>
    public string Key { get; private set; }

    /// <summary>Unique among tags.</summary>
    public Slug Slug { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A new tag.</summary>
    public static Tag Coin(Guid id, string name, Slug slug, DateTimeOffset now) => new(id, name, Folding.Key(name), slug, now);

    /// <summary>Gives it another name and slug; articles keep it.</summary>
    public void Rename(string name, Slug slug, DateTimeOffset now) => (Name, Key, Slug, UpdatedAt) = (name, Folding.Key(name), slug, now);
}
