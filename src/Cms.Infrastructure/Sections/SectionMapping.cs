using Cms.Domain.Sections;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Sections;

internal sealed class SectionMapping : IEntityTypeConfiguration<Section>
{
    public void Configure(EntityTypeBuilder<Section> section)
    {
        section.Property(s => s.Id).ValueGeneratedNever();
        section.Property(s => s.Name).HasMaxLength(Section.NameMaxLength);
        section.Property(s => s.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        section.Property(s => s.Position);
        section.Property(s => s.Language).HasMaxLength(LanguageTag.MaxLength);
        section.Property(s => s.Description).HasMaxLength(Section.DescriptionMaxLength);
        section.Property(s => s.Share).Json();
        section.Property(s => s.Reuse).Json();
        section.Property(s => s.CreatedAt);
        section.Property(s => s.Version).IsRowVersion();
        section.HasOne<Section>().WithMany().HasForeignKey(s => s.ParentId).OnDelete(DeleteBehavior.Restrict)
            .HasConstraintName(Constraints.SectionParent);
        section.HasIndex(s => s.Slug); // the site's own look-ups by slug; uniqueness is in slugs
    }
}
