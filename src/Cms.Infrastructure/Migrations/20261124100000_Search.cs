using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>
/// What readers search: vectors, the words of names, and what articles are near to. Two extensions, both trusted (PostgreSQL 13 and newer), so
/// that whoever owns the database may create them; where an administrator has put them into <c>public</c> already, they are used there.
/// </summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124100000_Search")]
public sealed class Search : Migration
{
    private const string Extensions = """
        CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA delivery;
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA delivery;
        """;

    // Copies of PostgreSQL's own, blind to accents. Words of other languages are taken as they are.
    private const string Languages = """
        DO $$
        DECLARE language text;
        BEGIN
          PERFORM set_config('search_path', 'delivery, public', true);
          FOREACH language IN ARRAY ARRAY['french', 'english', 'german', 'spanish', 'italian', 'portuguese', 'arabic', 'simple'] LOOP
            EXECUTE format('CREATE TEXT SEARCH CONFIGURATION delivery.%I (COPY = pg_catalog.%I)', language, language);
            EXECUTE format('ALTER TEXT SEARCH CONFIGURATION delivery.%I ALTER MAPPING FOR hword, hword_part, word WITH unaccent, %I',
              language, CASE language WHEN 'simple' THEN 'simple' ELSE language || '_stem' END);
            EXECUTE format('ALTER TEXT SEARCH CONFIGURATION delivery.%I ALTER MAPPING FOR numword, numhword WITH unaccent, simple', language);
          END LOOP;
        END $$;
        """;

    // A partition for each stemming: its GIN index holds no words of others. No row is changed, only written anew, so the index has no list of
    // pending entries that a reader would have to go through.
    private const string Tables = """
        CREATE TABLE delivery.search (
          id uuid NOT NULL REFERENCES delivery.articles ON DELETE CASCADE,
          config text COLLATE "C" NOT NULL,
          language text COLLATE "C" NOT NULL,
          first_published_at timestamptz NOT NULL,
          targets uuid[] NOT NULL,
          fingerprint bytea NOT NULL,
          vector tsvector NOT NULL,
          PRIMARY KEY (id, config)
        ) PARTITION BY LIST (config);
        DO $$
        DECLARE language text;
        BEGIN
          FOREACH language IN ARRAY ARRAY['french', 'english', 'german', 'spanish', 'italian', 'portuguese', 'arabic', 'simple'] LOOP
            EXECUTE format('CREATE TABLE delivery.%I PARTITION OF delivery.search FOR VALUES IN (%L)', 'search_' || language, language);
          END LOOP;
        END $$;
        CREATE INDEX ON delivery.search (first_published_at, id); -- newest first, for common words
        CREATE INDEX ON delivery.search USING gin (vector) WITH (fastupdate = off);

        -- The words that tags and authors are called by, folded: what a mistyped word may have meant.
        CREATE TABLE delivery.spellings (
          target uuid NOT NULL,
          word text COLLATE "C" NOT NULL,
          spelling text NOT NULL,
          PRIMARY KEY (target, word)
        );
        DO $$ BEGIN
          PERFORM set_config('search_path', 'delivery, public', true);
          CREATE INDEX spellings_by_likeness ON delivery.spellings USING gin (word gin_trgm_ops) WITH (fastupdate = off);
        END $$;

        -- What an article is near to.
        CREATE TABLE delivery.nearness (
          id uuid PRIMARY KEY REFERENCES delivery.articles ON DELETE CASCADE,
          language text COLLATE "C" NOT NULL,
          translation_group uuid NOT NULL,
          section uuid,
          tags uuid[] NOT NULL,
          chosen uuid[] NOT NULL,
          words text[] NOT NULL
        );
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(Extensions);
        migrationBuilder.Sql(Languages);
        migrationBuilder.Sql(Tables);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            DROP TABLE delivery.search, delivery.spellings, delivery.nearness;
            DROP TEXT SEARCH CONFIGURATION delivery.french, delivery.english, delivery.german, delivery.spanish, delivery.italian, delivery.portuguese,
              delivery.arabic, delivery.simple;
            """);
        // The extensions stay: others may use them by now.
    }
}
