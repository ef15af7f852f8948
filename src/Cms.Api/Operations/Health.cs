using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Api.Operations;

/// <summary>Whether this node should get requests.</summary>
internal sealed class Readiness(Databases databases, HeldAnswers held)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The node is told to stop.</summary>
    public bool Draining { get; set; }

    /// <summary>Whether each face can do its work; delivery also from a standby, or from what this node holds.</summary>
    public async Task<(bool Delivery, bool Management)> Ask(CancellationToken ct)
    {
        var delivery = Answers(databases.Delivery, "SELECT 1 FROM delivery.documents LIMIT 1", ct);
        var management = Answers(databases.Runtime, "SELECT 1 FROM cms.site", ct);
        return (await delivery || held.CanServe || databases.Standbys.Any(s => s.State != StandbyState.Lost), await management);
    }

    private static async Task<bool> Answers(NpgsqlDataSource database, string question, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            await using var command = database.CreateCommand(question);
            await command.ExecuteScalarAsync(patience.Token);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}

/// <summary>The state of each face.</summary>
/// <param name="Status"><c>ready</c>, <c>draining</c> or <c>unavailable</c>.</param>
/// <param name="Delivery">Readers can be served.</param>
/// <param name="Management">Editors can work.</param>
internal sealed record HealthView(string Status, bool Delivery, bool Management);

internal static class Health
{
    public static void AddHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Health").WithGroupName("operations").Public("probes have no token");
        health.MapGet("/live", () => TypedResults.Ok(new HealthLive("live"))).WithName("getLiveness").WithSummary("The process runs");
        health.MapGet("/ready", Ready).WithName("getReadiness").WithSummary("This node can serve readers")
            .Produces<HealthView>().Produces<HealthView>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> Ready(Readiness readiness, HttpContext context, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (delivery, management) = await readiness.Ask(ct);
        var status = readiness.Draining ? "draining" : delivery ? "ready" : "unavailable";
        return Results.Json(new HealthView(status, delivery, management), statusCode: status == "ready" ? 200 : 503);
    }
}

/// <summary>That the process runs.</summary>
internal sealed record HealthLive(string Status);
