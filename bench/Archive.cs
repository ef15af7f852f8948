using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Cms.Infrastructure.Delivery;
using Npgsql;

namespace Cms.Bench;

/// <summary>
/// A database with so many published articles of about 6 KB of French, loaded by COPY once and kept. Beside the service's own tables stand
/// the limit's, in schema <c>bench</c>: the same bytes in PostgreSQL's default storage.
/// </summary>
/// <param name="Rows">How many articles.</param>
/// <param name="ConnectionString">Its own login's.</param>
/// <param name="Section">The section that lists them all.</param>
internal sealed record Archive(int Rows, string ConnectionString, Guid Section)
{
    /// <summary>The section's slug.</summary>
    public const string SectionSlug = "international";

    /// <summary>Of every database's name.</summary>
    public const string Prefix = "cms_bench_";

    private const int Texts = 1_000, Paragraphs = 9, WordsEach = 100, Newest = 1_760_000_000;

    private const string Tables = """
        CREATE SCHEMA bench;
        CREATE TABLE bench.articles (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE, etag text NOT NULL, body bytea NOT NULL);
        CREATE TABLE bench.summaries (id uuid PRIMARY KEY, json bytea NOT NULL);
        CREATE TABLE bench.listings (section uuid, at timestamptz, id uuid, PRIMARY KEY (section, at, id));
        """;

    // As of the section alone: the seed's own articles are older.
    private const string LimitRows = """
        INSERT INTO bench.articles SELECT id, slug, etag, body FROM delivery.articles WHERE slug LIKE 'bench-%';
        INSERT INTO bench.summaries SELECT id, json FROM delivery.summaries;
        INSERT INTO bench.listings SELECT target, first_published_at, article_id FROM delivery.listings WHERE target = $1 AND language = '';
        """;

    private static readonly string[] Vocabulary =
        ("le la les un une des de du et à en dans sur pour par avec sans sous entre après avant depuis contre selon président ministre gouvernement assemblée "
        + "région capitale frontière accord sommet visite séance débat mesure réforme décret projet budget année semaine matin soirée déclaration communiqué "
        + "entretien journaliste envoyé spécial témoin habitants quartier école hôpital usine ouvriers grève négociation élection scrutin majorité opposition "
        + "économie croissance inflation énergie électricité pétrole gaz récolte céréales forêt rivière sécheresse tempête température océan île montagne "
        + "annonce révèle précise explique estime rappelle souligne confirme dément espère craint prévoit demande refuse accepte reçoit offre échange présente "
        + "premier dernière nouveau ancienne européen étranger national régional public privé général particulière importante récente prochain possible").Split(' ');

