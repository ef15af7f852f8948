using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>
/// A message whose every byte is known: MailKit writes it as it is, and encodes nothing. So what it shows of headers and body is nothing that anybody could use: who
/// wants them asks for <see cref="Parsed"/>.
/// </summary>
internal sealed class WrittenMessage : MimeMessage
{
    /// <param name="headers">All but the content's type, from the value of From on; each ends in CRLF. UTF-8 in those of an address that needs it (RFC 6532).</param>
    /// <param name="boundary">Of the content, which is multipart/alternative.</param>
    /// <param name="content">Seven bits, in lines of at most 998 octets that end in CRLF (RFC 5322, 2.1.1).</param>
    public WrittenMessage(byte[] headers, string boundary, ReadOnlyMemory<byte>[] content) : base((IEnumerable<Header>)[Block(headers)]) => Body = new Content(boundary, content);

    /// <summary>The same as headers and parts.</summary>
    public MimeMessage Parsed()
    {
        var whole = new MemoryStream();
        WriteTo(whole);
        whole.Position = 0;
        return Load(whole);
    }

    /// <inheritdoc/>
    public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
    {
        // It is.
    }

    // A message writes the value of each header as it is given: that of the first is all of them.
    private static Header Block(byte[] headers)
    {
        var block = new Header(HeaderId.From, "");
        block.SetRawValue(headers);
        return block;
    }

    private sealed class Content : MimeEntity
    {
        private readonly ReadOnlyMemory<byte>[] pieces;

        public Content(string boundary, ReadOnlyMemory<byte>[] pieces) : base("multipart", "alternative") => (ContentType.Boundary, this.pieces) = (boundary, pieces);

        public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
        {
            // It is.
        }

        public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            foreach (var piece in pieces) stream.Write(piece.Span);
        }

        public override async Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            foreach (var piece in pieces) await stream.WriteAsync(piece, cancellationToken);
        }
    }
}
