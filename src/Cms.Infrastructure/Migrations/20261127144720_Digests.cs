using System;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <summary>Editions of the digest, and the ledger of their mails.</summary>
    [DbContext(typeof(CmsDbContext))]
    [Migration("20261127144720_Digests")]
    public sealed class Digests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "editions",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    frequency = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    date = table.Column<DateOnly>(type: "date", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    wishes = table.Column<string>(type: "json", nullable: false),
                    status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    frozen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    skipped_because = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    held_because = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false),
                    content = table.Column<string>(type: "json", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_editions", x => x.id);
                    table.UniqueConstraint("ak_editions_number", x => x.number);
                });

            migrationBuilder.CreateIndex(
                name: "editions_date_unique",
                schema: "cms",
                table: "editions",
                columns: new[] { "frequency", "date" },
                unique: true);
            migrationBuilder.Sql(Ledger);
        }

        // The ledger: which articles were in an edition, what each set of readers gets, and a row for each reader. What two nodes agree on
        // stands in progress and leases alone, so a claim is the same at the beginning of a list and at its end.
        private const string Ledger = """
            CREATE TABLE cms.edition_articles (
              frequency varchar(20) COLLATE "C" NOT NULL,
              article_id uuid NOT NULL,
              edition bigint NOT NULL,
              PRIMARY KEY (frequency, article_id));
            CREATE TABLE cms.digest_sets (
              edition bigint NOT NULL REFERENCES cms.editions (number) ON DELETE CASCADE,
              key uuid NOT NULL,
              language varchar(35) NOT NULL,
              parts json NOT NULL,
              article_ids uuid[] NOT NULL,
              PRIMARY KEY (edition, key));
            CREATE INDEX digest_sets_articles ON cms.digest_sets USING gin (article_ids); -- whose edition carried an error
            CREATE TABLE cms.digest_mails (
              edition bigint NOT NULL,
              subscriber_id uuid NOT NULL,
              set_key uuid NOT NULL,
              state smallint NOT NULL DEFAULT 0,
              attempts smallint NOT NULL DEFAULT 0,
              doubts smallint NOT NULL DEFAULT 0,
              code smallint,
              status varchar(20),
              at timestamptz,
              bounced_at timestamptz,
              complained_at timestamptz,
              left_at timestamptz,
              PRIMARY KEY (edition, subscriber_id)) WITH (fillfactor = 80); -- no index holds what changes, so a row is updated in its page
            CREATE TABLE cms.digest_deferred (
              edition bigint NOT NULL REFERENCES cms.editions (number) ON DELETE CASCADE,
              subscriber_id uuid NOT NULL,
              not_before timestamptz NOT NULL,
              PRIMARY KEY (edition, subscriber_id));
            CREATE INDEX digest_deferred_again ON cms.digest_deferred (edition, not_before);
            CREATE INDEX digest_mails_complaints ON cms.digest_mails (edition) WHERE complained_at IS NOT NULL;
            CREATE TABLE cms.digest_progress (
              edition bigint PRIMARY KEY REFERENCES cms.editions (number) ON DELETE CASCADE,
              listed_through uuid,
              is_listed boolean NOT NULL DEFAULT false,
              claimed_through uuid,
              due int NOT NULL DEFAULT 0,
              taken int, -- by servers, once it is sent
              nothing int NOT NULL DEFAULT 0,
              counts jsonb, -- of its mails, when their rows go
              is_emptied boolean NOT NULL DEFAULT false);
            CREATE TABLE cms.digest_clicks ( -- of those editions alone that count them; of nobody
              edition bigint NOT NULL REFERENCES cms.editions (number) ON DELETE CASCADE,
              article_id uuid NOT NULL,
              clicks bigint NOT NULL DEFAULT 0,
              PRIMARY KEY (edition, article_id)) WITH (fillfactor = 50); -- likewise
            CREATE TABLE cms.digest_leases (
              id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              edition bigint NOT NULL REFERENCES cms.editions (number) ON DELETE CASCADE,
              sending uuid[] NOT NULL DEFAULT '{}',
              until timestamptz NOT NULL) WITH (fillfactor = 25); -- likewise; there are a few for each node
            CREATE TABLE cms.digest_leased ( -- of its own: the lease changes with every commit, and this never
              lease bigint PRIMARY KEY REFERENCES cms.digest_leases (id) ON DELETE CASCADE,
              ids uuid[] NOT NULL);
            CREATE INDEX subscribers_digest ON cms.subscribers (frequency, id) WHERE status = 'Active';
            """;

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX cms.subscribers_digest; DROP TABLE cms.digest_leased, cms.digest_leases, cms.digest_clicks, cms.digest_progress, cms.digest_deferred, cms.digest_mails, cms.digest_sets, cms.edition_articles");

            migrationBuilder.DropTable(
                name: "editions",
                schema: "cms");
        }
    }
}
