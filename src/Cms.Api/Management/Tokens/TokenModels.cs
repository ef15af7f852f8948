using System.Text.Json.Serialization;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Access;
using FluentValidation;

namespace Cms.Api.Management.Tokens;

/// <summary>A token that is asked for.</summary>
/// <param name="Name">Who or what will use it.</param>
/// <param name="Scopes">What it may do; only what the asking token may do itself.</param>
/// <param name="ExpiresAt">At most 365 days from now; 90 days when absent.</param>
internal sealed record TokenInput(string? Name, IReadOnlyList<string>? Scopes, DateTimeOffset? ExpiresAt)
{
    /// <summary>A token grants only what it holds.</summary>
    public IEnumerable<FieldError> NotHeldBy(Caller caller) => (Scopes ?? []).Index()
        .Where(s => s.Item is not null && Scope.All.Contains(s.Item) && !caller.May(s.Item))
        .Select(s => new FieldError($"/scopes/{s.Index}", "notHeld", "Your own token has not this scope, and so cannot give it."));

    internal sealed class Validator : AbstractValidator<TokenInput>
    {
        public Validator(TimeProvider time)
        {
            RuleFor(t => t.Name).RequiredText(AccessToken.NameMaxLength);
            RuleFor(t => t.Scopes).NotEmpty().WithMessage("Give at least one scope.").AtMost(Scope.All.Count)
                .Must(s => s is null || s.Distinct(StringComparer.Ordinal).Count() == s.Count).WithErrorCode("duplicate").WithMessage("Give each scope once.");
            RuleForEach(t => t.Scopes).Each(scope => scope.Must(s => Scope.All.Contains(s ?? ""))
                .WithErrorCode("unknown").WithMessage($"Give some of: {string.Join(", ", Scope.All)}."));
            RuleFor(t => t.ExpiresAt).Must(at => at is null || (at > time.Now() && at <= time.Now().AddDays(AccessToken.MaxDays)))
                .WithErrorCode("range").WithMessage($"Give a time to come, at most {AccessToken.MaxDays} days from now.");
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
internal sealed record TokenView(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt, string? CreatedBy) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static TokenView Of(AccessToken t, DateTimeOffset? lastUsedAt) =>
        new(t.Id, t.Name, t.Scopes, t.CreatedAt, t.ExpiresAt, t.RevokedAt, lastUsedAt, t.CreatedBy) { Version = t.Version };
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
