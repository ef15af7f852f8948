using Cms.Domain.Lists;
using Cms.Domain.Sections;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Lists;

internal sealed class ListMapping : IEntityTypeConfiguration<ArticleList>
{
    public void Configure(EntityTypeBuilder<ArticleList> list)
    {
        list.Property(l => l.Id).ValueGeneratedNever();
        list.Property(l => l.Name).HasMaxLength(ArticleList.NameMaxLength);
        list.Property(l => l.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        list.Property(l => l.Size);
        list.Property(l => l.PinnedIds).Ids();
        list.Property(l => l.HasTail);
        list.Property(l => l.TailSectionId);
        list.Property(l => l.TailLanguage).HasMaxLength(LanguageTag.MaxLength);
        list.Property(l => l.SectionId);
        list.Property(l => l.CreatedAt);
        list.Property(l => l.Version).IsRowVersion();
        list.Ignore(l => l.Tail);
        list.HasOne<Section>().WithMany().HasForeignKey(l => l.TailSectionId).OnDelete(DeleteBehavior.Restrict).HasConstraintName(Constraints.ListTail);
        list.HasOne<Section>().WithMany().HasForeignKey(l => l.SectionId).OnDelete(DeleteBehavior.Restrict).HasConstraintName(Constraints.ListSection);
        list.HasIndex(l => l.SectionId).IsUnique().HasDatabaseName(Constraints.SectionList);
    }
}
