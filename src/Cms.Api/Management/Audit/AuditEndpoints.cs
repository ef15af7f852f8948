using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Audit;

/// <summary>Who changed what. Nothing here can be written or deleted: the service's own role may not.</summary>
internal static class AuditEndpoints
{
    private static readonly TextParameter ResourceId = new("resourceId", "The history of one resource, by its id.", 40);

    public static void MapAudit(this RouteGroupBuilder management) =>
        management.MapGroup("/audit").WithTags("Audit").MapGet("/", List).WithName("listAudit").WithSummary("List changes, newest first")
            .Require(Scope.AuditRead).WithPages(ResourceId);

    private static async Task<Ok<Page<AuditView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var (before, resourceId) = (query.After?.Id, query.Text(ResourceId));
        var rows = await db.Audit.AsNoTracking()
            .Where(e => (before == null || e.Id < before) && (resourceId == null || e.ResourceId == resourceId))
            .OrderByDescending(e => e.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, AuditView.Of, e => Position.Of(e.Id)));
    }
}
