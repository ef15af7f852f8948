using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace Cms.Api.Access;

/// <summary>That an operation needs a token with one of these scopes.</summary>
internal sealed record RequiredScopes(IReadOnlyList<string> AnyOf);

/// <summary>That an operation is open to everybody, and why.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Scope">Who shows a token all the same needs this scope; null: tokens are not looked at.</param>
internal sealed record PublicAccess(string Reason, string? Scope = null);

/// <summary>On whose behalf a request runs. It stands in the signature of whatever needs to know.</summary>
internal sealed record Caller(string TokenId, IReadOnlySet<string> Scopes)
{
    /// <summary>Limits of its own, a minute; null for the service's.</summary>
    public (int? Requests, int? Writes) Limits { get; private init; }

    public static ValueTask<Caller> BindAsync(HttpContext context, ParameterInfo _) => ValueTask.FromResult(Of(context.User));

    public static Caller Of(ClaimsPrincipal user) => new(
        user.FindFirstValue(TokenAuthentication.TokenClaim) ?? throw new InvalidOperationException("A caller stands only behind Require."),
        user.FindAll(TokenAuthentication.ScopeClaim).Select(c => c.Value).ToHashSet(StringComparer.Ordinal))
    {
        Limits = (Number(user, TokenAuthentication.RequestsClaim), Number(user, TokenAuthentication.WritesClaim)),
    };

    private static int? Number(ClaimsPrincipal user, string claim) =>
        user.FindFirstValue(claim) is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;

    public bool May(params ReadOnlySpan<string> anyOf)
    {
        foreach (var scope in anyOf)
            if (Scopes.Contains(scope)) return true;
        return false;
    }
}

/// <summary>
/// Default deny. The decision hangs on the endpoint, never on a path: one of ours that carries neither scopes nor <see cref="PublicAccess"/>
/// is refused to everybody. What routing itself answers (no such route, 405) passes, and becomes a problem.
/// </summary>
internal static class Authorization
{
    public static TBuilder Require<TBuilder>(this TBuilder endpoint, params string[] anyOf) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequiredScopes(anyOf));

    public static TBuilder Public<TBuilder>(this TBuilder endpoint, string reason) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new PublicAccess(reason));

    /// <summary>Open to everybody, and with other limits to who shows a token of this scope.</summary>
    public static TBuilder PublicOr<TBuilder>(this TBuilder endpoint, string scope, string reason) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new PublicAccess(reason, scope));

    public static void UseScopes(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || (endpoint.Metadata.GetMetadata<PublicAccess>() is { } open && (open.Scope is null || !ShowsToken(context))))
        {
            await next(context);
            return;
        }

        var scopes = ScopesOf(endpoint);
        var signedIn = context.User.Identity is { IsAuthenticated: true };
        if (!signedIn) await context.ChallengeAsync(TokenAuthentication.Scheme);
        else if (scopes.Count == 0 || !Caller.Of(context.User).May([.. scopes])) await context.ForbidAsync(TokenAuthentication.Scheme);
        else await next(context);
    });

    /// <summary>Any of these is needed of whoever shows a token; none where tokens are not looked at.</summary>
    public static IReadOnlyList<string> ScopesOf(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<RequiredScopes>()?.AnyOf ?? (endpoint?.Metadata.GetMetadata<PublicAccess>()?.Scope is { } scope ? [scope] : []);

    private static bool ShowsToken(HttpContext context) => context.Request.Headers.Authorization.Count > 0;
}
