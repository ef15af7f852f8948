using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>The one clock of delivery, what each of its numbers changed, and each article's last change.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124090200_Clock")]
public sealed class Clock : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            -- One row: a change of delivery takes its number as its last statement, so numbers have no gaps and stand in the order of commits.
            -- "forgotten" is the number of the latest withdrawal that retention deleted.
            CREATE TABLE delivery.clock (
              single boolean PRIMARY KEY DEFAULT true CHECK (single),
              number bigint NOT NULL,
              forgotten bigint NOT NULL
            ) WITH (fillfactor = 10);
            INSERT INTO delivery.clock (number, forgotten) VALUES (0, 0);

            -- What each number touched, for caches: kept a day, and a cache that was away longer forgets all it holds.
            CREATE TABLE delivery.ticks (
              number bigint PRIMARY KEY,
              at timestamptz NOT NULL DEFAULT now(),
              keys text[] NOT NULL
            );

            -- Each article's last change: what a copy of the site has to follow.
            CREATE TABLE delivery.changes (
              article_id uuid PRIMARY KEY,
              number bigint NOT NULL,
              at timestamptz NOT NULL DEFAULT now(),
              slug text COLLATE "C" NOT NULL,
              gone boolean NOT NULL
            );
            CREATE UNIQUE INDEX changes_by_number ON delivery.changes (number, article_id);
            CREATE INDEX changes_gone ON delivery.changes (at) WHERE gone; -- retention
            INSERT INTO delivery.changes (article_id, number, slug, gone) SELECT id, 0, slug, false FROM delivery.articles;

            -- One shape for every stored form.
            ALTER TABLE delivery.articles RENAME COLUMN json TO body;
            ALTER TABLE delivery.articles DROP COLUMN published_at;
            ALTER TABLE delivery.articles_br DROP COLUMN published_at;
            ALTER TABLE delivery.articles_gzip DROP COLUMN published_at;

            -- Tells whether a list would show something else.
            ALTER TABLE delivery.summaries ADD COLUMN etag text NOT NULL DEFAULT '';
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            ALTER TABLE delivery.summaries DROP COLUMN etag;
            ALTER TABLE delivery.articles RENAME COLUMN body TO json;
            ALTER TABLE delivery.articles ADD COLUMN published_at timestamptz NOT NULL DEFAULT now();
            ALTER TABLE delivery.articles_br ADD COLUMN published_at timestamptz NOT NULL DEFAULT now();
            ALTER TABLE delivery.articles_gzip ADD COLUMN published_at timestamptz NOT NULL DEFAULT now();
            DROP TABLE delivery.changes, delivery.ticks, delivery.clock;
            """);
    }
}
