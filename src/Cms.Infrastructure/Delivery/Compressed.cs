using System.IO.Compression;
using System.Security.Cryptography;

namespace Cms.Infrastructure.Delivery;

/// <summary>Bytes in the codings that clients ask for, made once at publication, and the tag of them all.</summary>
/// <param name="ETag">Without quotes: a hash of the plain bytes. Sent as <c>"h"</c>, <c>"h-br"</c>, <c>"h-gzip"</c>.</param>
/// <param name="Plain">As they are.</param>
/// <param name="Brotli">Brotli, quality 5: most of the gain at a tenth of the time.</param>
/// <param name="Gzip">For clients without Brotli.</param>
internal sealed record Compressed(string ETag, byte[] Plain, byte[] Brotli, byte[] Gzip)
{
    private const int BrotliQuality = 5, BrotliWindow = 22;

    public static Compressed Of(byte[] plain) => new(Tag(plain), plain, BrotliOf(plain), GzipOf(plain));

    /// <summary>The bytes in one coding.</summary>
    public static byte[] As(Coding coding, byte[] plain) => coding switch
    {
        Coding.Brotli => BrotliOf(plain),
        Coding.Gzip => GzipOf(plain),
        _ => plain,
    };

    /// <summary>128 bits of SHA-256: no two answers of one address will ever share them.</summary>
    public static string Tag(ReadOnlySpan<byte> plain) => Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 16));

    private static byte[] BrotliOf(byte[] plain)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, buffer, out var written, BrotliQuality, BrotliWindow)
            ? buffer[..written]
            : throw new InvalidOperationException("Brotli refused its own maximal buffer.");
    }

    private static byte[] GzipOf(byte[] plain)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(plain);
        return stream.ToArray();
    }
}
