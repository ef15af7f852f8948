using Cms.Domain.Newsletter;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Newsletter;

internal sealed class SubscriberMapping : IEntityTypeConfiguration<Subscriber>
{
    public void Configure(EntityTypeBuilder<Subscriber> subscriber)
    {
        subscriber.Property(s => s.Id).ValueGeneratedNever();
        subscriber.Property(s => s.Email).HasMaxLength(EmailAddress.MaxLength);
        subscriber.Property(s => s.EmailKey).HasMaxLength(EmailAddress.MaxLength).UseCollation("C")
            .HasComputedColumnSql("lower(email COLLATE \"C\")", stored: true);
        subscriber.Property(s => s.Name).HasMaxLength(Subscriber.NameMaxLength);
        subscriber.Property(s => s.Language).HasMaxLength(LanguageTag.MaxLength);
        subscriber.Property(s => s.Frequency).HasConversion<string>().HasMaxLength(20);
        subscriber.Property(s => s.SectionIds).Ids();
        subscriber.Property(s => s.Status).HasConversion<string>().HasMaxLength(20);
        subscriber.Property(s => s.Consent).HasColumnType("json").HasConversion(v => JsonColumn.Write(v), v => JsonColumn.Read<Consent>(v));
        subscriber.Property(s => s.OptIn).HasColumnType("json").HasConversion(v => JsonColumn.Write(v), v => JsonColumn.Read<DoubleOptIn>(v));
        subscriber.Property(s => s.CreatedAt);
        subscriber.Property(s => s.Version).IsRowVersion();
        subscriber.HasIndex(s => s.EmailKey).IsUnique().HasDatabaseName(Constraints.SubscriberEmail); // unique, and email= by prefix
        subscriber.HasIndex(s => new { s.Status, s.Id }); // status=
        subscriber.HasIndex(s => s.SectionIds).HasMethod("gin"); // whose wishes a deleted section leaves
    }
}

/// <summary>All that is kept of an erased reader, or of an address that may never be mailed again: a keyed hash.</summary>
internal sealed class Suppression(byte[] hash, string reason, DateTimeOffset at)
{
    /// <summary>Why.</summary>
    public const string Bounced = "bounced", Complained = "complained", Erased = "erased", Barred = "barred";

    /// <summary>HMAC-SHA-256 of the address without case, under a key of its own.</summary>
    public byte[] Hash { get; } = hash;

    /// <summary><c>bounced</c>, <c>complained</c>, <c>erased</c>, or <c>barred</c> by an editor.</summary>
    public string Reason { get; } = reason;

    /// <summary>UTC.</summary>
    public DateTimeOffset At { get; } = at;
}

internal sealed class SuppressionMapping : IEntityTypeConfiguration<Suppression>
{
    public void Configure(EntityTypeBuilder<Suppression> suppression)
    {
        suppression.ToTable("suppressions").HasKey(s => s.Hash);
        suppression.Property(s => s.Reason).HasMaxLength(20);
        suppression.Property(s => s.At);
    }
}
