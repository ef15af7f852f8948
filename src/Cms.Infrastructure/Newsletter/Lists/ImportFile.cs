using nietras.SeparatedValues;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Rows of a file as a stream: commas, semicolons or tabs, whichever its first line has; quotes and line ends within them as RFC 4180 has them.</summary>
internal sealed class ImportFile : IDisposable
{
    private readonly SepReader reader;
    private readonly List<string> fields = [];

    private ImportFile(SepReader reader) => this.reader = reader;

    /// <summary>Of the row that was read last; another row overwrites them.</summary>
    public IReadOnlyList<string> Fields => fields;

    /// <summary>The line at which that row begins.</summary>
    public int Line { get; private set; }

    /// <summary>Begins to read.</summary>
    public static async Task<ImportFile> Open(Stream file, CancellationToken ct) => new(await Sep.Reader(o => o with
    {
        HasHeader = false, // its names are ours to read: in any case, with aliases
        DisableColCountCheck = true, // what a row leaves out is empty
        Unescape = true,
    }).FromAsync(new BoundedRows(file), ct));

    /// <summary>Reads the next row that is not blank.</summary>
    /// <returns>False behind the last one.</returns>
    public async Task<bool> Next(CancellationToken ct)
    {
        while (await reader.MoveNextAsync(ct))
            if (Take()) return true;
        return false;
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
