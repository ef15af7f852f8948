using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cms.Infrastructure.Newsletter;

internal sealed class SignUpMapping : IEntityTypeConfiguration<SignUp>
{
    public void Configure(EntityTypeBuilder<SignUp> signUp)
    {
        signUp.ToTable("sign_ups");
        signUp.Property(s => s.Id).ValueGeneratedNever();
        signUp.Property(s => s.Email).HasMaxLength(EmailAddress.MaxLength);
        signUp.Property(s => s.Name).HasMaxLength(Subscriber.NameMaxLength);
        signUp.Property(s => s.Choices).Json();
        signUp.Property(s => s.Origin).Json();
        signUp.Property(s => s.SubscriberId);
        signUp.Property(s => s.CreatedAt);
        signUp.HasIndex(s => s.CreatedAt); // retention
    }
}

/// <summary>A link that was mailed: its secret's hash alone. A mail that goes again has a link of its own, and each of them confirms.</summary>
internal sealed class ConfirmationLink(byte[] hash, Guid signUpId, DateTimeOffset createdAt)
{
    /// <summary>SHA-256 of the link's 32 random bytes.</summary>
    public byte[] Hash { get; } = hash;

    public Guid SignUpId { get; } = signUpId;

    /// <summary>UTC; it holds for <see cref="SignUp.LinkHolds"/>.</summary>
    public DateTimeOffset CreatedAt { get; } = createdAt;
}

internal sealed class ConfirmationLinkMapping : IEntityTypeConfiguration<ConfirmationLink>
{
    public void Configure(EntityTypeBuilder<ConfirmationLink> link)
    {
        link.ToTable("confirmation_links").HasKey(l => l.Hash);
        link.Property(l => l.CreatedAt);
        link.HasOne<SignUp>().WithMany().HasForeignKey(l => l.SignUpId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>That a mail which nobody but a form asked for went to an address, known by a keyed hash alone: how often is limited.</summary>
internal sealed class AskedMail(Guid subject, byte[] addressHash, DateTimeOffset at)
{
    /// <summary>How far back the limits look.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    /// <summary>The sign-up or the reader's wish that it was for: a mail that is tried again is no second one.</summary>
    public Guid Subject { get; } = subject;

    public byte[] AddressHash { get; } = addressHash;

    /// <summary>UTC.</summary>
    public DateTimeOffset At { get; } = at;
}

internal sealed class AskedMailMapping : IEntityTypeConfiguration<AskedMail>
{
    public void Configure(EntityTypeBuilder<AskedMail> mail)
    {
        mail.ToTable("asked_mails").HasKey(m => m.Subject);
        mail.Property(m => m.At);
        mail.HasIndex(m => new { m.AddressHash, m.At }); // what an address has had
        mail.HasIndex(m => m.At); // what all have had in an hour; retention
    }
}

/// <summary>What happened to a reader's consent. It knows the address by a keyed hash alone, so it outlives an erasure and proves what was agreed to.</summary>
internal sealed class ConsentEvent
{
    /// <summary>Characters of <see cref="Kind"/>, at most.</summary>
    public const int KindMaxLength = 20;

    /// <summary>What there is. Imported is what the newsroom brings, by a file or by an editor's hand; <c>cms.forget_consents</c> knows it as the last word of one who subscribes.</summary>
    public const string SignedUp = "signed-up", Confirmed = "confirmed", Left = "left", Erased = "erased", Moved = "moved", Bounced = "bounced", Complained = "complained", Imported = "imported";

    // EF Core binds these parameters to the mapped properties.
    private ConsentEvent(long id, byte[] addressHash, string kind, DateTimeOffset at) => (Id, AddressHash, Kind, At) = (id, addressHash, kind, at);

    public long Id { get; }

    /// <summary>HMAC-SHA-256 of the address without case, under the suppression key.</summary>
    public byte[] AddressHash { get; }

    public string Kind { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset At { get; }

    /// <summary>By which door; null where a reader's own link is.</summary>
    public string? Source { get; private init; }

    /// <summary>The wording agreed to.</summary>
    public string? TextVersion { get; private init; }

    /// <summary>Of the reader's network; cut after 30 days.</summary>
    public string? ClientAddress { get; private init; }

    public static ConsentEvent Of(byte[] addressHash, string kind, DateTimeOffset at, SignUpOrigin? origin = null) =>
        new(0, addressHash, kind, at) { Source = origin?.Source, TextVersion = origin?.TextVersion, ClientAddress = origin?.ClientAddress };
}

internal sealed class ConsentEventMapping : IEntityTypeConfiguration<ConsentEvent>
{
    public void Configure(EntityTypeBuilder<ConsentEvent> consent)
    {
        consent.ToTable("consents");
        consent.Property(c => c.Id).UseIdentityAlwaysColumn();
        consent.Property(c => c.AddressHash);
        consent.Property(c => c.Kind).HasMaxLength(ConsentEvent.KindMaxLength);
        consent.Property(c => c.At);
        consent.Property(c => c.Source).HasMaxLength(Consent.SourceMaxLength);
        consent.Property(c => c.TextVersion).HasMaxLength(Consent.TextVersionMaxLength);
        consent.Property(c => c.ClientAddress).HasMaxLength(45);
        consent.HasIndex(c => new { c.AddressHash, c.Id }); // the history of one address
        consent.HasIndex(c => c.At).HasFilter("client_address IS NOT NULL AND client_address NOT LIKE '%/%'"); // whose network address is to be cut
    }
}
