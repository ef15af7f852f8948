using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Cms.Api.Http;

/// <summary>Where a page ended: the sort key of its last row.</summary>
/// <param name="Time">For lists ordered by time; else its minimum.</param>
/// <param name="Id">The tie-breaker, or the key itself; else empty.</param>
/// <param name="Text">For lists ordered by a text, or whose ids are texts.</param>
internal readonly record struct Position(DateTimeOffset Time, Guid Id, string Text = "")
{
    public static Position Of(Guid id) => new(DateTimeOffset.MinValue, id);

    public static Position Of(DateTimeOffset time, string text) => new(time, Guid.Empty, text);
}

/// <summary>
/// Tells a client where its next page begins, opaquely. Version, the list's and filters' fingerprint, the position, a checksum: a cursor that
/// is altered, cut, or of another list or filter is refused (400) instead of answering nonsense. It is no secret and grants nothing.
/// </summary>
internal static class Cursor
{
    // Leaves 441 bytes for a text: a slug, the longest that any list is ordered by, takes 360.
    public const int MaxLength = 640;

    private const byte Version = 1;
    private const int FingerprintLength = 8, ChecksumLength = 6, TextAt = 1 + FingerprintLength + 8 + 16, Length = TextAt + ChecksumLength;

    public static string Write(ReadOnlySpan<byte> fingerprint, Position position)
    {
        Span<byte> bytes = stackalloc byte[Length + Encoding.UTF8.GetByteCount(position.Text)];
        bytes[0] = Version;
        fingerprint[..FingerprintLength].CopyTo(bytes[1..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], position.Time.UtcTicks);
        position.Id.TryWriteBytes(bytes[17..], bigEndian: true, out _);
        Encoding.UTF8.GetBytes(position.Text, bytes[TextAt..]);
        Checksum(bytes).CopyTo(bytes[^ChecksumLength..]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string text, ReadOnlySpan<byte> fingerprint, out Position position)
    {
        position = default;
        Span<byte> buffer = stackalloc byte[MaxLength];
        if (text.Length > MaxLength || !Base64Url.IsValid(text, out var length) || length < Length || !Base64Url.TryDecodeFromChars(text, buffer, out _)) return false;
        var bytes = buffer[..length];
        if (Base64Url.EncodeToString(bytes) != text) return false; // white space and stray last bits decode too: only what was given out is taken
        if (bytes[0] != Version || !bytes[1..9].SequenceEqual(fingerprint[..FingerprintLength]) || !Checksum(bytes).SequenceEqual(bytes[^ChecksumLength..]))
            return false;

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks) return false;
        var (at, id) = (new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[17..TextAt], bigEndian: true));
        position = new(at, id, Encoding.UTF8.GetString(bytes[TextAt..^ChecksumLength]));
        return true;
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes[..^ChecksumLength]).AsSpan(0, ChecksumLength);
}
