using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Sites;

internal sealed class SiteMapping : IEntityTypeConfiguration<Site>
{
    public void Configure(EntityTypeBuilder<Site> site)
    {
        site.ToTable("site", t => t.HasCheckConstraint("site_is_one", $"id = '{Site.OnlyId}'"));
        site.Property(s => s.Id).ValueGeneratedNever();
        site.Property(s => s.Settings).Json();
        site.Property(s => s.UpdatedAt);
        site.Property(s => s.Version).IsRowVersion();
    }
}
