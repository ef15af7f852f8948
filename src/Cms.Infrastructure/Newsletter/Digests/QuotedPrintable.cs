using System.Text;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Text as quoted-printable (RFC 2045, 6.7) in pieces that may stand behind each other in any order: each begins at a line's start and ends with a soft
/// break. So the same encoded text goes into a million mails, and only a reader's links are encoded anew.
/// </summary>
internal static class QuotedPrintable
{
    private const int LineLength = 75; // and "="

    /// <summary>A piece.</summary>
    /// <param name="text">Its line ends may be LF or CRLF.</param>
    public static byte[] Piece(string text)
    {
        var (bytes, output, line) = (Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal)), new MemoryStream(text.Length + (text.Length / 4)), 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
            {
                output.Write("\r\n"u8);
                line = 0;
                continue;
            }

            // A blank at a line's end may be lost on its way.
            var isPlain = bytes[i] is (>= (byte)'!' and <= (byte)'~' and not (byte)'=') || (bytes[i] is (byte)' ' or (byte)'\t' && i + 1 < bytes.Length && bytes[i + 1] != '\n');
            var length = isPlain ? 1 : 3;
            if (line + length > LineLength)
            {
                output.Write("=\r\n"u8);
                line = 0;
            }

            if (isPlain && !(line == 0 && bytes[i] == '.')) output.WriteByte(bytes[i]); // a dot at a line's start would have to be doubled (RFC 5321, 4.5.2)
            else
            {
                length = 3;
                output.WriteByte((byte)'=');
                output.WriteByte(Hex(bytes[i] >> 4));
                output.WriteByte(Hex(bytes[i] & 15));
            }

            line += length;
        }

        if (line > 0) output.Write("=\r\n"u8);
        return output.ToArray();
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}
