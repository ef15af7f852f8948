using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Cms.Domain.Access;

/// <summary>
/// The text of a token: <c>cms_{id:12}_{secret:43}{crc32:6}</c> in base62, fixed width, so that secret scanners find it by its form and a
/// mistyped one is told without a query. The id finds the row; the secret proves it.
/// </summary>
/// <param name="Id">Twelve characters; not secret.</param>
/// <param name="Secret">43 characters of 256 random bits.</param>
public sealed record TokenSecret(string Id, string Secret)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 43, ChecksumLength = 6;

    /// <summary>Characters of the id.</summary>
    public const int IdLength = 12;

    /// <summary>Characters of a token.</summary>
    public const int Length = 4 + IdLength + 1 + SecretLength + ChecksumLength;

    /// <summary>A new one, from the operating system's randomness.</summary>
    public static TokenSecret Make() =>
        new(Base62(RandomNumberGenerator.GetBytes(8), IdLength), Base62(RandomNumberGenerator.GetBytes(32), SecretLength));

    /// <summary>Reads a presented token; false for a wrong form or checksum.</summary>
    public static bool TryParse(string? text, out TokenSecret token)
    {
        token = Nothing;
        if (text is not { Length: Length } || !text.StartsWith("cms_", StringComparison.Ordinal) || text[4 + IdLength] != '_') return false;
        if (text[^ChecksumLength..] != Checksum(text[..^ChecksumLength])) return false;

        token = new(text.Substring(4, IdLength), text.Substring(5 + IdLength, SecretLength));
        return true;
    }

    /// <summary>SHA-256 of the secret: what is stored. 256 random bits need no slow hash.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>The whole text. Show it once.</summary>
    public string Reveal()
    {
        var body = $"cms_{Id}_{Secret}";
        return body + Checksum(body);
    }

    /// <summary>Never the secret: a record's own text would be logged one day.</summary>
    public override string ToString() => $"cms_{Id}_…";

    private static TokenSecret Nothing { get; } = new(new string('0', IdLength), new string('0', SecretLength));

    private static string Checksum(string body)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, Crc32(Encoding.ASCII.GetBytes(body)));
        return Base62(bytes, ChecksumLength);
    }

    private static string Base62(byte[] bytes, int width)
    {
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new char[width];
        for (var i = width - 1; i >= 0; i--)
        {
            number = BigInteger.DivRem(number, Digits.Length, out var digit);
            text[i] = Digits[(int)digit];
        }

        return new string(text);
    }

    // IEEE 802.3, bit by bit: the BCL has none without a package, and 60 bytes a request are nothing.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
        }

        return ~crc;
    }
}
