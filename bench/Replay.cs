using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Cms.Bench;

/// <summary>
/// The limit of publications: what PostgreSQL was told in each, taken from its log with all values, and told again by pgbench to a copy of the
/// database from before. Nothing is rendered or compressed then, and no client waits for HTTP. It is what a plain client reaches, not what
/// PostgreSQL can: each statement is a question of its own, planned anew, its values as text.
/// </summary>
/// <param name="superuser">A login that may say what PostgreSQL logs.</param>
/// <param name="log">The file it logs to.</param>
/// <param name="program">Where pgbench is.</param>
internal sealed partial class Replay(string superuser, string log, string program)
{
    /// <summary>Where PostgreSQL's programs lie that fit the server; null where pgbench is not among them.</summary>
    public static async Task<string?> Program(string superuser)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        await using var command = source.CreateCommand("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
        return await command.ExecuteScalarAsync() is string folder && Path.Combine(folder, "pgbench") is var program && File.Exists(program) ? program : null;
    }

    /// <summary>Copies a database that nobody uses at the moment.</summary>
    /// <returns>The copy's connection string.</returns>
    public async Task<string> Copy(string database)
    {
        var copy = $"{database}_copy";
        await Tell(superuser, $"DROP DATABASE IF EXISTS {copy} WITH (FORCE)", $"CREATE DATABASE {copy} TEMPLATE {database}");
        return new NpgsqlConnectionStringBuilder(superuser) { Database = copy }.ConnectionString;
    }

    /// <summary>Does something and tells what PostgreSQL was told meanwhile.</summary>
    /// <param name="act">What.</param>
    /// <param name="count">So many transactions that change delivery.</param>
    /// <returns>They, each as SQL with its values.</returns>
    public async Task<IReadOnlyList<string>> Record(Func<Task> act, int count)
    {
        await Tell(superuser, "ALTER SYSTEM SET log_line_prefix = '%p|'", "ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()");
        await Task.Delay(TimeSpan.FromSeconds(1)); // every connection reads its settings between two questions
        var before = new FileInfo(log).Length;
        try
        {
            await act();
        }
        finally
        {
            await Silence(superuser);
        }

        await using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(before, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        var told = Transactions(await reader.ReadToEndAsync());
        return told.Count == count ? told : throw new InvalidOperationException($"The log tells of {told.Count} publications, not of {count}.");
    }

    /// <summary>PostgreSQL logs what it did before.</summary>
    public static Task Silence(string superuser) => Tell(superuser, "ALTER SYSTEM RESET log_line_prefix", "ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()");

    /// <summary>Lets pgbench say transactions, each of so many connections its share.</summary>
    /// <returns>How many a second, by its own watch: that of a program which runs already and is connected.</returns>
    public async Task<double> Play(string connectionString, IReadOnlyList<string> transactions, int connections)
    {
        var at = new NpgsqlConnectionStringBuilder(connectionString);
        var file = Path.GetTempFileName();
        await using var source = NpgsqlDataSource.Create(connectionString);
        var before = await Published();
        try
        {
            var shares = transactions.Select((sql, i) => (sql, i)).GroupBy(t => t.i % connections, t => t.sql);
            await File.WriteAllTextAsync(file, string.Concat(shares.Select(share => $"\\if :client_id = {share.Key}\n{string.Concat(share)}\\endif\n")));
            var told = Child.Run(
                program, ["-n", "-c", $"{connections}", "-j", "2", "-t", "1", "-f", file, "-h", at.Host ?? "", "-p", at.Port.ToString(CultureInfo.InvariantCulture), "-U", at.Username ?? "", at.Database ?? ""],
                new Dictionary<string, string> { ["PGPASSWORD"] = at.Password ?? "", ["PGCLIENTENCODING"] = "UTF8" });
            if (await Published() is var after && after - before != transactions.Count) throw new InvalidOperationException($"pgbench published {after - before} of {transactions.Count}: {told}");
            // To pgbench a share is one transaction.
            return double.Parse(Speed().Match(told).Groups["tps"].Value, CultureInfo.InvariantCulture) * transactions.Count / connections;
        }
        finally
        {
            File.Delete(file);
        }

        async Task<long> Published()
        {
            await using var command = source.CreateCommand("SELECT count(*) FROM delivery.articles");
            return await command.ExecuteScalarAsync() as long? ?? 0;
        }
    }

    private static List<string> Transactions(string logged)
    {
        var (open, done) = (new Dictionary<string, StringBuilder>(), new List<string>());
        string? process = null, sql = null;
        foreach (Match entry in Entry().Matches(logged))
        {
            var (who, kind, text) = (entry.Groups["process"].Value, entry.Groups["kind"].Value, entry.Groups["text"].Value.TrimEnd('\n').Replace("\n\t", "\n", StringComparison.Ordinal));
            if (kind == "DETAIL")
            {
                if (who == process && sql is not null && Parameters().Match(text) is { Success: true } values) sql = With(sql, values.Groups["values"].Value);
                continue;
            }

            Take();
            (process, sql) = Statement().Match(text) is { Success: true } statement ? (who, statement.Groups["sql"].Value) : (null, null);
        }

        Take();
        return done;

        void Take()
        {
            if (process is null || sql is null) return;
            if (sql.StartsWith("BEGIN", StringComparison.Ordinal)) open[process] = new();
            if (!open.TryGetValue(process, out var said)) return;
            said.Append(sql.TrimEnd(';')).Append(";\n");
            if (sql.StartsWith("ROLLBACK", StringComparison.Ordinal) && !sql.Contains("TO", StringComparison.Ordinal)) open.Remove(process);
            if (!sql.StartsWith("COMMIT", StringComparison.Ordinal)) return;
            open.Remove(process);
            if (said.ToString() is var whole && whole.Contains("UPDATE delivery.clock", StringComparison.Ordinal)) done.Add(whole);
        }
    }

    private static string With(string sql, string values)
    {
        var given = Value().Matches(values).ToDictionary(m => m.Groups["number"].Value, m => m.Groups["value"].Value);
        return Parameter().Replace(sql, m => given[m.Groups["number"].Value]);
    }

    private static async Task Tell(string superuser, params string[] statements)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        foreach (var sql in statements)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    [GeneratedRegex(@"^tps = (?<tps>[0-9.]+) \(without initial connection time\)", RegexOptions.Multiline)]
    private static partial Regex Speed();

    // An entry goes on in lines that begin with a tab.
    [GeneratedRegex(@"^(?<process>\d+)\|(?<kind>[A-Z]+):  (?<text>.*\n(?:\t.*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^(?:statement|execute [^:]*): (?<sql>.*)\z", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^[Pp]arameters: (?<values>.*)\z", RegexOptions.Singleline)]
    private static partial Regex Parameters();

    [GeneratedRegex(@"\$(?<number>\d+) = (?<value>NULL|'(?:[^']|'')*')")]
    private static partial Regex Value();

    [GeneratedRegex(@"\$(?<number>\d+)\b")]
    private static partial Regex Parameter();
}
