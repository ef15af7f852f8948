using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Auditing;

/// <summary>That somebody changed something. Names of changed members, never values: the audit outlives an erasure.</summary>
public sealed class AuditEntry(Guid id, DateTimeOffset at, string actor, string action, string resource, string resourceId, IReadOnlyList<string> members)
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; } = id;

    /// <summary>UTC.</summary>
    public DateTimeOffset At { get; } = at;

    /// <summary>The token's id, or <c>command</c>.</summary>
    public string Actor { get; } = actor;

    /// <summary>The operation, by its operationId, such as <c>publishArticle</c>.</summary>
    public string Action { get; } = action;

    /// <summary>The kind of thing, such as <c>article</c>.</summary>
    public string Resource { get; } = resource;

    /// <summary>Its id.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>Names of the members that changed.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry)
    {
        entry.ToTable("audit");
        entry.Property(e => e.Id).ValueGeneratedNever(); // listed newest first by the key itself
        entry.Property(e => e.At);
        entry.Property(e => e.Actor).HasMaxLength(20);
        entry.Property(e => e.Action).HasMaxLength(60);
        entry.Property(e => e.Resource).HasMaxLength(30);
        entry.Property(e => e.ResourceId).HasMaxLength(40);
        entry.Property(e => e.Members).HasColumnType("text[]").HasConversion(v => v.ToArray(), v => v);
        entry.HasIndex(e => new { e.ResourceId, e.Id }); // the history of one thing, newest first
    }
}
