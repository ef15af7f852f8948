using Cms.Infrastructure.Auditing;

namespace Cms.Api.Management.Audit;

/// <summary>That somebody changed something. Names of members, never values.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="At">UTC.</param>
/// <param name="Actor">The token's id, or <c>command</c>.</param>
/// <param name="Action">The operation, by its operationId, such as <c>publishArticle</c>.</param>
/// <param name="Resource">The kind of thing, such as <c>article</c>.</param>
/// <param name="ResourceId">Its id; empty of a suppression, which has none that may be told.</param>
/// <param name="Members">Names of the members that changed; empty when it was made or deleted.</param>
internal sealed record AuditView(Guid Id, DateTimeOffset At, string Actor, string Action, string Resource, string ResourceId, IReadOnlyList<string> Members)
{
    public static AuditView Of(AuditEntry e) => new(e.Id, e.At, e.Actor, e.Action, e.Resource, e.ResourceId, e.Members);
}
