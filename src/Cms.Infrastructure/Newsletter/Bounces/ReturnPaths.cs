using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cms.Infrastructure.Newsletter.Bounces;

/// <summary>
/// Return paths that carry which mail they are of, so that a bounce is attributed by its address alone, whatever a foreign server writes (VERP,
/// variable envelope return paths). <c>b-</c> and the base32 (RFC 4648, 6; without padding, lower case) of
/// <code>key id (1 octet) | edition (8, big-endian) | subscriber (16, big-endian) | HMAC-SHA-256 under that key of what precedes, cut to 12 octets</code>
/// These are 62 of the 64 octets that a local part may have (RFC 5321, 4.5.3.1.1). Servers that change the case of a local part do no harm. The domain is
/// not signed: the bounce domain may move while mails are on their way.
/// </summary>
/// <param name="keys">The first signs, all verify. Each is of at least 32 octets and of this purpose alone (HKDF).</param>
/// <param name="mark">What they begin with: <c>b</c>, or another lower-case letter for mailboxes of another purpose, which keys of their own sign.</param>
internal sealed class ReturnPaths(IReadOnlyList<(byte Id, byte[] Key)> keys, char mark = 'b')
{
    /// <summary>Octets of the local part, always.</summary>
    public const int LocalPartLength = 2 + 60;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int SignedLength = 1 + 8 + 16, MacLength = 12, Length = SignedLength + MacLength;

    private readonly IReadOnlyList<(byte Id, byte[] Key)> _keys =
        keys.Count > 0 && keys.All(k => k.Key.Length >= 32) && keys.DistinctBy(k => k.Id).Count() == keys.Count ? keys
        : throw new ArgumentException("Give at least one key, each of 32 octets or more and an id of its own.", nameof(keys));

    /// <summary>The envelope's sender of one mail.</summary>
    /// <param name="edition">Its number; 0 for a mail that is of no edition, such as a confirmation.</param>
    /// <param name="subscriber">Whom it goes to.</param>
    /// <param name="domain">Where bounces are received, in A-labels.</param>
    public string Of(long edition, Guid subscriber, string domain)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(edition);
        Span<byte> octets = stackalloc byte[Length];
        octets[0] = _keys[0].Id;
        BinaryPrimitives.WriteInt64BigEndian(octets[1..], edition);
        subscriber.TryWriteBytes(octets[9..], bigEndian: true, out _);
        Sign(_keys[0].Key, octets[..SignedLength], octets[SignedLength..]);
        return $"{mark}-{Encode(octets)}@{domain}";
    }

    /// <summary>Which mail an address is the return path of; false when none of ours, or not as we made it.</summary>
    /// <param name="address">Without angle brackets; in any case.</param>
    /// <param name="mail">The edition's number, 0 for none, and the subscriber.</param>
    public bool TryRead(string? address, out (long Edition, Guid Subscriber) mail)
    {
        mail = default;
        Span<byte> octets = stackalloc byte[Length], mac = stackalloc byte[MacLength];
        if (address is null || address.Length < LocalPartLength + 2 || address[LocalPartLength] != '@') return false;
        if (char.ToLowerInvariant(address[0]) != mark || address[1] != '-' || !TryDecode(address.AsSpan(2, LocalPartLength - 2), octets)) return false;
        foreach (var (id, key) in _keys)
        {
            if (id != octets[0]) continue;
            Sign(key, octets[..SignedLength], mac);
            if (!CryptographicOperations.FixedTimeEquals(mac, octets[SignedLength..])) return false;
            mail = (BinaryPrimitives.ReadInt64BigEndian(octets[1..]), new(octets.Slice(9, 16), bigEndian: true));
            return true;
        }

        return false;
    }

    private static void Sign(byte[] key, ReadOnlySpan<byte> signed, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, signed, whole);
        whole[..MacLength].CopyTo(mac);
    }

    private static string Encode(ReadOnlySpan<byte> octets)
    {
        Span<char> text = stackalloc char[LocalPartLength - 2];
        for (var i = 0; i < text.Length; i++)
        {
            var value = 0;
            for (var bit = i * 5; bit < (i + 1) * 5; bit++)
                value = (value << 1) | (bit / 8 < octets.Length ? (octets[bit / 8] >> (7 - (bit % 8))) & 1 : 0);
            text[i] = Alphabet[value];
        }

        return new(text);
    }

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> octets)
    {
        octets.Clear();
        for (var i = 0; i < text.Length; i++)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(text[i]), StringComparison.Ordinal);
            if (value < 0 || !char.IsAscii(text[i])) return false;
            for (var bit = 0; bit < 5; bit++)
            {
                if ((value & (16 >> bit)) == 0) continue;
                var at = (i * 5) + bit;
                if (at / 8 >= octets.Length) return false; // one address, one spelling: what is over is zero
                octets[at / 8] |= (byte)(128 >> (at % 8));
            }
        }

        return true;
    }
}
