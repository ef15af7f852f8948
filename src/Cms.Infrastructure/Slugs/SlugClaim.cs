using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Slugs;

/// <summary>That a slug is somebody's. A redirecting slug stays its owner's, so nobody else can take an address that readers know.</summary>
internal sealed class SlugClaim(string kind, string slug, Guid ownerId)
{
    public string Kind { get; } = kind;

    public string Slug { get; } = slug;

    public Guid OwnerId { get; } = ownerId;
}

internal sealed class SlugClaimMapping : IEntityTypeConfiguration<SlugClaim>
{
    public void Configure(EntityTypeBuilder<SlugClaim> claim)
    {
        claim.ToTable("slugs");
        // C: twins of a slug are a range of the key.
        claim.Property(c => c.Kind).HasMaxLength(20).UseCollation("C");
        claim.Property(c => c.Slug).HasMaxLength(Domain.Text.Slug.MaxLength).UseCollation("C");
        claim.Property(c => c.OwnerId);
        claim.HasKey(c => new { c.Kind, c.Slug }).HasName(Constraints.SlugTaken);
        claim.HasIndex(c => c.OwnerId); // what an owner holds: freed when it is deleted
    }
}