    /// <summary>Finds or makes it.</summary>
    /// <param name="server">A login that may make databases.</param>
    /// <param name="rows">How many articles.</param>
    /// <param name="service">Where the service is published.</param>
    /// <param name="isSearched">Its articles are found by their words too.</param>
    public static async Task<Archive> Open(string server, int rows, Service service, bool isSearched = false)
    {
        var connectionString = await Database(server, $"{Prefix}{rows}");
        service.Command(connectionString, "migrate"); // one that was kept may be of an older build
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 3_600 }.ConnectionString);
        await using var ready = source.CreateCommand("SELECT to_regclass('bench.ready') IS NOT NULL");
        if (await ready.ExecuteScalarAsync() is not true)
        {
            Console.WriteLine($"Loading {rows:N0} articles by COPY, once …");
            await Execute(source, "DROP SCHEMA IF EXISTS bench CASCADE");
            await Execute(source, "TRUNCATE delivery.articles CASCADE; DELETE FROM delivery.addresses WHERE slug LIKE 'bench-%'");
            await using (var count = source.CreateCommand("SELECT count(*) FROM cms.sections"))
                if (await count.ExecuteScalarAsync() is 0L) service.Command(connectionString, "seed");
            await Fill(source, rows, await SectionId(source));
        }

        if (isSearched) await Search(source, rows, await SectionId(source));
        return new(rows, connectionString, await SectionId(source));
    }

    /// <summary>The connection string of a database of this name, which is made when it is missing.</summary>
    public static async Task<string> Database(string server, string name)
    {
        await using var source = NpgsqlDataSource.Create(server);
        await using var exists = source.CreateCommand("SELECT count(*) FROM pg_database WHERE datname = $1");
        exists.Parameters.AddWithValue(name);
        if (await exists.ExecuteScalarAsync() is 0L) await Execute(source, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    private static async Task Fill(NpgsqlDataSource source, int rows, Guid section)
    {
        var texts = Enumerable.Range(0, Texts).Select(Text).ToList();
        await using (var connection = await source.OpenConnectionAsync())
        {
            // No foreign key is checked row by row: the rows are made to fit.
            await using (var replica = new NpgsqlCommand("SET session_replication_role = replica", connection)) await replica.ExecuteNonQueryAsync();
            await Copy(connection, "delivery.articles (id, slug, etag, changed_at, body)", rows, (w, i) => Article(w, i, texts[i % Texts].Plain));
            await Copy(connection, "delivery.articles_br (id, slug, etag, changed_at, body)", rows, (w, i) => Article(w, i, texts[i % Texts].Brotli));
            await Copy(connection, "delivery.summaries (id, etag, json)", rows, (w, i) =>
            {
                w.Write(Id(i));
                w.Write($"s{i:D7}");
                w.Write(texts[i % Texts].Summary);
            });
            await Copy(connection, "delivery.addresses (kind, slug, target)", rows, (w, i) =>
            {
                w.Write("article");
                w.Write(Slug(i));
                w.Write(Id(i));
            });
            foreach (var (target, language) in new[] { (Guid.Empty, ""), (section, ""), (section, "fr") })
                await Copy(connection, "delivery.listings (target, language, first_published_at, updated_at, article_id)", rows, (w, i) =>
                {
                    w.Write(target);
                    w.Write(language);
                    w.Write(At(i));
                    w.Write(At(i));
                    w.Write(Id(i));
                });
        }

        await Execute(source, Tables);
        foreach (var statement in LimitRows.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await using var insert = source.CreateCommand(statement);
            if (statement.Contains("$1", StringComparison.Ordinal)) insert.Parameters.AddWithValue(section);
            await insert.ExecuteNonQueryAsync();
        }

        await Execute(source, "VACUUM (ANALYZE)");
        await Execute(source, "CHECKPOINT");
        await Execute(source, "CREATE TABLE bench.ready ()");
    }

    private static async Task Search(NpgsqlDataSource source, int rows, Guid section)
    {
        await using var ready = source.CreateCommand("SELECT to_regclass('bench.searched') IS NOT NULL");
        if (await ready.ExecuteScalarAsync() is true) return;
        Console.WriteLine($"Loading the words of {rows:N0} articles by COPY, once …");
        await using var defined = source.CreateCommand("SELECT pg_get_indexdef('delivery.search_vector_idx'::regclass)");
        var index = (await defined.ExecuteScalarAsync() as string)?.Replace("ON ONLY", "ON", StringComparison.Ordinal) ?? throw new InvalidOperationException("Search has no index.");
        // Made at once it is made faster than row by row; in one transaction, so that who stops this finds the index as it was.
        await using (var connection = await source.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await Run("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'; TRUNCATE delivery.search; DROP INDEX delivery.search_vector_idx");
            await Words.Fill(connection, rows, i => (Id(i), At(i)), section);
            await Run(index);
            await transaction.CommitAsync();

            async Task Run(string sql)
            {
                await using var command = new NpgsqlCommand(sql, connection, transaction);
                await command.ExecuteNonQueryAsync();
            }
        }

        await Execute(source, "VACUUM (ANALYZE) delivery.search");
        await Execute(source, "CREATE TABLE bench.searched ()");
    }

    private static string Slug(int i) => string.Create(CultureInfo.InvariantCulture, $"bench-{i:D7}");

    private static Guid Id(int i) => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"019a0000-0000-7000-8000-{i:x12}"), CultureInfo.InvariantCulture);

    private static DateTimeOffset At(int i) => DateTimeOffset.FromUnixTimeSeconds(Newest + i);

    private static void Article(NpgsqlBinaryImporter writer, int i, byte[] body)
    {
        writer.Write(Id(i));
        writer.Write(Slug(i));
        writer.Write(i.ToString("D7", CultureInfo.InvariantCulture));
        writer.Write(At(i));
        writer.Write(body);
    }

    private static async Task Copy(NpgsqlConnection connection, string table, int rows, Action<NpgsqlBinaryImporter, int> write)
    {
        await using var writer = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT BINARY)");
        writer.Timeout = TimeSpan.FromHours(1);
        for (var i = 0; i < rows; i++)
        {
            await writer.StartRowAsync();
            write(writer, i);
        }

        await writer.CompleteAsync();
    }

    private static (byte[] Plain, byte[] Brotli, byte[] Summary) Text(int seed)
    {
        var order = new Order((ulong)seed + 1);
        var plain = Json(w =>
        {
            Head(w);
            w.WriteStartArray("body");
            for (var i = 0; i < Paragraphs; i++)
            {
                w.WriteStartObject();
                w.WriteString("type", "paragraph");
                w.WriteString("text", Sentence(WordsEach, order));
                w.WriteEndObject();
            }

            w.WriteEndArray();
        });
        var summary = Json(Head);
        using var brotli = new MemoryStream();
        using (var stream = new BrotliStream(brotli, new BrotliCompressionOptions { Quality = 5 })) stream.Write(plain);
        return (plain, brotli.ToArray(), summary);

        void Head(Utf8JsonWriter w)
        {
            w.WriteString("language", "fr");
            w.WriteString("headline", Sentence(10, order));
            w.WriteString("standfirst", Sentence(30, order));
            w.WriteString("section", SectionSlug);
            w.WriteString("url", "https://www.example.org/international/bench");
        }
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(8 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Sentence(int words, Order order)
    {
        var text = new StringBuilder();
        for (var i = 0; i < words; i++) text.Append(text.Length == 0 ? "" : " ").Append(Vocabulary[order.Below(Vocabulary.Length)]);

        return text.Append('.').ToString();
    }

    private static async Task<Guid> SectionId(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand($"SELECT id FROM cms.sections WHERE slug = '{SectionSlug}'");
        return await command.ExecuteScalarAsync() is Guid id ? id : throw new InvalidOperationException("The seed has no such section.");
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
