using Npgsql;

namespace Cms.Api.Tests.Contract;

/// <summary>A service over an archive of 100,000 articles, whose PostgreSQL logs the plan of every statement.</summary>
public sealed class Archive : IAsyncDisposable
{
    public const int Articles = 100_000;

    // Triggers would take minutes over the archive; the rows they would make are made beside.
    private const string Fill = """
        SET session_replication_role = replica;
        INSERT INTO cms.sections (id, name, slug, parent_id, position, language, share, created_at, updated_at)
          SELECT ('aaaaaaaa' || lpad(to_hex(i), 24, '0'))::uuid, 'S' || i, 's' || i, NULL, i, 'fr', '{}', now(), now() FROM generate_series(1, 50) i;
        INSERT INTO cms.articles (id, slug, slug_given, translation_group, status, draft_language, draft_headline, draft_kicker, draft_section_id, draft_other_section_ids,
            draft_tag_ids, draft_credits, draft_sources, draft_related_ids, draft_corrections, draft_extra, draft_body, draft_share, word_count, draft_fingerprint,
            published_fingerprint, created_at, updated_at, first_published_at, published_at, missing_share_image, missing_share_alt, missing_share_description)
          SELECT lpad(to_hex(i), 32, '0')::uuid, 'a' || i, false, lpad(to_hex(i), 32, '0')::uuid, CASE WHEN i % 1000 = 0 THEN 'draft' ELSE 'published' END,
            CASE WHEN i % 50 = 0 THEN 'en' ELSE 'fr' END, 'Headline number ' || i || ' word' || (i % 5000), 'Kicker', ('aaaaaaaa' || lpad(to_hex(1 + i % 50), 24, '0'))::uuid, '{}',
            ARRAY[('bbbbbbbb' || lpad(to_hex(1 + i % 2000), 24, '0'))::uuid], '[]', '[]', '{}', '[]', '{}', '[]', '{}', 100, '\x00', '\x00',
            now() - i * interval '1 minute', now() - (i * 7919 % 100000) * interval '1 minute', now() - i * interval '1 minute', now(), i % 500 = 0, i % 700 = 0, i % 900 = 0
          FROM generate_series(1, 100000) i;
        INSERT INTO cms.article_sections (section_id, published, article_id) SELECT draft_section_id, p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.tags (id, name, key, slug, created_at, updated_at)
          SELECT ('bbbbbbbb' || lpad(to_hex(i), 24, '0'))::uuid, 'T' || i, 't' || i, 't' || i, now(), now() FROM generate_series(1, 2000) i;
        INSERT INTO cms.article_tags (tag_id, published, article_id) SELECT draft_tag_ids[1], p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.authors (id, name, slug, created_at, updated_at)
          SELECT ('cccccccc' || lpad(to_hex(i), 24, '0'))::uuid, 'A' || i, 'w' || i, now(), now() FROM generate_series(1, 2000) i;
        INSERT INTO cms.article_authors (author_id, published, article_id)
          SELECT ('cccccccc' || lpad(to_hex(1 + ('x' || right(id::text, 6))::bit(24)::int % 2000), 24, '0'))::uuid, p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at)
          SELECT lpad(to_hex(i), 32, '0')::uuid, 'reader' || i || '@example.org', 'fr', 'Daily', '{}', CASE WHEN i % 100 = 0 THEN 'Pending' ELSE 'Active' END, now(), now()
          FROM generate_series(1, 100000) i;
        INSERT INTO cms.audit (id, at, actor, action, resource, resource_id, members)
          SELECT lpad(to_hex(i), 32, '0')::uuid, now(), 'x', 'createArticle', 'article', lpad(to_hex(i), 32, '0')::uuid::text, '{}' FROM generate_series(1, 100000) i;
        INSERT INTO delivery.articles (id, slug, etag, published_at, json) SELECT id, slug, 'e', published_at, convert_to(repeat('x', 600), 'UTF8') FROM cms.articles;
        INSERT INTO delivery.summaries (id, json) SELECT id, '{}' FROM cms.articles;
        INSERT INTO delivery.addresses (kind, slug, target) SELECT 'article', slug, id FROM cms.articles
          UNION ALL SELECT 'section', slug, id FROM cms.sections UNION ALL SELECT 'tag', slug, id FROM cms.tags UNION ALL SELECT 'author', slug, id FROM cms.authors;
        INSERT INTO delivery.listings (target, language, first_published_at, article_id)
          SELECT t, l, first_published_at, id FROM cms.articles, unnest(ARRAY['00000000-0000-0000-0000-000000000000'::uuid, draft_section_id, draft_tag_ids[1]]) t, unnest(ARRAY['', draft_language]) l;
        INSERT INTO delivery.mentions (shown, article_id) SELECT draft_section_id, id FROM cms.articles;
        SET session_replication_role = DEFAULT;
        """;

    private readonly TestDatabase database;

    private Archive(TestDatabase database, TestService service, HttpClient editor) => (this.database, Service, Editor) = (database, service, editor);

    public TestService Service { get; }

    public HttpClient Editor { get; }

    public static async Task<Archive> Open(TestDatabase database, CancellationToken ct)
    {
        var connectionString = await database.Create(ct);
        // A service that migrates, then the archive, then the service whose plans are logged.
        await using (await TestService.Start(connectionString, ct)) { }
        await using (var source = NpgsqlDataSource.Create(connectionString))
        {
            await using var fill = source.CreateCommand(Fill);
            fill.CommandTimeout = 300;
            await fill.ExecuteNonQueryAsync(ct);
            await using var analyze = source.CreateCommand("VACUUM ANALYZE");
            analyze.CommandTimeout = 300;
            await analyze.ExecuteNonQueryAsync(ct);
        }

        var logged = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_timing=off",
        };
        var service = await TestService.Start(logged.ConnectionString, ct);
        return new(database, service, await service.Client(ct, [.. Domain.Access.Scope.All]));
    }

    /// <summary>The plans that a request made PostgreSQL run.</summary>
    public async Task<string> PlansOf(string path)
    {
        var ct = TestContext.Current.CancellationToken;
        var before = (await database.Log(ct)).Length;
        (await Editor.Get(path)).Is(System.Net.HttpStatusCode.OK);
        // The log is written before the answer, but reaches us by way of another process.
        for (var i = 0; i < 50; i++)
        {
            var log = (await database.Log(ct))[before..];
            if (log.Contains("Query Text", StringComparison.Ordinal)) return log;
            await Task.Yield();
        }

        return (await database.Log(ct))[before..];
    }

    public async ValueTask DisposeAsync()
    {
        Editor.Dispose();
        await Service.DisposeAsync();
    }
}
