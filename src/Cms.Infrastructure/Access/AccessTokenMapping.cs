using Cms.Domain.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Access;

internal sealed class AccessTokenMapping : IEntityTypeConfiguration<AccessToken>
{
    public void Configure(EntityTypeBuilder<AccessToken> token)
    {
        token.ToTable("tokens");
        token.Property(t => t.Id).HasMaxLength(TokenSecret.IdLength).UseCollation("C").ValueGeneratedNever();
        token.Property(t => t.Name).HasMaxLength(AccessToken.NameMaxLength);
        token.Property(t => t.Scopes).HasColumnType("text[]").HasConversion(v => v.ToArray(), v => v);
        token.Property(t => t.SecretHash);
        token.Property(t => t.CreatedAt);
        token.Property(t => t.ExpiresAt);
        token.Property(t => t.RequestsPerMinute);
        token.Property(t => t.WritesPerMinute);
        token.Property(t => t.CreatedBy).HasMaxLength(20);
        token.Property(t => t.Version).IsRowVersion();
        token.HasIndex(t => new { t.CreatedAt, t.Id }); // the list, oldest first
        token.HasIndex(t => t.ExpiresAt); // the timer deletes what is long past
    }
}

/// <summary>When a token was last used. A table of its own: a use is no edit, and must not change the token's ETag.</summary>
internal sealed class TokenUse(string tokenId, DateTimeOffset lastUsedAt)
{
    public string TokenId { get; } = tokenId;

    public DateTimeOffset LastUsedAt { get; } = lastUsedAt;
}

internal sealed class TokenUseMapping : IEntityTypeConfiguration<TokenUse>
{
    public void Configure(EntityTypeBuilder<TokenUse> use)
    {
        use.ToTable("token_uses").HasKey(u => u.TokenId);
        use.Property(u => u.TokenId).HasMaxLength(TokenSecret.IdLength).UseCollation("C");
        use.Property(u => u.LastUsedAt);
        use.HasOne<AccessToken>().WithOne().HasForeignKey<TokenUse>(u => u.TokenId).OnDelete(DeleteBehavior.Cascade);
    }
}
