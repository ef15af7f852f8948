using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using FluentValidation;

namespace Cms.Api.Management.Tokens;

/// <summary>A token that is asked for.</summary>
/// <param name="Name">Who or what will use it.</param>
/// <param name="Scopes">What it may do; only what the asking token may do itself.</param>
/// <param name="ExpiresAt">At most 365 days from now, and no later than the asking token; 90 days, or the asking token's end, when absent.</param>
/// <param name="RequestsPerMinute">A limit of its own on management, no higher than the asking token's; the service's when absent.</param>
/// <param name="WritesPerMinute">The same for writes.</param>
internal sealed record TokenInput(string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt, int? RequestsPerMinute, int? WritesPerMinute)
{
    /// <summary>A token grants only what it holds: neither scopes, nor time, nor requests beyond its own.</summary>
    public IEnumerable<FieldError> NotHeldBy(AccessToken maker, RateLimitOptions limits)
    {
        foreach (var (index, scope) in (Scopes ?? []).Index())
            if (Scope.All.Contains(scope) && !maker.Scopes.Contains(scope))
                yield return new($"/scopes/{index}", "notHeld", "Your own token has not this scope, and so cannot give it.");
        if (ExpiresAt > maker.ExpiresAt)
            yield return new("/expiresAt", "notHeld", "Your own token ends before, and cannot make one that outlives it.");
        if (RequestsPerMinute > (maker.RequestsPerMinute ?? limits.RequestsPerMinute))
            yield return new("/requestsPerMinute", "notHeld", "Your own token may not ask so often, and so cannot allow it.");
        if (WritesPerMinute > (maker.WritesPerMinute ?? limits.WritesPerMinute))
            yield return new("/writesPerMinute", "notHeld", "Your own token may not write so often, and so cannot allow it.");
    }

    /// <summary>When it ends: as asked, else after the usual time, and never after its maker.</summary>
    public DateTimeOffset EndsAt(AccessToken maker, DateTimeOffset now) =>
        ExpiresAt ?? (now.AddDays(AccessToken.DefaultDays) is var usual && usual < maker.ExpiresAt ? usual : maker.ExpiresAt);

    internal sealed class Validator : AbstractValidator<TokenInput>
    {
        public Validator(TimeProvider time)
        {
            RuleFor(t => t.Name).RequiredText(AccessToken.NameMaxLength);
            RuleFor(t => t.Scopes).NotEmpty().WithMessage("Give at least one scope.").AtMost(Scope.All.Count)
                .Must(s => s is null || s.Distinct(StringComparer.Ordinal).Count() == s.Count).WithErrorCode("duplicate").WithMessage("Give each scope once.");
            RuleForEach(t => t.Scopes).Cascade(CascadeMode.Continue).NotNull().WithMessage("Give a value.").SetValidator(new OneOfValidator<TokenInput>([.. Scope.All]));
            RuleFor(t => t.ExpiresAt).Must(at => at is null || (at > time.Now() && at <= time.Now().AddDays(AccessToken.MaxDays)))
                .WithErrorCode("range").WithMessage($"Give a time to come, at most {AccessToken.MaxDays} days from now.");
            RuleFor(t => t.RequestsPerMinute).InclusiveBetween(1, AccessToken.MaxPerMinute).WithMessage($"Give 1 to {AccessToken.MaxPerMinute} a minute.");
            RuleFor(t => t.WritesPerMinute).InclusiveBetween(1, AccessToken.MaxPerMinute).WithMessage($"Give 1 to {AccessToken.MaxPerMinute} a minute.");
        }
    }
}

/// <summary>A token as lists show it: never its secret.</summary>
/// <param name="Id">Stands in the token's text, behind <c>cms_</c>.</param>
/// <param name="Name">Who or what uses it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="RevokedAt">When it was revoked, UTC.</param>
/// <param name="LastUsedAt">When it was last used, UTC; up to a minute late.</param>
/// <param name="CreatedBy">The token that made it; none when a command did.</param>
/// <param name="RequestsPerMinute">Its own limit on management; the service's when null.</param>
/// <param name="WritesPerMinute">The same for writes.</param>
internal sealed record TokenView(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt, string? CreatedBy, int? RequestsPerMinute, int? WritesPerMinute) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static TokenView Of(AccessToken t, DateTimeOffset? lastUsedAt) =>
        new(t.Id, t.Name, t.Scopes, t.CreatedAt, t.ExpiresAt, t.RevokedAt, lastUsedAt, t.CreatedBy, t.RequestsPerMinute, t.WritesPerMinute) { Version = t.Version };
}

/// <summary>A token just made.</summary>
/// <param name="Id">Stands in the token's text, behind <c>cms_</c>.</param>
/// <param name="Name">Who or what uses it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="Secret">The token's whole text, shown this once; null when the request is a repeat.</param>
internal sealed record TokenMade(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Secret) : IVersioned, ISecretBearing
{
    [JsonIgnore]
    public uint Version { get; init; }

    public object WithoutSecret() => this with { Secret = null };

    public static TokenMade Of(AccessToken t, TokenSecret secret) =>
        new(t.Id, t.Name, t.Scopes, t.CreatedAt, t.ExpiresAt, secret.Reveal()) { Version = t.Version };
}
