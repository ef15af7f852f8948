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

    /// <summary>When it was revoked, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>The token that made it; none when a command did.</summary>
    public string? CreatedBy { get; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>A new one.</summary>
    public static AccessToken Issue(TokenSecret secret, string name, IReadOnlyList<string> scopes, string? createdBy, DateTimeOffset now, DateTimeOffset? expiresAt)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return new(secret.Id, name, scopes, secret.Hash(), now, expiresAt ?? now.AddDays(DefaultDays), createdBy);
    }

    /// <summary>Whether it works at this instant.</summary>
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Makes it stop working. Doing it again changes nothing.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
