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
        table.AppendLine(CultureInfo.InvariantCulture, $"""
            {TimeProvider.System.Now():yyyy-MM-dd}, {Environment.ProcessorCount} cores shared by client, service and PostgreSQL {await version.ExecuteScalarAsync()} ({processor}), .NET {Environment.Version},
            load {load}; medians of {options.Rounds} rounds of {options.Seconds} s by turns.

            | work | measured | must reach | | behind it |
            |---|---|---|---|---|
            """);
        foreach (var row in rows)
            table.AppendLine(CultureInfo.InvariantCulture, $"| {row.Work} | {row.Figure} | {row.Must} | {(row.Holds ? "yes" : "**no**")} | {row.Detail} |");
        var text = await File.ReadAllTextAsync(file);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, $"{text[..from]}\n{table}{text[to..]}");
        Console.WriteLine(table);
    }
}
