using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain.Access;
using Cms.Infrastructure.Newsletter.Bounces;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Bounces;

/// <summary>Where a mail server hands in what comes back for our mails: bounces, complaints, requests to leave.</summary>
internal static class BounceEndpoints
{
    /// <summary>A report and the mail that it returns. A pipe cuts what is larger: what matters stands at the beginning.</summary>
    private const int MaxBytes = 1024 * 1024;

    public static void MapBounces(this RouteGroupBuilder management) =>
        management.MapGroup("/bounces").WithTags("Bounces").MapPost("/", Take).WithName("takeBounce").WithSummary("Take a mail that came back, as it came")
            .Require(Scope.BouncesWrite).WithMetadata(new BodyMetadata(typeof(string), BodyMetadata.Mail, MaxBytes)).Refuses(400, 413, 415);

    // What is of nobody is answered alike: a pipe that hears a refusal would come again with it.
    private static async Task<Ok<BounceView>> Take(RawMail mail, BounceIntake intake, CancellationToken ct)
    {
        using var raw = new MemoryStream(mail.Bytes, writable: false);
        var report = await BounceMessage.Read(raw, ct);
        return TypedResults.Ok(new BounceView(report.Kind, await intake.Take(report, ct)));
    }
}
