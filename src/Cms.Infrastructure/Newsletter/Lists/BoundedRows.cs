using System.Text;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Text of a file whose rows are bounded, before any parser sees it: a parser keeps a whole row in memory, and a quote that nobody closes makes the rest
/// of a file one row. A row ends at a line's end outside of quotes (RFC 4180, 2).
/// </summary>
internal sealed class BoundedRows(Stream file) : TextReader
{
    /// <summary>Characters of a row, at most.</summary>
    public const int MaxRow = 64 * 1024;

    // Broken UTF-8 is refused and not mended: a mended name is a wrong one. A byte order mark is passed over.
    private readonly StreamReader text = new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 16 * 1024);
    private int line = 1, rowLine = 1, row;
    private bool quoted, afterReturn;
    private ImportFault? fault;

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        if (fault is not null) throw fault;
        int read;
        try
        {
            read = await text.ReadAsync(buffer, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw new ImportFault($"The file is not UTF-8, at line {line} or soon behind it. Save it as \"CSV UTF-8\".");
        }

        var sound = Look(buffer.Span[..read]);
        return sound == 0 && fault is not null ? throw fault : sound;
    }

    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("Nothing here waits for the database by a thread.");

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    // What stands before a fault is passed on first: it has its outcome.
    private int Look(ReadOnlySpan<char> characters)
    {
        var sound = 0;
        for (var i = 0; i < characters.Length && fault is null; i++)
        {
            var c = characters[i];
            if (c == '"') quoted = !quoted;
            if (c == '\r' || (c == '\n' && !afterReturn)) EndLine();
            else if (c != '\n') row++;
            if (row == 0) sound = i + 1;
            if (c == '\0') fault = new($"Line {line} holds a NUL, which no text has.");
            else if (row > MaxRow) fault = new($"The row that begins at line {rowLine} is longer than {MaxRow} characters. Is a quote not closed?");
            afterReturn = c == '\r';
        }

        return fault is null ? characters.Length : sound;
    }

    private void EndLine()
    {
        line++;
        if (quoted)
        {
            row++; // a quote that is not closed makes all that follows one row
            return;
        }

        (row, rowLine) = (0, line);
    }
}
