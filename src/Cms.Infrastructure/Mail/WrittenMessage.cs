using System.Text;
using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>A message of which every value is encoded already: it is written as it is, and nothing is encoded anew for each of a million readers.</summary>
internal sealed class WrittenMessage : MimeMessage
{
    /// <param name="headers">All but the content's; each value as it stands behind the colon, from its blank to its line's end. UTF-8 in that of an address which needs it (RFC 6532).</param>
    /// <param name="boundary">Of the content, which is multipart/alternative.</param>
    /// <param name="content">Seven bits, in lines of at most 998 octets that end in CRLF (RFC 5322, 2.1.1).</param>
    public WrittenMessage(IEnumerable<WrittenHeader> headers, string boundary, ReadOnlyMemory<byte>[] content) : base(headers.Select(h => h.Header())) =>
        (MimeVersion, Body) = (new(1, 0), new Content(boundary, content)); // of the version before it is written: it is signed

    /// <inheritdoc/>
    public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
    {
        // It is.
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

/// <summary>A header whose value is encoded.</summary>
/// <param name="Name">Of the field.</param>
/// <param name="Value">Behind its colon, its line's end included.</param>
internal sealed record WrittenHeader(string Name, byte[] Value)
{
    /// <summary>One whose value needs no encoding.</summary>
    public static WrittenHeader Of(string name, string value) => new(name, Encoding.UTF8.GetBytes($" {value}\r\n"));

    /// <summary>For one message: a message listens to its headers, and one for all mails would keep them all.</summary>
    public Header Header()
    {
        var header = new Header(Encoding.UTF8, Name, "");
        header.SetRawValue(Value);
        return header;
    }
}
