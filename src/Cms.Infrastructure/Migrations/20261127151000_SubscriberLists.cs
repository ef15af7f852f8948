using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>Lists of subscribers that come from files, and what finds segments. Only <see cref="Newsletter.Lists.ImportStore"/> knows of the tables.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261127151000_SubscriberLists")]
public sealed class SubscriberLists : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            CREATE TABLE cms.imports (
              id uuid PRIMARY KEY,
              status varchar(20) NOT NULL,
              format varchar(20),
              dry_run boolean NOT NULL,
              consent_source varchar(200) NOT NULL,
              text_version varchar(80) NOT NULL,
              consent_at timestamptz,
              language varchar(35),
              lines int NOT NULL DEFAULT 0,
              added int NOT NULL DEFAULT 0,
              updated int NOT NULL DEFAULT 0,
              unchanged int NOT NULL DEFAULT 0,
              refused int NOT NULL DEFAULT 0,
              batches int NOT NULL DEFAULT 0,
              attempts int NOT NULL DEFAULT 0,
              lease uuid,
              lease_until timestamptz NOT NULL DEFAULT now(),
              created_at timestamptz NOT NULL,
              started_at timestamptz,
              finished_at timestamptz,
              fault varchar(300)
            );
            CREATE INDEX imports_due ON cms.imports (id) WHERE status IN ('waiting', 'running');

            -- The file, until it is worked: any node can go on with it.
            CREATE TABLE cms.import_chunks (
              import_id uuid NOT NULL REFERENCES cms.imports ON DELETE CASCADE,
              number int NOT NULL,
              bytes bytea NOT NULL,
              PRIMARY KEY (import_id, number)
            );

            -- A row for each batch: the report of its lines, as it is sent. No address stands in it.
            CREATE TABLE cms.import_reports (
              import_id uuid NOT NULL REFERENCES cms.imports ON DELETE CASCADE,
              number int NOT NULL,
              lines text NOT NULL,
              PRIMARY KEY (import_id, number)
            );

            -- language=; sections have an index, status and since= (by the key, which begins with the time) too.
            CREATE INDEX subscribers_language ON cms.subscribers (language, id);
            """);
        migrationBuilder.Sql(Forgetting("'signed-up', 'confirmed', 'imported'"));
    }

    // Who came by an import and whose last word that is subscribes: their evidence stays.
    private static string Forgetting(string subscribing) => $"""
        CREATE OR REPLACE FUNCTION cms.forget_consents(portion int, OUT gone bigint) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
          WITH past AS (SELECT address_hash FROM cms.consents last
              WHERE at < now() - interval '3 years' AND kind NOT IN ({subscribing})
                AND NOT EXISTS (SELECT FROM cms.consents later WHERE later.address_hash = last.address_hash AND later.id > last.id) LIMIT portion),
            deleted AS (DELETE FROM cms.consents c USING past WHERE c.address_hash = past.address_hash RETURNING 1)
          SELECT count(*) FROM deleted
        $$
        """;

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP INDEX cms.subscribers_language; DROP TABLE cms.import_reports, cms.import_chunks, cms.imports");
        migrationBuilder.Sql(Forgetting("'signed-up', 'confirmed'"));
    }
}
