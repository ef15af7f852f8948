using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using NpgsqlTypes;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "cms");

            migrationBuilder.CreateTable(
                name: "articles",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    slug_given = table.Column<bool>(type: "boolean", nullable: false),
                    translation_of = table.Column<Guid>(type: "uuid", nullable: true),
                    translation_group = table.Column<Guid>(type: "uuid", nullable: false),
                    external_id = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    word_count = table.Column<int>(type: "integer", nullable: false),
                    draft_fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    published_fingerprint = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_by = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    missing_share_image = table.Column<bool>(type: "boolean", nullable: false),
                    missing_share_alt = table.Column<bool>(type: "boolean", nullable: false),
                    missing_share_description = table.Column<bool>(type: "boolean", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false),
                    search = table.Column<NpgsqlTsVector>(type: "tsvector", nullable: true, computedColumnSql: "to_tsvector('simple', coalesce(draft_kicker, '') || ' ' || draft_headline)", stored: true),
                    draft_body = table.Column<string>(type: "json", nullable: false),
                    draft_corrections = table.Column<string>(type: "json", nullable: false),
                    draft_credits = table.Column<string>(type: "json", nullable: false),
                    draft_extra = table.Column<string>(type: "json", nullable: false),
                    draft_headline = table.Column<string>(type: "character varying(250)", maxLength: 250, nullable: false),
                    draft_kicker = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: true),
                    draft_language = table.Column<string>(type: "character varying(35)", maxLength: 35, nullable: false),
                    draft_lead_image = table.Column<string>(type: "json", nullable: true),
                    draft_other_section_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    draft_related_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    draft_section_id = table.Column<Guid>(type: "uuid", nullable: true),
                    draft_share = table.Column<string>(type: "json", nullable: false),
                    draft_sources = table.Column<string>(type: "json", nullable: false),
                    draft_standfirst = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    draft_tag_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_articles", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    action = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    resource = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    resource_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    members = table.Column<string[]>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "authors",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    bio = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    url = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: true),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_authors", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "idempotency_keys",
                schema: "cms",
                columns: table => new
                {
                    token_id = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, collation: "C"),
                    operation = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false, collation: "C"),
                    key = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false, collation: "C"),
                    request_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    location = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    entity_tag = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    resource_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_keys", x => new { x.token_id, x.operation, x.key });
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    kind = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    subject = table.Column<Guid>(type: "uuid", nullable: false),
                    progress = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    not_before = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    dead = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sections",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    parent_id = table.Column<Guid>(type: "uuid", nullable: true),
                    position = table.Column<int>(type: "integer", nullable: false),
                    language = table.Column<string>(type: "character varying(35)", maxLength: 35, nullable: false),
                    description = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    share = table.Column<string>(type: "json", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sections", x => x.id);
                    table.ForeignKey(
                        name: "sections_parent_fkey",
                        column: x => x.parent_id,
                        principalSchema: "cms",
                        principalTable: "sections",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "site",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    settings = table.Column<string>(type: "json", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_site", x => x.id);
                    table.CheckConstraint("site_is_one", "id = '00000000-0000-7000-8000-000000000001'");
                });

            migrationBuilder.CreateTable(
                name: "slugs",
                schema: "cms",
                columns: table => new
                {
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, collation: "C"),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false, collation: "C"),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("slugs_pkey", x => new { x.kind, x.slug });
                });

            migrationBuilder.CreateTable(
                name: "subscribers",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    email_key = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false, computedColumnSql: "lower(email COLLATE \"C\")", stored: true, collation: "C"),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    language = table.Column<string>(type: "character varying(35)", maxLength: 35, nullable: false),
                    frequency = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    section_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    consent = table.Column<string>(type: "json", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_subscribers", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "suppressions",
                schema: "cms",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    reason = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_suppressions", x => x.hash);
                });

            migrationBuilder.CreateTable(
                name: "tags",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(80)", maxLength: 80, nullable: false),
                    key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tags", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "tokens",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, collation: "C"),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    scopes = table.Column<string[]>(type: "text[]", nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    requests_per_minute = table.Column<int>(type: "integer", nullable: true),
                    writes_per_minute = table.Column<int>(type: "integer", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_by = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tokens", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "publications",
                schema: "cms",
                columns: table => new
                {
                    article_id = table.Column<Guid>(type: "uuid", nullable: false),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    translation_of = table.Column<Guid>(type: "uuid", nullable: true),
                    translation_group = table.Column<Guid>(type: "uuid", nullable: false),
                    content = table.Column<string>(type: "json", nullable: false),
                    word_count = table.Column<int>(type: "integer", nullable: false),
                    first_published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    published_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_publications", x => x.article_id);
                    table.ForeignKey(
                        name: "fk_publications_articles_article_id",
                        column: x => x.article_id,
                        principalSchema: "cms",
                        principalTable: "articles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "article_authors",
                schema: "cms",
                columns: table => new
                {
                    article_id = table.Column<Guid>(type: "uuid", nullable: false),
                    published = table.Column<bool>(type: "boolean", nullable: false),
                    author_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_article_authors", x => new { x.author_id, x.published, x.article_id });
                    table.ForeignKey(
                        name: "article_authors_author_fkey",
                        column: x => x.author_id,
                        principalSchema: "cms",
                        principalTable: "authors",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_article_authors_articles_article_id",
                        column: x => x.article_id,
                        principalSchema: "cms",
                        principalTable: "articles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "article_sections",
                schema: "cms",
                columns: table => new
                {
                    article_id = table.Column<Guid>(type: "uuid", nullable: false),
                    published = table.Column<bool>(type: "boolean", nullable: false),
                    section_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_article_sections", x => new { x.section_id, x.published, x.article_id });
                    table.ForeignKey(
                        name: "article_sections_section_fkey",
                        column: x => x.section_id,
                        principalSchema: "cms",
                        principalTable: "sections",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_article_sections_articles_article_id",
                        column: x => x.article_id,
                        principalSchema: "cms",
                        principalTable: "articles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "article_tags",
                schema: "cms",
                columns: table => new
                {
                    article_id = table.Column<Guid>(type: "uuid", nullable: false),
                    published = table.Column<bool>(type: "boolean", nullable: false),
                    tag_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_article_tags", x => new { x.tag_id, x.published, x.article_id });
                    table.ForeignKey(
                        name: "article_tags_tag_fkey",
                        column: x => x.tag_id,
                        principalSchema: "cms",
                        principalTable: "tags",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_article_tags_articles_article_id",
                        column: x => x.article_id,
                        principalSchema: "cms",
                        principalTable: "articles",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "token_uses",
                schema: "cms",
                columns: table => new
                {
                    token_id = table.Column<string>(type: "character varying(12)", maxLength: 12, nullable: false, collation: "C"),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_token_uses", x => x.token_id);
                    table.ForeignKey(
                        name: "fk_token_uses_tokens_token_id",
                        column: x => x.token_id,
                        principalSchema: "cms",
                        principalTable: "tokens",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_article_authors_article_id",
                schema: "cms",
                table: "article_authors",
                column: "article_id");

            migrationBuilder.CreateIndex(
                name: "ix_article_sections_article_id",
                schema: "cms",
                table: "article_sections",
                column: "article_id");

            migrationBuilder.CreateIndex(
                name: "ix_article_tags_article_id",
                schema: "cms",
                table: "article_tags",
                column: "article_id");

            migrationBuilder.CreateIndex(
                name: "articles_external_id_unique",
                schema: "cms",
                table: "articles",
                column: "external_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_articles_missing_share_alt",
                schema: "cms",
                table: "articles",
                column: "id",
                filter: "missing_share_alt");

            migrationBuilder.CreateIndex(
                name: "ix_articles_missing_share_description",
                schema: "cms",
                table: "articles",
                column: "id",
                filter: "missing_share_description");

            migrationBuilder.CreateIndex(
                name: "ix_articles_missing_share_image",
                schema: "cms",
                table: "articles",
                column: "id",
                filter: "missing_share_image");

            migrationBuilder.CreateIndex(
                name: "ix_articles_search",
                schema: "cms",
                table: "articles",
                column: "search")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_articles_status_id",
                schema: "cms",
                table: "articles",
                columns: new[] { "status", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_articles_updated_at_id",
                schema: "cms",
                table: "articles",
                columns: new[] { "updated_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_resource_id_id",
                schema: "cms",
                table: "audit",
                columns: new[] { "resource_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_keys_created_at",
                schema: "cms",
                table: "idempotency_keys",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_keys_resource_id",
                schema: "cms",
                table: "idempotency_keys",
                column: "resource_id");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_not_before_id",
                schema: "cms",
                table: "outbox",
                columns: new[] { "not_before", "id" },
                filter: "NOT dead");

            migrationBuilder.CreateIndex(
                name: "ix_publications_translation_group",
                schema: "cms",
                table: "publications",
                column: "translation_group");

            migrationBuilder.CreateIndex(
                name: "ix_sections_parent_id",
                schema: "cms",
                table: "sections",
                column: "parent_id");

            migrationBuilder.CreateIndex(
                name: "ix_sections_slug",
                schema: "cms",
                table: "sections",
                column: "slug");

            migrationBuilder.CreateIndex(
                name: "ix_slugs_owner_id",
                schema: "cms",
                table: "slugs",
                column: "owner_id");

            migrationBuilder.CreateIndex(
                name: "ix_subscribers_section_ids",
                schema: "cms",
                table: "subscribers",
                column: "section_ids")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_subscribers_status_id",
                schema: "cms",
                table: "subscribers",
                columns: new[] { "status", "id" });

            migrationBuilder.CreateIndex(
                name: "subscribers_email_unique",
                schema: "cms",
                table: "subscribers",
                column: "email_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "tags_key_unique",
                schema: "cms",
                table: "tags",
                column: "key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tokens_created_at_id",
                schema: "cms",
                table: "tokens",
                columns: new[] { "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_tokens_expires_at",
                schema: "cms",
                table: "tokens",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "article_authors",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "article_sections",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "article_tags",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "audit",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "idempotency_keys",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "outbox",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "publications",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "site",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "slugs",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "subscribers",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "suppressions",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "token_uses",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "authors",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "sections",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "tags",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "articles",
                schema: "cms");

            migrationBuilder.DropTable(
                name: "tokens",
                schema: "cms");
        }
    }
}
