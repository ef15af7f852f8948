using Cms.Domain.Text;

namespace Cms.Domain.Authors;

/// <summary>Somebody who writes for the newsroom and has a page.</summary>
public sealed class Author
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200, BioMaxLength = 500, UrlMaxLength = 2_048;

    // EF Core binds these parameters to the mapped properties.
    private Author(Guid id, string name, Slug slug, DateTimeOffset createdAt) =>
        (Id, Name, Slug, CreatedAt, UpdatedAt) = (id, name, slug, createdAt, createdAt);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>As the byline shows it.</summary>
    public string Name { get; private set; }

    /// <summary>Unique among authors.</summary>
    public Slug Slug { get; private set; }

    /// <summary>A few lines; plain text.</summary>
    public string? Bio { get; private set; }

    /// <summary>The author's own page elsewhere.</summary>
    public string? Url { get; private set; }

    /// <summary>The newsroom's way to reach them: readers never see it.</summary>
    public string? Email { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A new author.</summary>
    public static Author Introduce(Guid id, string name, Slug slug, DateTimeOffset now) => new(id, name, slug, now);

    /// <summary>Says who it is.</summary>
    public void Describe(string name, Slug slug, string? bio, string? url, string? email, DateTimeOffset now) =>
        (Name, Slug, Bio, Url, Email, UpdatedAt) = (name, slug, bio, url, email, now);
}
