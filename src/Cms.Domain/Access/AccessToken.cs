namespace Cms.Domain.Access;

/// <summary>What the newsroom gives to a client so that it may work: named, scoped, expiring, revocable.</summary>
public sealed class AccessToken
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200;

    /// <summary>Days a token lives unless it says otherwise, and at most.</summary>
    public const int DefaultDays = 90, MaxDays = 365;

    /// <summary>Tokens that work at one time, at most.</summary>
    public const int MaxLive = 500;

    /// <summary>Requests a minute that a limit of a token's own may be, at most.</summary>
    public const int MaxPerMinute = 1_000_000;

    // EF Core binds these parameters to the mapped properties.
    private AccessToken(string id, string name, IReadOnlyList<string> scopes, byte[] secretHash, DateTimeOffset createdAt, DateTimeOffset expiresAt, string? createdBy) =>
        (Id, Name, Scopes, SecretHash, CreatedAt, ExpiresAt, CreatedBy) = (id, name, scopes, secretHash, createdAt, expiresAt, createdBy);

    /// <summary>Twelve base62 characters; stands in the token's text.</summary>
    public string Id { get; }

    /// <summary>Who or what uses it.</summary>
    public string Name { get; private set; }

    /// <summary>What it may do; names of <see cref="Scope"/>.</summary>
    public IReadOnlyList<string> Scopes { get; private set; }

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] SecretHash { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>UTC.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Its own limit of requests a minute on management; null for the service's.</summary>
    public int? RequestsPerMinute { get; private init; }

    /// <summary>Its own limit of writes a minute on management; null for the service's.</summary>
    public int? WritesPerMinute { get; private init; }

    /// <summary>When it was revoked, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>The token that made it; none when a command did.</summary>
    public string? CreatedBy { get; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A new one.</summary>
    /// <param name="secret">Proves it.</param>
    /// <param name="name">Who or what will use it.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="createdBy">The token that makes it; none when a command does.</param>
    /// <param name="now">UTC.</param>
    /// <param name="expiresAt">UTC; <see cref="DefaultDays"/> from now when absent.</param>
    /// <param name="requestsPerMinute">See <see cref="RequestsPerMinute"/>.</param>
    /// <param name="writesPerMinute">See <see cref="WritesPerMinute"/>.</param>
    public static AccessToken Issue(
        TokenSecret secret, string name, IReadOnlyList<string> scopes, string? createdBy, DateTimeOffset now, DateTimeOffset? expiresAt,
        int? requestsPerMinute = null, int? writesPerMinute = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return new(secret.Id, name, scopes, secret.Hash(), now, expiresAt ?? now.AddDays(DefaultDays), createdBy)
        {
            RequestsPerMinute = requestsPerMinute,
            WritesPerMinute = writesPerMinute,
        };
    }

    /// <summary>Whether it works at this instant.</summary>
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Makes it stop working. Doing it again changes nothing.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
