using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Outbox;

/// <summary>Work that a change leaves for later, written in the transaction of that change, so that neither exists without the other.</summary>
internal sealed class OutboxEvent
{
    /// <summary>Tries before an event is dead.</summary>
    public const int MaxAttempts = 12;

    /// <summary>Of a target's name, at most.</summary>
    public const int TargetMaxLength = 300;

    // EF Core binds these parameters to the mapped properties.
    private OutboxEvent(long id, string kind, Guid subject, DateTimeOffset createdAt, DateTimeOffset notBefore) =>
        (Id, Kind, Subject, CreatedAt, NotBefore) = (id, kind, subject, createdAt, notBefore);

    public long Id { get; }

    /// <summary>What is to be done: <see cref="Rerender"/>, <see cref="Purge"/>, <see cref="AskedMail"/>.</summary>
    public string Kind { get; }

    /// <summary>With what.</summary>
    public Guid Subject { get; }

    /// <summary>Who is to be told; null when nobody outside is.</summary>
    public string? Target { get; private init; }

    /// <summary>What is to be said, JSON.</summary>
    public string? Payload { get; private init; }

    /// <summary>Who works on what is told to others: see <see cref="OutboxLeases"/>.</summary>
    public Guid? Lease { get; }

    /// <summary>How far it came: the last id done. A new node goes on from there.</summary>
    public Guid? Progress { get; set; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset NotBefore { get; set; }

    public int Attempts { get; set; }

    public bool Dead { get; set; }

    /// <summary>Render anew every published article that shows the subject.</summary>
    public const string Rerender = "rerender";

    /// <summary>Tell a cache in front which keys changed: written by <see cref="Delivery.DeliveryClock"/>, done by <see cref="Purging.PurgeSender"/>.</summary>
    public const string Purge = "purge";

    /// <summary>Mail a reader who signed up, or asks for a link of theirs: done by <see cref="Newsletter.AskedMailer"/>.</summary>
    public const string AskedMail = "asked-mail";

    /// <summary>What the pump of this build can do.</summary>
    public static readonly string[] Kinds = [Rerender];

    public static OutboxEvent Of(string kind, Guid subject, DateTimeOffset now) => new(0, kind, subject, now, now);

    /// <summary>Work that is leased and not locked, since a slow third party is spoken to meanwhile.</summary>
    /// <param name="kind">What is to be done.</param>
    /// <param name="subject">With what.</param>
    /// <param name="target">Who is spoken to.</param>
    /// <param name="payload">What is to be said, JSON.</param>
    /// <param name="now">UTC.</param>
    public static OutboxEvent For(string kind, Guid subject, string target, string payload, DateTimeOffset now) =>
        new(0, kind, subject, now, now) { Target = target, Payload = payload };
}

internal sealed class OutboxEventMapping : IEntityTypeConfiguration<OutboxEvent>
{
    public void Configure(EntityTypeBuilder<OutboxEvent> outbox)
    {
        outbox.ToTable("outbox");
        outbox.Property(e => e.Id).UseIdentityAlwaysColumn();
        outbox.Property(e => e.Kind).HasMaxLength(30);
        outbox.Property(e => e.Subject);
        outbox.Property(e => e.Target).HasMaxLength(OutboxEvent.TargetMaxLength);
        outbox.Property(e => e.Payload).HasColumnType("jsonb");
        outbox.Property(e => e.Lease);
        outbox.Property(e => e.CreatedAt);
        outbox.HasIndex(e => new { e.NotBefore, e.Id }).HasFilter("NOT dead"); // the pump's next one
    }
}
