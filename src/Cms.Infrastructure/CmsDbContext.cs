using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Articles;
using Cms.Domain.Authors;
using Cms.Domain.Lists;
using Cms.Domain.Newsletter;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
using Cms.Infrastructure.Access;
using Cms.Infrastructure.Articles;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Slugs;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure;

/// <summary>
/// The newsroom's own store, schema <c>cms</c>. Every save adds the audit rows of what it changes, so no write can forget them.
/// What readers get is not here but in schema <c>delivery</c>, written by <see cref="Publishing.Publisher"/> alone.
/// </summary>
public sealed class CmsDbContext(DbContextOptions<CmsDbContext> options, Actor actor, TimeProvider time) : DbContext(options)
{
    /// <summary>Articles, as editors see them.</summary>
    public DbSet<Article> Articles => Set<Article>();

    /// <summary>What was published of them.</summary>
    public DbSet<Publication> Publications => Set<Publication>();

    /// <summary>Sections.</summary>
    public DbSet<Section> Sections => Set<Section>();

    /// <summary>Lists, such as the front page.</summary>
    public DbSet<ArticleList> Lists => Set<ArticleList>();

    /// <summary>Authors.</summary>
    public DbSet<Author> Authors => Set<Author>();

    /// <summary>Tags.</summary>
    public DbSet<Tag> Tags => Set<Tag>();

    /// <summary>The one row of settings.</summary>
    public DbSet<Site> Sites => Set<Site>();

    /// <summary>Readers of the newsletter.</summary>
    public DbSet<Subscriber> Subscribers => Set<Subscriber>();

    /// <summary>Editions of the digest.</summary>
    public DbSet<Edition> Editions => Set<Edition>();

    /// <summary>Tokens.</summary>
    public DbSet<AccessToken> Tokens => Set<AccessToken>();

    /// <summary>Who changed what.</summary>
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>What this unit of work changes for readers.</summary>
    internal DeliveryChanges DeliveryChanges { get; } = new();

    internal DbSet<TokenUse> TokenUses => Set<TokenUse>();

    internal DbSet<Suppression> Suppressions => Set<Suppression>();

    internal DbSet<SignUp> SignUps => Set<SignUp>();

    internal DbSet<ConfirmationLink> ConfirmationLinks => Set<ConfirmationLink>();

    internal DbSet<AskedMail> AskedMails => Set<AskedMail>();

    internal DbSet<ConsentEvent> Consents => Set<ConsentEvent>();

    internal DbSet<SlugClaim> SlugClaims => Set<SlugClaim>();

    internal DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();

    internal DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();

    internal DbSet<ArticleSection> ArticleSections => Set<ArticleSection>();

    internal DbSet<ArticleTag> ArticleTags => Set<ArticleTag>();

    internal DbSet<ArticleAuthor> ArticleAuthors => Set<ArticleAuthor>();

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        Audit.AddRange(AuditTrail.Of(ChangeTracker, actor, time.Now()));
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.HasDefaultSchema(CmsModel.Schema);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(CmsDbContext).Assembly);
    }
}
