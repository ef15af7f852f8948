using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cms.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cms.Infrastructure.Newsletter;

/// <summary>A puzzle: the number from 0 to <paramref name="MaxNumber"/> that makes <paramref name="Hash"/> when it stands behind <paramref name="Salt"/>.</summary>
/// <param name="Algorithm">Always <c>SHA-256</c>.</param>
/// <param name="Hash">In lower-case hexadecimal.</param>
/// <param name="Salt">Random, and until when the challenge is good, in seconds of Unix time.</param>
/// <param name="MaxNumber">The largest number to try.</param>
/// <param name="Signature">Says that it is ours.</param>
internal sealed record Challenge(string Algorithm, string Hash, string Salt, int MaxNumber, string Signature);

/// <summary>A challenge whose number was found.</summary>
/// <param name="Hash">Tells it from all others.</param>
/// <param name="ExpiresAt">Until when it is good, UTC.</param>
internal sealed record SolvedChallenge(byte[] Hash, DateTimeOffset ExpiresAt);

/// <summary>
/// Lets a browser work before a sign-up counts, as the ALTCHA widget does it (version 1 of its protocol): robots pay for each sign-up, and no third party sees a reader.
/// A challenge is signed and not stored. Our signature covers the salt too: ALTCHA's own, of the hash alone, lets digits move between the number and the time before it, and an
/// expired challenge live on. A solved one is stored until it expires, so that it is good once.
/// </summary>
internal sealed class ProofOfWork(NewsletterKeys keys, IOptions<NewsletterOptions> options, TimeProvider time)
{
    /// <summary>Characters of a solution, at most.</summary>
    public const int SolutionMaxLength = 1_000;

    /// <summary>The least that is worth asking for.</summary>
    public const int LeastNumber = 1_000;

    /// <summary>How long a challenge is good: as long as a reader may take over a form.</summary>
    public static readonly TimeSpan Holds = TimeSpan.FromMinutes(20);

    private const string Algorithm = "SHA-256", Expires = "?expires=", End = "&";
    private const int SaltBytes = 16;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 2 };

    private readonly IReadOnlyList<(byte Id, byte[] Key)> signing = keys.All("challenge");

    private sealed record Solution(string? Algorithm, string? Challenge, long? Number, string? Salt, string? Signature);

    /// <summary>Sign-ups need it.</summary>
    public bool IsOn => options.Value.ProofOfWork > 0;

    /// <summary>A fresh challenge.</summary>
    public Challenge Make()
    {
        var max = options.Value.ProofOfWork;
        var salt = string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltBytes))}{Expires}{(time.Now() + Holds).ToUnixTimeSeconds()}{End}");
        var hash = HashOf(salt, RandomNumberGenerator.GetInt32(max + 1));
        return new(Algorithm, hash, salt, max, Sign(signing[0].Key, hash, salt));
    }

    /// <summary>Looks at a solution alone: nothing stored is asked.</summary>
    /// <param name="text">Base64 of JSON, as the widget sends it.</param>
    /// <returns>What was solved, or why it does not count: <c>wrong</c> or <c>expired</c>.</returns>
    public (SolvedChallenge? Solved, string? Fault) Check(string text)
    {
        if (Read(text) is not { Algorithm: Algorithm, Challenge: { } hash, Number: { } number, Salt: { } salt, Signature: { } signature } || !IsOurs(hash, salt, signature)) return (null, "wrong");
        var at = salt.IndexOf(Expires, StringComparison.Ordinal) + Expires.Length; // the salt is ours, and so is its form
        var until = DateTimeOffset.FromUnixTimeSeconds(long.Parse(salt.AsSpan(at, salt.Length - at - End.Length), CultureInfo.InvariantCulture));
        if (time.Now() >= until) return (null, "expired");
        if (number < 0 || number > options.Value.ProofOfWork || !Same(HashOf(salt, number), hash)) return (null, "wrong");
        return (new(Convert.FromHexString(hash), until), null);
    }

    /// <summary>Takes a solved challenge, in the caller's transaction.</summary>
    /// <returns>False when it was taken before.</returns>
    public static async Task<bool> Take(CmsDbContext db, SolvedChallenge solved, CancellationToken ct) => await db.Database.ExecuteSqlAsync(
        $"INSERT INTO cms.solved_challenges (hash, expires_at) VALUES ({solved.Hash}, {solved.ExpiresAt}) ON CONFLICT DO NOTHING", ct) == 1;

    private static Solution? Read(string text)
    {
        var bytes = new byte[SolutionMaxLength];
        if (!Convert.TryFromBase64String(text, bytes, out var length)) return null;
        try
        {
            return JsonSerializer.Deserialize<Solution>(bytes.AsSpan(0, length), Json);
        }
        catch (JsonException)
        {
            return null; // as wrong as any other
        }
    }

    private bool IsOurs(string hash, string salt, string signature)
    {
        var isOurs = false;
        foreach (var (_, key) in signing) isOurs |= Same(Sign(key, hash, salt), signature);
        return isOurs;
    }

    private static string HashOf(string salt, long number) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{salt}{number}"))));

    // Neither part of what we sign holds the dot between them.
    private static string Sign(byte[] key, string hash, string salt) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{hash}.{salt}")));

    private static bool Same(string ours, string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(ours), Encoding.UTF8.GetBytes(given));
}
