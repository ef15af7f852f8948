using System;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <summary>Sign-ups, the links that confirm them, how often a form mails an address, and the ledger of consents.</summary>
    [DbContext(typeof(CmsDbContext))]
    [Migration("20261127141240_SignUps")]
    public sealed class SignUps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "opt_in",
                schema: "cms",
                table: "subscribers",
                type: "json",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "asked_mails",
                schema: "cms",
                columns: table => new
                {
                    subject = table.Column<Guid>(type: "uuid", nullable: false),
                    address_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_asked_mails", x => x.subject);
                });

            migrationBuilder.CreateTable(
                name: "consents",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    address_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    source = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    text_version = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true),
                    client_address = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_consents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sign_ups",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    choices = table.Column<string>(type: "json", nullable: false),
                    origin = table.Column<string>(type: "json", nullable: false),
                    subscriber_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_ups", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "confirmation_links",
                schema: "cms",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    sign_up_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_confirmation_links", x => x.hash);
                    table.ForeignKey(
                        name: "fk_confirmation_links_sign_ups_sign_up_id",
                        column: x => x.sign_up_id,
                        principalSchema: "cms",
                        principalTable: "sign_ups",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_asked_mails_address_hash_at",
                schema: "cms",
                table: "asked_mails",
                columns: new[] { "address_hash", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_asked_mails_at",
                schema: "cms",
                table: "asked_mails",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_confirmation_links_sign_up_id",
                schema: "cms",
                table: "confirmation_links",
                column: "sign_up_id");

            migrationBuilder.CreateIndex(
                name: "ix_consents_address_hash_id",
                schema: "cms",
                table: "consents",
                columns: new[] { "address_hash", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_consents_at",
                schema: "cms",
                table: "consents",
                column: "at",
                filter: "client_address IS NOT NULL AND client_address NOT LIKE '%/%'");

            migrationBuilder.CreateIndex(
                name: "ix_sign_ups_created_at",
                schema: "cms",
                table: "sign_ups",
                column: "created_at");

            // An erasure finds what an address asked for.
            migrationBuilder.Sql("CREATE INDEX sign_ups_email ON cms.sign_ups (lower(email COLLATE \"C\")); CREATE INDEX sign_ups_subscriber ON cms.sign_ups (subscriber_id) WHERE subscriber_id IS NOT NULL");
            // Whose network address is to be cut.
            migrationBuilder.Sql("CREATE INDEX subscribers_opt_in_address ON cms.subscribers (id) WHERE opt_in->>'clientAddress' NOT LIKE '%/%'");
            migrationBuilder.Sql(Forgetting);
            migrationBuilder.Sql("""
                CREATE TABLE cms.solved_challenges (hash bytea PRIMARY KEY, expires_at timestamptz NOT NULL);
                CREATE INDEX solved_challenges_expired ON cms.solved_challenges (expires_at);
                """);
        }

        // The ledger is only added to: the service's own role may not delete of it, so its owner does, and nothing but what is past its time. That is three
        // years after an address's last word, when that word was not that it subscribes.
        private const string Forgetting = """
            CREATE FUNCTION cms.forget_consents(portion int, OUT gone bigint) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
              WITH past AS (SELECT address_hash FROM cms.consents last
                  WHERE at < now() - interval '3 years' AND kind NOT IN ('signed-up', 'confirmed')
                    AND NOT EXISTS (SELECT FROM cms.consents later WHERE later.address_hash = last.address_hash AND later.id > last.id) LIMIT portion),
                deleted AS (DELETE FROM cms.consents c USING past WHERE c.address_hash = past.address_hash RETURNING 1)
              SELECT count(*) FROM deleted
            $$;
            REVOKE EXECUTE ON FUNCTION cms.forget_consents FROM PUBLIC
            """;

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE cms.solved_challenges; DROP FUNCTION cms.forget_consents; DROP INDEX cms.subscribers_opt_in_address");

            migrationBuilder.DropTable(
                name: "asked_mails",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "confirmation_links",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "consents",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "sign_ups",
                schema: "cms");

            migrationBuilder.DropColumn(
                name: "opt_in",
                schema: "cms",
                table: "subscribers");
        }
    }
}
