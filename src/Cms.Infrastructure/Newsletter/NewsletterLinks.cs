using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Cms.Infrastructure.Newsletter;

/// <summary>What a signed link lets its holder do.</summary>
internal enum LinkPurpose : byte
{
    /// <summary>See and change a subscription, for thirty days.</summary>
    Manage = 1,

    /// <summary>Leave, without end: the mail may lie in an inbox for years.</summary>
    Unsubscribe = 2,
}

/// <summary>What a link says.</summary>
/// <param name="SubscriberId">Whose it is.</param>
/// <param name="IsExpired">It was good, and its time is over.</param>
/// <param name="Until">The last day on which it is good, UTC; an unsubscribe link is good for ever.</param>
internal sealed record ReaderLink(Guid SubscriberId, bool IsExpired, DateOnly Until);

/// <summary>
/// Links that open one reader's subscription without a password and without anything stored: key's number, purpose, subscriber, day and the first
/// 128 bits of an HMAC-SHA-256 under a key of the purpose alone (RFC 2104, 5), in base64url.
/// </summary>
internal sealed class NewsletterLinks(NewsletterKeys keys)
{
    private const int Day = 1 + 1 + 16, Signature = Day + 4, Length = Signature + 16;

    /// <summary>How long a link to the preferences holds.</summary>
    public const int ManageDays = 30;

    private static readonly DateOnly Epoch = DateOnly.FromDateTime(DateTime.UnixEpoch);

    private readonly Dictionary<LinkPurpose, IReadOnlyList<(byte Id, byte[] Key)>> ofPurpose = new()
    {
        [LinkPurpose.Manage] = keys.All("manage"),
        [LinkPurpose.Unsubscribe] = keys.All("unsubscribe"),
    };

    /// <summary>A link's token: 51 characters that stand in an address as they are.</summary>
    public string Make(LinkPurpose purpose, Guid subscriberId, DateTimeOffset now)
    {
        var (id, key) = ofPurpose[purpose][0];
        Span<byte> token = stackalloc byte[Length];
        (token[0], token[1]) = (id, (byte)purpose);
        subscriberId.TryWriteBytes(token[2..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(token[Day..], DayOf(now));
        Sign(key, token[..Signature], token[Signature..]);
        return Base64Url.EncodeToString(token);
    }

    /// <returns>Null when no key of ours made it for this purpose.</returns>
    public ReaderLink? Read(LinkPurpose purpose, string token, DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Length], expected = stackalloc byte[Length - Signature];
        if (token.Length != Base64Url.GetEncodedLength(Length) || Base64Url.DecodeFromChars(token, bytes, out _, out var written) != OperationStatus.Done || written != Length || bytes[1] != (byte)purpose) return null;
        foreach (var (id, key) in ofPurpose[purpose])
        {
            if (id != bytes[0]) continue;
            Sign(key, bytes[..Signature], expected);
            if (!CryptographicOperations.FixedTimeEquals(expected, bytes[Signature..])) continue;
            var last = BinaryPrimitives.ReadInt32BigEndian(bytes[Day..]) + ManageDays;
            return new(new Guid(bytes[2..Day], bigEndian: true), purpose == LinkPurpose.Manage && DayOf(now) > last, Epoch.AddDays(last));
        }

        return null;
    }

    private static int DayOf(DateTimeOffset now) => (int)(now.ToUnixTimeSeconds() / 86_400);

    private static void Sign(byte[] key, ReadOnlySpan<byte> text, Span<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text, whole);
        whole[..signature.Length].CopyTo(signature);
    }
}
