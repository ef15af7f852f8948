using Cms.Domain;
using Cms.Infrastructure.Auditing;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter;

/// <summary>Which sections readers of the newsletter want to hear of.</summary>
internal sealed class SectionWishes(CmsDbContext db, Actor actor, TimeProvider time)
{
    internal static FormattableString Forgetting(Guid sectionId, DateTimeOffset now) => $"""
        UPDATE cms.subscribers SET section_ids = array_remove(section_ids, {sectionId}), updated_at = {now}
        WHERE section_ids @> ARRAY[{sectionId}] RETURNING id AS "Value"
        """;

    /// <summary>Takes a deleted section from every reader's wishes: nothing can be sent of it any more.</summary>
    public async Task Forget(Guid sectionId, CancellationToken ct)
    {
        var now = time.Now();
        var readers = await db.Database.SqlQuery<Guid>(Forgetting(sectionId, now)).ToListAsync(ct);
        db.Audit.AddRange(readers.Select(id => new AuditEntry(
            Guid.CreateVersion7(now), now, actor.Id, actor.Operation, "subscriber", id.ToString(), ["sectionIds"])));
        await db.SaveChangesAsync(ct);
    }
}
