using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cms.Api.Management.Tokens;

/// <summary>Tokens are made and revoked, never changed: what a client may do is settled when it gets its secret.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder management)
    {
        var tokens = management.MapGroup("/tokens").WithTags("Tokens");
        tokens.MapGet("/", List).WithName("listTokens").WithSummary("List tokens, oldest first").Require(Scope.TokensWrite).WithPages();
        tokens.MapGet("/{id}", Get).WithName("getToken").WithSummary("Get a token, without its secret").Require(Scope.TokensWrite).Refuses(404);
        tokens.MapPost("/", Create).WithName("createToken").WithSummary("Make a token; its secret is shown once")
            .Require(Scope.TokensWrite).Takes<TokenInput>().Idempotent();
        tokens.MapDelete("/{id}", Revoke).WithName("revokeToken").WithSummary("Revoke a token; it stays listed for 30 days")
            .Require(Scope.TokensWrite).NeedsIfMatch().Refuses(404);
    }

    private static async Task<Ok<Page<TokenView>>> List(Query query, CmsDbContext db, CancellationToken ct)
    {
        var tokens = db.Tokens.AsNoTracking();
        if (query.After is { } after)
            tokens = tokens.Where(t => EF.Functions.GreaterThan(ValueTuple.Create(t.CreatedAt, t.Id), ValueTuple.Create(after.Time, after.Text)));
        var rows = await WithUse(tokens.OrderBy(t => t.CreatedAt).ThenBy(t => t.Id).Take(query.Limit + 1), db).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, r => TokenView.Of(r.Token, r.LastUsedAt), r => Position.Of(r.Token.CreatedAt, r.Token.Id)));
    }

    private static async Task<Results<Ok<TokenView>, ProblemHttpResult>> Get(string id, CmsDbContext db, CancellationToken ct) =>
        await WithUse(db.Tokens.AsNoTracking().Where(t => t.Id == id), db).SingleOrDefaultAsync(ct) is { } row
            ? TypedResults.Ok(TokenView.Of(row.Token, row.LastUsedAt)) : Problems.NotFound();

    private static async Task<Results<Created<TokenMade>, ProblemHttpResult>> Create(
        Body<TokenInput> body, Caller caller, IValidator<TokenInput> validator, CmsDbContext db, IOptions<RateLimitOptions> limits, TimeProvider time,
        ILogger<AccessToken> log, CancellationToken ct)
    {
        var input = body.Value;
        var maker = await db.Tokens.AsNoTracking().SingleAsync(t => t.Id == caller.TokenId, ct);
        var faults = await validator.Faults(input, ct);
        faults.AddRange(input.NotHeldBy(maker, limits.Value).Where(f => faults.All(other => other.Pointer != f.Pointer)).ToList());
        if (faults.Count > 0) return Problems.Invalid(faults);

        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.Tokens})", ct);
        var now = time.Now();
        if (await db.Tokens.CountAsync(t => t.RevokedAt == null && t.ExpiresAt > now, ct) >= AccessToken.MaxLive)
            return Problems.Of("too-many-tokens", $"At most {AccessToken.MaxLive} tokens work at one time. Revoke one first.");

        var secret = TokenSecret.Make();
        var token = AccessToken.Issue(secret, input.Name ?? "", input.Scopes ?? [], caller.TokenId, now, input.EndsAt(maker, now), input.RequestsPerMinute, input.WritesPerMinute);
        db.Add(token);
        await db.SaveChangesAsync(ct);
        log.LogInformation("Token {Token} was made by {Maker}.", token.Id, caller.TokenId);
        return TypedResults.Created($"/management/v1/tokens/{token.Id}", TokenMade.Of(token, secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        string id, IfMatch ifMatch, Caller caller, CmsDbContext db, TimeProvider time, ILogger<AccessToken> log, CancellationToken ct)
    {
        if (await db.Tokens.FindAsync([id], ct) is not { } token) return Problems.NotFound();
        if (!ifMatch.Allows(token.Version)) return Problems.Stale();

        token.Revoke(time.Now());
        await db.SaveChangesAsync(ct);
        log.LogInformation("Token {Token} was revoked by {Revoker}.", token.Id, caller.TokenId);
        return TypedResults.NoContent();
    }

    private sealed record Row(AccessToken Token, DateTimeOffset? LastUsedAt);

    private static IQueryable<Row> WithUse(IQueryable<AccessToken> tokens, CmsDbContext db) => tokens.Select(t =>
        new Row(t, db.TokenUses.Where(u => u.TokenId == t.Id).Select(u => (DateTimeOffset?)u.LastUsedAt).SingleOrDefault()));
}
