using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Idempotency;

/// <summary>The first answer to a create, kept so that a client who did not hear it can ask again.</summary>
internal sealed class IdempotencyRecord(
    string tokenId, string operation, string key, byte[] requestHash, int status, string? location, string? entityTag, byte[] body,
    string? resourceId, DateTimeOffset createdAt)
{
    /// <summary>Visible ASCII characters of a key, at most.</summary>
    public const int KeyMaxLength = 255;

    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    public string TokenId { get; } = tokenId;

    public string Operation { get; } = operation;

    public string Key { get; } = key;

    public byte[] RequestHash { get; } = requestHash;

    public int Status { get; } = status;

    public string? Location { get; } = location;

    public string? EntityTag { get; } = entityTag;

    public byte[] Body { get; } = body;

    /// <summary>What was made; an erasure finds its answers by this.</summary>
    public string? ResourceId { get; } = resourceId;

    public DateTimeOffset CreatedAt { get; } = createdAt;
}

internal sealed class IdempotencyRecordMapping : IEntityTypeConfiguration<IdempotencyRecord>
{
    public void Configure(EntityTypeBuilder<IdempotencyRecord> record)
    {
        record.ToTable("idempotency_keys");
        record.Property(r => r.TokenId).HasMaxLength(20).UseCollation("C");
        record.Property(r => r.Operation).HasMaxLength(60).UseCollation("C");
        record.Property(r => r.Key).HasMaxLength(IdempotencyRecord.KeyMaxLength).UseCollation("C");
        record.Property(r => r.RequestHash);
        record.Property(r => r.Status);
        record.Property(r => r.Location).HasMaxLength(200);
        record.Property(r => r.EntityTag).HasMaxLength(60);
        record.Property(r => r.Body);
        record.Property(r => r.ResourceId).HasMaxLength(40);
        record.Property(r => r.CreatedAt);
        record.HasKey(r => new { r.TokenId, r.Operation, r.Key });
        record.HasIndex(r => r.CreatedAt); // the timer deletes what is past its time
        record.HasIndex(r => r.ResourceId); // an erasure deletes the answers that hold what it erases
    }
}
