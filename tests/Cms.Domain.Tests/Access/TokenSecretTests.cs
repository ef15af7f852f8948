using System.Text;
using System.Text.RegularExpressions;
using Cms.Domain.Access;

namespace Cms.Domain.Tests.Access;

public sealed partial class TokenSecretTests
{
    // The expression of SECURITY.md, by which scanners find tokens.
    [GeneratedRegex("^cms_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$")]
    private static partial Regex Form();

    [Fact]
    public void Every_token_has_the_form_that_scanners_look_for_and_is_read_back()
    {
        for (var i = 0; i < 1_000; i++)
        {
            var token = TokenSecret.Make();
            Assert.Matches(Form(), token.Reveal());
            Assert.Equal(TokenSecret.Length, token.Reveal().Length);
            Assert.True(TokenSecret.TryParse(token.Reveal(), out var read));
            Assert.Equal(token, read);
        }
    }

    // The CRC-32 of IEEE 802.3 as the framework's gzip has it, written in base62 by hand.
    [Fact]
    public void The_checksum_is_the_CRC_32_that_everybody_knows()
    {
        var text = new TokenSecret(new string('a', 12), new string('b', 43)).Reveal();
        var crc = Crc32OfGzip(Encoding.ASCII.GetBytes(text[..^6]));
        var digits = new StringBuilder();
        for (var i = 0; i < 6; i++, crc /= 62) digits.Insert(0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(int)(crc % 62)]);

        Assert.Equal(digits.ToString(), text[^6..]);
    }

    [Fact]
    public void One_wrong_character_anywhere_is_no_token()
    {
        var text = TokenSecret.Make().Reveal();
        for (var i = 0; i < text.Length; i++)
            Assert.False(TokenSecret.TryParse(text[..i] + (text[i] == 'x' ? 'y' : 'x') + text[(i + 1)..], out _), $"at {i}");
        Assert.False(TokenSecret.TryParse(text + "0", out _));
        Assert.False(TokenSecret.TryParse(text[..^1], out _));
        Assert.False(TokenSecret.TryParse(null, out _));
    }

    [Fact]
    public void Its_own_text_never_holds_the_secret() => Assert.DoesNotContain(new string('b', 43), new TokenSecret(new string('a', 12), new string('b', 43)).ToString(), StringComparison.Ordinal);

    private static uint Crc32OfGzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionLevel.Fastest)) gzip.Write(bytes);
        return BitConverter.ToUInt32(stream.ToArray().AsSpan()[^8..^4]); // RFC 1952, 2.3.1
    }
}
