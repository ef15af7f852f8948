using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Cms.Api.Access;

/// <summary>
/// Knows a client by the one <c>Authorization: Bearer cms_…</c> header. Expired, revoked, unknown and malformed tokens get one same answer.
/// A face that is public ignores the header: what it answers must not depend on it.
/// </summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, CmsDbContext db, Databases databases, FailedSignIns failures,
    TokenUseRecorder uses, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";
    public const string ScopeClaim = "scope", TokenClaim = "token", RequestsClaim = "requests", WritesClaim = "writes";

    // A category of our own: that of this class also has the framework's lines, which are filtered out.
    private readonly ILogger events = logger.CreateLogger("Cms.Access");

    // Compared with when no row is found, so that finding one is not told by time.
    private static readonly byte[] Dummy = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Authorization.ScopesOf(Context.GetEndpoint()).Count == 0) return AuthenticateResult.NoResult();

        var headers = Request.Headers.Authorization;
        if (headers.Count == 0) return AuthenticateResult.NoResult();
        if (headers.Count > 1 || headers.ToString().Contains(',', StringComparison.Ordinal))
            throw new MalformedException("Authorization", "repeated", "Send one Authorization header with one token.");

        var given = headers.ToString();
        var token = given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && TokenSecret.TryParse(given[7..].Trim(), out var secret)
            ? await Find(secret)
            : null;
        if (token is null) return AuthenticateResult.Fail("refused");

        uses.Record(token.Id);
        var claims = token.Scopes.Select(s => new Claim(ScopeClaim, s)).Append(new Claim(TokenClaim, token.Id)).ToList();
        foreach (var (claim, limit) in new[] { (RequestsClaim, token.RequestsPerMinute), (WritesClaim, token.WritesPerMinute) })
            if (limit is { } number) claims.Add(new(claim, number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme)), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var presented = Request.Headers.Authorization.Count > 0;
        Response.Headers[HeaderNames.WWWAuthenticate] = presented ? "Bearer error=\"invalid_token\"" : "Bearer";
        if (!presented) return Problems.Send(Context, Problems.Of("unauthenticated", "Send Authorization: Bearer with a token of this service."));

        events.LogInformation("Sign-in refused, from {Client}.", ClientAddress.Cut(Context.Connection.RemoteIpAddress));
        if (failures.Count(Context.Connection.RemoteIpAddress) is { } wait)
        {
            events.LogWarning("Too many refused tokens from {Client}.", ClientAddress.Cut(Context.Connection.RemoteIpAddress));
            Response.Headers.Remove(HeaderNames.WWWAuthenticate);
            Response.Headers.RetryAfter = wait.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Problems.Send(Context, Problems.Of("rate-limited", "Too many refused tokens from this address. Wait, and send a valid one."));
        }

        return Problems.Send(Context, Problems.Of("unauthenticated", TokenSecret.TryParse(Request.Headers.Authorization.ToString().Trim(), out _)
            ? "Put \"Bearer \" before the token: Authorization: Bearer cms_…"
            : "This is no valid Bearer token of this service: of another kind, mistyped, expired or revoked. Get a new one."));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var scopes = Authorization.ScopesOf(Context.GetEndpoint());
        Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', scopes)}\""; // RFC 6750, 3.1
        events.LogInformation("Token {Token} asked for more than its scopes.", Caller.Of(Context.User).TokenId);
        return Problems.Send(Context, Problems.Of("insufficient-scope", $"Use a token with one of these scopes: {string.Join(", ", scopes)}."));
    }

    private async Task<AccessToken?> Find(TokenSecret secret)
    {
        var token = await DatabaseFault.ReadTwice(
            databases.Runtime, () => db.Tokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == secret.Id, Context.RequestAborted));
        var equal = CryptographicOperations.FixedTimeEquals(secret.Hash(), token?.SecretHash ?? Dummy);
        return equal && token is not null && token.IsLive(time.Now()) ? token : null;
    }
}

/// <summary>Counts refused tokens by address: past twenty a minute an address gets 429 for further bad ones, never for a good one.</summary>
internal sealed class FailedSignIns(TimeProvider time)
{
    private const int PerMinute = 20;
    private readonly Windows<string> windows = new(time, TimeSpan.FromMinutes(1));

    /// <returns>Seconds to wait, when the limit is passed.</returns>
    public int? Count(System.Net.IPAddress? address)
    {
        var (count, resetsIn) = windows.Count(ClientAddress.Partition(address));
        return count > PerMinute ? resetsIn : null;
    }
}

/// <summary>Remembers when tokens were used, at most once a minute each, away from the request.</summary>
internal sealed class TokenUseRecorder(JobContexts jobs, TimeProvider time, ILogger<TokenUseRecorder> log) : WriteBehind(TimeSpan.FromMinutes(1), "Uses of tokens", time, log)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> used = new(StringComparer.Ordinal);

    public void Record(string tokenId) => used[tokenId] = Time.Now();

    /// <inheritdoc />
    protected override async Task Write(CancellationToken ct)
    {
        var batch = used.ToArray();
        if (batch.Length == 0) return;

        await using var db = jobs.Open();
        var (ids, times) = (batch.Select(u => u.Key).ToArray(), batch.Select(u => u.Value).ToArray());
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO cms.token_uses (token_id, last_used_at)
            SELECT u.id, u.at FROM unnest({ids}, {times}) AS u (id, at) JOIN cms.tokens t ON t.id = u.id
            ON CONFLICT (token_id) DO UPDATE SET last_used_at = greatest(token_uses.last_used_at, excluded.last_used_at)
            """, ct);
        foreach (var use in batch) used.TryRemove(use);
    }
}
