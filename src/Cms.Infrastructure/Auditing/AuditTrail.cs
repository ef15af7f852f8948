using System.Text.Json;
using Cms.Domain.Access;
using Cms.Domain.Articles;
using Cms.Domain.Authors;
using Cms.Domain.Lists;
using Cms.Domain.Newsletter;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Cms.Infrastructure.Auditing;

/// <summary>Reads what a save is about to change, and says it in rows.</summary>
internal static class AuditTrail
{
    // What follows from the others, or from every change.
    private static readonly HashSet<string> Derived =
    [
        nameof(Article.UpdatedAt), nameof(Article.Version), nameof(Article.DraftFingerprint), nameof(Article.PublishedFingerprint), nameof(Article.WordCount),
        nameof(Article.MissingShareAlt), nameof(Article.MissingShareImage), nameof(Article.MissingShareDescription), nameof(AccessToken.SecretHash),
        nameof(Tag.Key), nameof(Subscriber.EmailKey), Articles.ArticleMapping.Search,
    ];

    public static IEnumerable<AuditEntry> Of(ChangeTracker changes, Actor actor, DateTimeOffset now) =>
        [.. changes.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
            .Select(e => (Entry: e, Name: NameOf(e.Entity))).Where(e => e.Name is not null)
            .Select(e => new AuditEntry(Guid.CreateVersion7(now), now, actor.Id, actor.Operation, e.Name ?? "", IdOf(e.Entry), Members(e.Entry)))];

    /// <summary>That somebody changed a thing of which not even the id may be told, such as a suppressed address.</summary>
    public static AuditEntry OfNameless(string resource, Actor actor, DateTimeOffset now) => new(Guid.CreateVersion7(now), now, actor.Id, actor.Operation, resource, "", []);

    private static string? NameOf(object entity) => entity switch
    {
        Article => "article",
        Section => "section",
        Author => "author",
        ArticleList => "list",
        Tag => "tag",
        Site => "site",
        Subscriber => "subscriber",
        Edition => "digest",
        AccessToken => "token",
        _ => null,
    };

    private static string IdOf(EntityEntry entry) => entry.Property("Id").CurrentValue?.ToString() ?? "";

    private static string[] Members(EntityEntry entry) => entry.State switch
    {
        EntityState.Modified => [.. Changed(entry).Order(StringComparer.Ordinal)],
        _ => [],
    };

    private static IEnumerable<string> Changed(EntityEntry entry) =>
        entry.Properties.Concat(entry.ComplexProperties.SelectMany(c => c.Properties))
            .Where(p => p.IsModified && !Derived.Contains(p.Metadata.Name)).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Metadata.Name));
}
