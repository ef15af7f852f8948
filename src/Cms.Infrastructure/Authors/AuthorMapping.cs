using Cms.Domain.Authors;
using Cms.Domain.Newsletter;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Authors;

internal sealed class AuthorMapping : IEntityTypeConfiguration<Author>
{
    public void Configure(EntityTypeBuilder<Author> author)
    {
        author.Property(a => a.Id).ValueGeneratedNever();
        author.Property(a => a.Name).HasMaxLength(Author.NameMaxLength);
        author.Property(a => a.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        author.Property(a => a.Bio).HasMaxLength(Author.BioMaxLength);
        author.Property(a => a.Url).HasMaxLength(Author.UrlMaxLength);
        author.Property(a => a.Email).HasMaxLength(EmailAddress.MaxLength);
        author.Property(a => a.CreatedAt);
        author.Property(a => a.Version).IsRowVersion();
    }
}
