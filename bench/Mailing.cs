using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Npgsql;

namespace Cms.Bench;

/// <summary>
/// Sending a digest beside a bare loop of MailKit over sockets with NoDelay: the same mail, connections and server, which takes everything. Ours reads and writes the
/// ledger, makes each reader's links and headers, and begins no mail before the last one is stored.
/// </summary>
/// <param name="service">As it is published.</param>
/// <param name="server">Whose login may make databases.</param>
/// <param name="rounds">How many turns each has.</param>
/// <param name="folder">Where files may stand.</param>
internal sealed class Mailing(Service service, string server, int rounds, string folder)
{
    private const int Readers = 20_000, Articles = 10;

    /// <summary>The limit, a process of its own.</summary>
    public static async Task Limit(int port, int connections, int mails, string file)
    {
        var left = mails;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            var message = await MimeMessage.LoadAsync(file);
            using var client = new SmtpClient();
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await client.ConnectAsync(socket, "localhost", port, SecureSocketOptions.None);
            while (Interlocked.Decrement(ref left) >= 0) await client.SendAsync(message);
            await client.DisconnectAsync(quit: true);
        }));
    }

    /// <summary>Ratios with few and with many connections, and what signing costs on top.</summary>
    public async Task<IReadOnlyList<Row>> Measure()
    {
        var database = await Newsroom("mails", Readers);
        var rows = new List<Row>();
        foreach (var connections in new[] { 4, 16 })
        {
            var (ours, limit, memory) = await Contest(database, connections, signs: false);
            var ratio = Cms.Bench.Contest.Median(ours.Zip(limit, (o, l) => o / l));
            rows.Add(new($"send the digest, {connections} connections", $"{ratio:0.00} of a bare MailKit loop", "0.80 of a bare MailKit loop", ratio >= 0.8,
                $"{Cms.Bench.Contest.Median(ours):N0}/s of {Cms.Bench.Contest.Median(limit):N0}/s; working set {memory:0} MiB"));
            if (connections != 4) continue;
            var (signed, _, _) = await Contest(database, connections, signs: true);
            rows.Add(new("the same, signed with RSA 2048 and Ed25519", $"{Cms.Bench.Contest.Median(signed) / Cms.Bench.Contest.Median(ours):0.00} of unsigned", "", null, $"{Cms.Bench.Contest.Median(signed):N0}/s"));
        }

        return rows;
    }

    /// <summary>Whether a mail costs the same at the beginning, in the middle and at the end of a long list.</summary>
    public async Task<IReadOnlyList<Row>> Long(int readers)
    {
        var database = await Newsroom("long", readers);
        using var sink = new MailSink();
        using var node = service.Serve(database, 64, "/health/live", Settings(sink, 4, signs: false));
        var memory = 0.0;
        var sent = sink.Expect(readers);
        await Due(database);
        while (!sent.IsCompleted)
        {
            await Task.WhenAny(sent, Task.Delay(TimeSpan.FromSeconds(1)));
            memory = Math.Max(memory, node.WorkingSet);
        }

        var (first, middle, last) = (sink.PerSecond(..Readers), sink.PerSecond((readers / 2)..((readers / 2) + Readers)), sink.PerSecond(^Readers..));
        var worst = Math.Min(middle, last) / first;
        return
        [
            new($"send to {readers:N0} readers: the last against the first {Readers:N0}", $"{worst:0.00}×", "≥ 0.90×", worst >= 0.9, $"{first:N0}/s, {middle:N0}/s, {last:N0}/s"),
            new($"working set while {readers:N0} mails go", $"{memory:0} MiB", "≤ 200 MiB", memory <= 200, ""),
        ];
    }

    private async Task<(List<double> Ours, List<double> Limit, double Memory)> Contest(string database, int connections, bool signs)
    {
        var (ours, limit, memory) = (new List<double>(), new List<double>(), 0.0);
        using var sink = new MailSink();
        using var node = service.Serve(database, 64, "/health/live", Settings(sink, connections, signs));
        var sample = Path.Combine(folder, "sample.eml");
        for (var round = 0; round <= rounds; round++) // the first warms up
        {
            var sent = sink.Expect(Readers);
            await Due(database);
            await sent.WaitAsync(TimeSpan.FromMinutes(5));
            var mine = sink.PerSecond(..);
            memory = node.WorkingSet;
            if (round == 0) await File.WriteAllBytesAsync(sample, sink.First);
            if (signs)
            {
                if (round > 0) ours.Add(mine);
                continue;
            }

            sent = sink.Expect(Readers);
            Child.Run("dotnet", [service.Limits, "mailkit", $"{sink.Port}", $"{connections}", $"{Readers}", sample]);
            await sent;
            if (round == 0) continue;
            ours.Add(mine);
            limit.Add(sink.PerSecond(..));
        }

        return (ours, limit, memory);
    }

    private Dictionary<string, string> Settings(MailSink sink, int connections, bool signs)
    {
        var settings = new Dictionary<string, string>
        {
            ["Cms__Mail__Host"] = "127.0.0.1",
            ["Cms__Mail__Port"] = sink.Port.ToString(CultureInfo.InvariantCulture),
            ["Cms__Mail__Security"] = "None",
            ["Cms__Mail__From"] = "Bench <news@example.org>",
            ["Cms__Mail__Connections"] = connections.ToString(CultureInfo.InvariantCulture),
        };
        if (!signs) return settings;
        using var rsa = RSA.Create(2_048);
        var (rsaFile, edFile) = (Path.Combine(folder, "rsa.pem"), Path.Combine(folder, "ed25519.pem"));
        File.WriteAllText(rsaFile, rsa.ExportPkcs8PrivateKeyPem());
        Child.Run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", edFile]);
        foreach (var (name, value) in new[] { ("Domain", "example.org"), ("Selector", "rsa"), ("KeyFile", rsaFile), ("Ed25519Selector", "ed"), ("Ed25519KeyFile", edFile) }) settings[$"Cms__Mail__Dkim{name}"] = value;
        return settings;
    }

    // A newsroom whose articles come in sections of their own, and readers who follow some of them.
    private async Task<string> Newsroom(string name, int readers)
    {
        var database = await Archive.Database(server, $"{Archive.Prefix}{name}");
        service.Command(database, "migrate");
        var token = service.Command(database, "token", "create", "--name", "bench", "--scope", "content:read articles:write articles:publish taxonomy:write").Trim();
        using (var node = service.Serve(database, 64, "/health/live"))
        using (var writing = new Writing(node, node, token)) await writing.Publish((await writing.Write(Articles)).All);
        await Sql(database, $$"""
            TRUNCATE cms.subscribers CASCADE;
            INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, consent, created_at, updated_at)
            SELECT gen_random_uuid(), 'reader' || i || '@example.org', (ARRAY['fr', 'en', 'ar'])[1 + i % 3], 'Daily', '{}', 'Active', '{"at":"2026-11-24T09:00:00Z","source":"bench","textVersion":"1"}', now(), now()
            FROM generate_series(1, {{readers}}) i;
            ANALYZE cms.subscribers;
            UPDATE cms.site SET settings = jsonb_set(settings::jsonb, '{digestHour}', to_jsonb(((extract(hour FROM now() AT TIME ZONE 'UTC'))::int + 23) % 24))::json
            """);
        return database;
    }

    // As if there had been no edition yet: the one of today is due, and its articles are new.
    private static Task Due(string database) => Sql(database, "DELETE FROM cms.edition_articles; TRUNCATE cms.digest_mails; DELETE FROM cms.editions");

    private static async Task Sql(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { CommandTimeout = 600 }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
