using Npgsql;

namespace Cms.Api.Tests.Contract;

/// <summary>A service over an archive of 100,000 articles, whose PostgreSQL logs the plan of every statement.</summary>
public sealed class Archive : IAsyncDisposable
{
    public const int Articles = 100_000;

    /// <summary>One of its subscribers.</summary>
    public static readonly Guid Reader = Guid.Parse("00000000-0000-0000-0000-000000000309");

    /// <summary>The article number so many: created as many minutes before 24 November 2026, and named after that time as every id is (UUIDv7).</summary>
    public static Guid IdOf(int number)
    {
        var at = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero).AddMinutes(-number);
        return Guid.Parse($"{at.ToUnixTimeMilliseconds():x12}70008{number:x15}");
    }

    // Triggers would take minutes over the archive; the rows they would make are made beside.
    private const string Fill = """
        SET session_replication_role = replica;
        INSERT INTO cms.sections (id, name, slug, parent_id, position, language, share, created_at, updated_at)
          SELECT ('aaaaaaaa' || lpad(to_hex(i), 24, '0'))::uuid, 'S' || i, 's' || i, NULL, i, 'fr', '{}', now(), now() FROM generate_series(1, 500) i;
        INSERT INTO cms.articles (id, slug, slug_given, translation_group, status, draft_language, draft_headline, draft_kicker, draft_section_id, draft_other_section_ids,
            draft_tag_ids, draft_credits, draft_sources, draft_related_ids, draft_corrections, draft_extra, draft_body, draft_share, word_count, draft_fingerprint,
            published_fingerprint, created_at, updated_at, first_published_at, published_at, missing_share_image, missing_share_alt, missing_share_description)
          SELECT id, 'a' || i, false, id, CASE WHEN i % 1000 = 0 THEN 'draft' ELSE 'published' END,
            CASE WHEN i % 50 = 0 THEN 'en' ELSE 'fr' END, 'Headline number ' || i || ' word' || (i % 5000), 'Kicker', ('aaaaaaaa' || lpad(to_hex(CASE WHEN i > 98000 THEN 51 ELSE 1 + i % 50 END), 24, '0'))::uuid, '{}',
            ARRAY[('bbbbbbbb' || lpad(to_hex(1 + i % 2000), 24, '0'))::uuid], '[]', '[]', '{}', '[]', '{}', '[]', '{}', 100, '\x00', '\x00',
            at, TIMESTAMPTZ '2026-11-24T00:00:00Z' - (i * 7919 % 100000) * interval '1 minute', at, at + interval '1 hour', i % 500 = 0, i % 700 = 0, i % 900 = 0
          FROM (SELECT i, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid AS id
            FROM (SELECT i, TIMESTAMPTZ '2026-11-24T00:00:00Z' - i * interval '1 minute' AS at FROM generate_series(1, 100000) i) made) numbered;
        INSERT INTO cms.article_sections (section_id, published, article_id) SELECT draft_section_id, p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.tags (id, name, key, slug, created_at, updated_at)
          SELECT ('bbbbbbbb' || lpad(to_hex(i), 24, '0'))::uuid, 'T' || i, 't' || i, 't' || i, now(), now() FROM generate_series(1, 2000) i;
        INSERT INTO cms.article_tags (tag_id, published, article_id) SELECT draft_tag_ids[1], p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.authors (id, name, slug, created_at, updated_at)
          SELECT ('cccccccc' || lpad(to_hex(i), 24, '0'))::uuid, 'A' || i, 'w' || i, now(), now() FROM generate_series(1, 2000) i;
        INSERT INTO cms.article_authors (author_id, published, article_id)
          SELECT ('cccccccc' || lpad(to_hex(1 + ('x' || right(id::text, 6))::bit(24)::int % 2000), 24, '0'))::uuid, p, id FROM cms.articles, unnest(ARRAY[true, false]) p;
        INSERT INTO cms.editions (id, frequency, date, due_at, wishes, status, frozen_at)
          SELECT gen_random_uuid(), 'Daily', date '2010-01-01' + i, now(), '{"isHeld":false,"articleIds":[],"droppedIds":[],"corrections":[]}', 'Sent', now() FROM generate_series(1, 5000) i;
        INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at)
          SELECT lpad(to_hex(i), 32, '0')::uuid, 'reader' || i || '@example.org', CASE WHEN i % 50 = 0 THEN 'de' ELSE 'fr' END, 'Daily',
            CASE WHEN i % 13 = 0 THEN ARRAY[('aaaaaaaa' || lpad(to_hex(1 + i % 200), 24, '0'))::uuid] ELSE '{}' END, CASE WHEN i % 100 = 0 THEN 'Pending' ELSE 'Active' END, now(), now()
          FROM generate_series(1, 100000) i;
        INSERT INTO cms.consents (address_hash, kind, at) SELECT sha256((i / 3)::text::bytea), 'imported', now() FROM generate_series(1, 100000) i;
        INSERT INTO cms.imports (id, status, dry_run, consent_source, text_version, created_at)
          SELECT lpad(to_hex(i), 32, '0')::uuid, 'done', false, 's', '1', now() FROM generate_series(1, 5000) i;
        INSERT INTO cms.audit (id, at, actor, action, resource, resource_id, members)
          SELECT lpad(to_hex(i), 32, '0')::uuid, now(), 'x', 'createArticle', 'article', lpad(to_hex(i), 32, '0')::uuid::text, '{}' FROM generate_series(1, 100000) i;
        INSERT INTO cms.tokens (id, name, scopes, secret_hash, created_at, expires_at, revoked_at)
          SELECT lpad(i::text, 12, '0'), 'T' || i, '{content:read}', sha256(i::text::bytea), now() - i * interval '1 minute', now() + interval '1 day', now() FROM generate_series(1, 5000) i;
        INSERT INTO cms.token_uses (token_id, last_used_at) SELECT id, now() FROM cms.tokens;
        INSERT INTO delivery.articles (id, slug, etag, changed_at, body) SELECT id, slug, 'e', published_at, convert_to(repeat('x', 600), 'UTF8') FROM cms.articles;
        INSERT INTO delivery.summaries (id, json) SELECT id, convert_to(json_build_object('id', id, 'url', 'https://site.example/a' || slug, 'language', draft_language, 'translations', '[]'::json,
          'section', NULL, 'otherSections', '[]'::json, 'headline', draft_headline, 'title', draft_headline, 'standfirst', NULL, 'credits', '[]'::json, 'tags', '[]'::json,
          'firstPublishedAt', first_published_at, 'publishedAt', published_at, 'updatedAt', published_at, 'leadImage', NULL)::text, 'UTF8') FROM cms.articles;
        INSERT INTO delivery.addresses (kind, slug, target) SELECT 'article', slug, id FROM cms.articles
          UNION ALL SELECT 'section', slug, id FROM cms.sections UNION ALL SELECT 'tag', slug, id FROM cms.tags UNION ALL SELECT 'author', slug, id FROM cms.authors;
        INSERT INTO cms.lists (id, name, slug, size, pinned_ids, has_tail, tail_section_id, section_id, created_at, updated_at)
          SELECT ('dddddddd' || lpad(to_hex(i), 24, '0'))::uuid, 'L' || i, 'l' || i, 100, ARRAY(SELECT id FROM cms.articles ORDER BY id LIMIT 50), true,
            CASE WHEN i > 1 THEN ('aaaaaaaa' || lpad(to_hex(i), 24, '0'))::uuid END, ('aaaaaaaa' || lpad(to_hex(i), 24, '0'))::uuid, now(), now() FROM generate_series(1, 200) i;
        INSERT INTO delivery.lists (id, slug, name, size, tail, language, section_id)
          SELECT id, slug, name, size, coalesce(tail_section_id, '00000000-0000-0000-0000-000000000000'), '', section_id FROM cms.lists;
        INSERT INTO delivery.list_pins (list_id, position, article_id) SELECT l.id, p.position, p.id FROM cms.lists l CROSS JOIN unnest(l.pinned_ids) WITH ORDINALITY p (id, position);
        INSERT INTO delivery.documents (key, etag, changed_at, json, br, gzip) SELECT 'section:' || slug, 'e', now(), '{"id":1}'::bytea, '', '' FROM cms.sections;
        INSERT INTO delivery.names (kind, slug, id, json) SELECT 'tag', slug, id, '{}'::bytea FROM cms.tags UNION ALL SELECT 'author', slug, id, '{}' FROM cms.authors;
        INSERT INTO delivery.listings (target, language, first_published_at, updated_at, article_id)
          SELECT t, l, first_published_at, published_at, id FROM cms.articles, unnest(ARRAY['00000000-0000-0000-0000-000000000000'::uuid, draft_section_id, draft_tag_ids[1]]) t, unnest(ARRAY['', draft_language]) l;
        INSERT INTO delivery.listings (target, language, first_published_at, updated_at, article_id)
          SELECT c.author_id, l, a.first_published_at, a.published_at, a.id FROM cms.article_authors c JOIN cms.articles a ON a.id = c.article_id, unnest(ARRAY['', a.draft_language]) l WHERE c.published;
        INSERT INTO delivery.sitemap_months (month, articles, updated_at, version)
          SELECT date_trunc('month', first_published_at AT TIME ZONE 'UTC'), count(*), max(published_at), 1 FROM cms.articles GROUP BY 1;
        INSERT INTO delivery.mentions (shown, article_id) SELECT draft_section_id, id FROM cms.articles;
        INSERT INTO delivery.search (id, config, language, first_published_at, targets, fingerprint, vector)
          SELECT id, CASE draft_language WHEN 'fr' THEN 'french' ELSE 'english' END, draft_language, first_published_at, ARRAY[draft_section_id, draft_tag_ids[1]], '\x00',
            to_tsvector('delivery.french', draft_headline || ' hundredth' || extract(epoch FROM first_published_at)::bigint / 60 % 100)
              || array_to_tsvector(ARRAY(SELECT '=' || w FROM unnest(string_to_array(lower(draft_headline), ' ')) w))
          FROM cms.articles;
        INSERT INTO delivery.spellings (target, word, spelling) SELECT id, lower(name) || 'name', name || 'name' FROM cms.tags;
        INSERT INTO delivery.nearness (id, language, translation_group, section, tags, chosen, words)
          SELECT id, draft_language, translation_group, draft_section_id, draft_tag_ids, '{}', string_to_array(lower(draft_headline), ' ') FROM cms.articles;
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

    /// <summary>The plans that each request made PostgreSQL run. A list with a next page is asked for that too.</summary>
    public async Task<IReadOnlyList<(string Path, IReadOnlyList<string> Plans)>> PlansOf(IEnumerable<string> paths)
    {
        var ct = TestContext.Current.CancellationToken;
        var (asked, mark) = (new List<string>(), Wire.Unique("mark"));
        await using var source = NpgsqlDataSource.Create(Service.ConnectionString);
        await Mark();
        foreach (var path in paths)
            if (await Ask(path) is { } next) await Ask(next);

        // The log is written before an answer, in one pipe, but reaches us by way of another process: complete when its last mark is there.
        string log;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!(log = await database.Log(patience.Token)).Contains(Marker(asked.Count), StringComparison.Ordinal)) await Task.Yield();
        return [.. asked.Select((path, i) => (path, Plans(Between(log, Marker(i), Marker(i + 1)))))];

        async Task<string?> Ask(string path)
        {
            var answer = (await Editor.Get(path)).Is(System.Net.HttpStatusCode.OK);
            asked.Add(path);
            await Mark();
            return answer.Message.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        async Task Mark()
        {
            await using var command = source.CreateCommand($"SELECT {Marker(asked.Count)}");
            await command.ExecuteNonQueryAsync(ct);
        }

        string Marker(int n) => $"'{mark} {n}'";
    }

    private static string Between(string log, string begin, string end)
    {
        var from = log.IndexOf(begin, StringComparison.Ordinal);
        return log[from..log.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static IReadOnlyList<string> Plans(string log) => [.. log.Split("Query Text:").Skip(1)];

    public async ValueTask DisposeAsync()
    {
        Editor.Dispose();
        await Service.DisposeAsync();
    }
}
