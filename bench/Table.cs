using System.Globalization;
using System.Text;
using Cms.Domain;
using Npgsql;

namespace Cms.Bench;

/// <summary>Writes what was measured into the README, between its marks.</summary>
internal static class Table
{
    private const string Begin = "<!-- measured -->", End = "<!-- /measured -->";

    public static async Task Write(string file, IReadOnlyList<Row> rows, Options options, string server)
    {
        await using var source = NpgsqlDataSource.Create(server);
        await using var version = source.CreateCommand("SHOW server_version");
        var table = new StringBuilder();
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1];
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        var text = await File.ReadAllTextAsync(file);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var when = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.Now():yyyy-MM-dd}, load {load}");
        var lines = rows.Select(row => (row.Work, Line: $"| {row.Work} | {row.Figure} | {row.Must} | {(row.Holds switch { true => "yes", false => "**no**", null => "not compared" })} | {row.Detail} | {when} |")).ToList();
        // A run of some parts leaves the others' rows as they were.
        var before = text[from..to].Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(l => (Work: l.Split('|')[1].Trim(), Line: l)).ToList();
        var all = before.Select(b => lines.FirstOrDefault(l => l.Work == b.Work) is { Line: not null } fresh ? fresh : b)
            .Concat(lines.Where(l => before.TrueForAll(b => b.Work != l.Work))).Select(l => l.Line);
        table.AppendLine(CultureInfo.InvariantCulture, $"""

            {Environment.ProcessorCount} cores shared by client, service, PostgreSQL {await version.ExecuteScalarAsync()} and whatever else the load tells of; {processor}; .NET {Environment.Version}.
            Medians of {options.Rounds} rounds by turns.

            | work | measured | must reach | | behind it | when |
            |---|---|---|---|---|---|
            {string.Join('\n', all)}
            """);
        await File.WriteAllTextAsync(file, $"{text[..from]}\n{table}{text[to..]}");
        Console.WriteLine(table);
    }
}
