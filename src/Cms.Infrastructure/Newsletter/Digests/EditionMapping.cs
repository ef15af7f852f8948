using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Newsletter.Digests;

internal sealed class EditionMapping : IEntityTypeConfiguration<Edition>
{
    /// <summary>The frozen articles, of which readers of the row alone know.</summary>
    public const string Content = "Content";

    public void Configure(EntityTypeBuilder<Edition> edition)
    {
        edition.Property(e => e.Id).ValueGeneratedNever();
        edition.Property(e => e.Number).UseIdentityAlwaysColumn();
        edition.Property(e => e.Frequency).HasConversion<string>().HasMaxLength(20);
        edition.Property(e => e.DueAt);
        edition.Property(e => e.Wishes).Json();
        edition.Property(e => e.Status).HasConversion<string>().HasMaxLength(20);
        edition.Property(e => e.SkippedBecause).HasMaxLength(20);
        edition.Property(e => e.HeldBecause).HasMaxLength(20);
        edition.Property<string?>(Content).HasColumnType("json");
        edition.Property(e => e.Version).IsRowVersion();
        edition.HasAlternateKey(e => e.Number);
        edition.HasIndex(e => new { e.Frequency, e.Date }).IsUnique().HasDatabaseName(Constraints.EditionDate);
    }
}
