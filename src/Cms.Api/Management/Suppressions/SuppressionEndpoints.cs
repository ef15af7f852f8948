using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Newsletter;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Suppressions;

/// <summary>Addresses to which no mail may go. They are kept as keyed hashes, so none can be listed: one has to know the address to ask for it.</summary>
internal static class SuppressionEndpoints
{
    public static void MapSuppressions(this RouteGroupBuilder management)
    {
        var suppressions = management.MapGroup("/suppressions").WithTags("Suppressions");
        suppressions.MapPost("/", Bar).WithName("barAddress").WithSummary("Bar an address: no mail goes there, and nobody adds it")
            .Require(Scope.SubscribersWrite).Takes<SuppressionInput>().Validate<SuppressionInput>();
        suppressions.MapPost("/lift", Lift).WithName("liftSuppression").WithSummary("Let mail go to an address again that bounced, complained, was erased or barred")
            .Require(Scope.SubscribersWrite).Takes<SuppressionInput>().Validate<SuppressionInput>().Refuses(404);
        suppressions.MapPost("/check", Check).WithName("checkSuppression").WithSummary("Whether and why no mail may go to an address")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Takes<SuppressionInput>().Validate<SuppressionInput>();
    }

    private static async Task<NoContent> Bar(Body<SuppressionInput> body, CmsDbContext db, SuppressionList suppressions, Actor actor, TimeProvider time, CancellationToken ct)
    {
        await suppressions.Bar(body.Value.Address(), ct);
        await Save(db, actor, time, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Lift(
        Body<SuppressionInput> body, CmsDbContext db, SuppressionList suppressions, Actor actor, TimeProvider time, CancellationToken ct)
    {
        if (!await suppressions.Lift(body.Value.Address(), ct)) return Problems.Of("not-found", "Nothing keeps mail from this address.");
        await Save(db, actor, time, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SuppressionView>> Check(Body<SuppressionInput> body, SuppressionList suppressions, CancellationToken ct) =>
        TypedResults.Ok(SuppressionView.Of(await suppressions.Reason(body.Value.Address(), ct)));

    private static async Task Save(CmsDbContext db, Actor actor, TimeProvider time, CancellationToken ct)
    {
        db.Audit.Add(AuditTrail.OfNameless("suppression", actor, time.Now()));
        await db.SaveChangesAsync(ct);
    }
}
