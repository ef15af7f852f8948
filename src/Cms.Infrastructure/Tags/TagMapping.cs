using Cms.Domain.Tags;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Tags;

internal sealed class TagMapping : IEntityTypeConfiguration<Tag>
{
    public void Configure(EntityTypeBuilder<Tag> tag)
    {
        tag.Property(t => t.Id).ValueGeneratedNever();
        tag.Property(t => t.Name).HasMaxLength(Tag.NameMaxLength);
        tag.Property(t => t.Key).UseCollation("C"); // LIKE 'prefix%' may use the unique index
        tag.Property(t => t.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        tag.Property(t => t.CreatedAt);
        tag.Property(t => t.Version).IsRowVersion();
        tag.HasIndex(t => t.Key).IsUnique().HasDatabaseName(Constraints.TagKey);
    }
}
