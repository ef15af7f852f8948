using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Cms.Api.Http;

/// <summary>Where a page ended: the sort key of its last row.</summary>
/// <param name="Time">For lists ordered by time; else its minimum.</param>
/// <param name="Id">The tie-breaker, or the key itself.</param>
internal readonly record struct Position(DateTimeOffset Time, Guid Id)
{
    public static Position Of(Guid id) => new(DateTimeOffset.MinValue, id);
}

/// <summary>
/// Tells a client where its next page begins, opaquely. Version, the list's and filters' fingerprint, the position, a checksum: a cursor that
/// is altered, cut, or of another list or filter is refused (400) instead of answering nonsense. It is no secret and grants nothing.
/// </summary>
internal static class Cursor
{
    public const int MaxLength = 512;

    private const byte Version = 1;
    private const int FingerprintLength = 8, ChecksumLength = 6, Length = 1 + FingerprintLength + 8 + 16 + ChecksumLength;

    public static string Write(ReadOnlySpan<byte> fingerprint, Position position)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        fingerprint[..FingerprintLength].CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], position.Time.UtcTicks);
        position.Id.TryWriteBytes(bytes[17..], bigEndian: true, out _);
        Checksum(bytes).CopyTo(bytes[^ChecksumLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string text, ReadOnlySpan<byte> fingerprint, out Position position)
    {
        position = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.TryDecodeFromChars(text, bytes, out var read) || read != Length) return false;
        if (bytes[0] != Version || !bytes[1..9].SequenceEqual(fingerprint[..FingerprintLength]) || !Checksum(bytes).SequenceEqual(bytes[^ChecksumLength..]))
            return false;

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks) return false;
        position = new(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[17..33], bigEndian: true));
        return true;
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes[..^ChecksumLength]).AsSpan(0, ChecksumLength);
}
