using nietras.SeparatedValues;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Rows of a file as a stream: commas, semicolons or tabs, whichever its first line has; quotes and line ends within them as RFC 4180 has them.</summary>
internal sealed class ImportFile : IDisposable
{
    private readonly BoundedRows text;
    private readonly SepReader reader;
    private readonly List<string> fields = [];
    private int taken;

    private ImportFile(BoundedRows text, SepReader reader) => (this.text, this.reader) = (text, reader);

    /// <summary>Of the row that was read last; another row overwrites them.</summary>
    public IReadOnlyList<string> Fields => fields;

    /// <summary>The line at which that row begins.</summary>
    public int Line { get; private set; }

    /// <summary>Begins to read.</summary>
    public static async Task<ImportFile> Open(Stream file, CancellationToken ct)
    {
        var text = new BoundedRows(file);
        return new(text, await Sep.Reader(o => o with
        {
            HasHeader = false, // its names are ours to read: in any case, with aliases
            DisableColCountCheck = true, // what a row leaves out is empty
            Unescape = true,
        }).FromAsync(text, ct));
    }

    /// <summary>Reads the next row that is not blank.</summary>
    /// <returns>False behind the last one.</returns>
    /// <exception cref="ImportFault">The file cannot be read further.</exception>
    public async Task<bool> Next(CancellationToken ct)
    {
        while (await reader.MoveNextAsync(ct))
        {
            if (text.Fault is not null && taken == text.Whole) break;
            taken++;
            if (Take()) return true;
        }

        return text.Fault is null ? false : throw text.Fault;
    }

    public void Dispose() => reader.Dispose();

    private bool Take()
    {
        var row = reader.Current;
        if (row.Span.IsWhiteSpace()) return false;
        Line = row.LineNumberFrom;
        fields.Clear();
        for (var i = 0; i < row.ColCount; i++) fields.Add(row[i].ToString());
        return true;
    }
}
