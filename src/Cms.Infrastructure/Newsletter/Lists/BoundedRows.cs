using System.Text;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Text of a file whose rows are bounded, before any parser sees it: a parser keeps a whole row in memory, and a quote that nobody closes makes the rest
/// of a file one row. A row ends at a line's end outside of quotes (RFC 4180, 2). At a fault the text ends and nothing is thrown: a parser that reads ahead would
/// lose the rows that it has.
/// </summary>
internal sealed class BoundedRows(Stream file) : TextReader
{
    /// <summary>Characters of a row, at most.</summary>
    public const int MaxRow = 64 * 1024;

    // Broken UTF-8 is refused and not mended: a mended name is a wrong one. A byte order mark is passed over.
    private readonly StreamReader text = new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 16 * 1024);
    private int line = 1, rowLine = 1, quoteLine, row;
    private bool quoted, afterClosing, afterReturn;

    /// <summary>Why the text ends before the file does; null while it does not.</summary>
    public ImportFault? Fault { get; private set; }

    /// <summary>Rows that are whole, blank ones too. What a parser makes of the text behind them is no row where there is a fault.</summary>
    public int Whole { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        if (Fault is not null) return 0;
        int read;
        try
        {
            read = await text.ReadAsync(buffer, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            Fault = new($"The file is not UTF-8, at line {line} or soon behind it. Save it as \"CSV UTF-8\".");
            return 0;
        }

        if (read == 0 && buffer.Length > 0 && quoted)
            Fault = new($"A quote is opened at line {quoteLine}, in the row that begins at line {rowLine}, and never closed. Close it; a quote within a field is written twice.");
        return Look(buffer.Span[..read]);
    }

    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("Nothing here waits for the database by a thread.");

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    // What stands before a fault is passed on: it has its outcome.
    private int Look(ReadOnlySpan<char> characters)
    {
        var sound = 0;
        for (var i = 0; i < characters.Length && Fault is null; i++)
        {
            var c = characters[i];
            if (c == '"' && !quoted && !afterClosing) quoteLine = line; // one behind a closing one is written twice: the field goes on
            if (c == '"') quoted = !quoted;
            afterClosing = c == '"' && !quoted;
            if (c == '\r' || (c == '\n' && !afterReturn)) EndLine();
            else if (c != '\n') row++;
            if (row == 0) sound = i + 1;
            if (c == '\0') Fault = new($"Line {line} holds a NUL, which no text has.");
            else if (row > MaxRow) Fault = new($"The row that begins at line {rowLine} is longer than {MaxRow} characters. Is a quote not closed?{(quoted ? $" One is open since line {quoteLine}." : "")}");
            afterReturn = c == '\r';
        }

        return Fault is null ? characters.Length : sound;
    }

    private void EndLine()
    {
        line++;
        if (quoted)
        {
            row++; // a quote that is not closed makes all that follows one row
            return;
        }

        (row, rowLine, Whole) = (0, line, Whole + 1);
    }
}
