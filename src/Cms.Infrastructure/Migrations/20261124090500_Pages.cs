using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>An article with its HTML and head, and the head alone, as bytes ready to send: one narrow table per coding, as of articles.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124090500_Pages")]
public sealed class Pages : Migration
{
    private static readonly string[] Tables = ["pages", "pages_br", "pages_gzip", "heads", "heads_br", "heads_gzip"];

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        foreach (var table in Tables)
            migrationBuilder.Sql($"""
                CREATE TABLE delivery.{table} (
                  id uuid PRIMARY KEY REFERENCES delivery.articles ON DELETE CASCADE,
                  slug text COLLATE "C" NOT NULL UNIQUE,
                  etag text NOT NULL,
                  changed_at timestamptz NOT NULL,
                  body bytea NOT NULL
                ) WITH (toast_tuple_target = 8160);
                ALTER TABLE delivery.{table} ALTER COLUMN body SET STORAGE MAIN;
                """);
        migrationBuilder.Sql($"""
            INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead)
            SELECT 'rerender', '{Site.OnlyId}', now(), now(), 0, false WHERE EXISTS (SELECT FROM delivery.articles)
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        foreach (var table in Tables) migrationBuilder.Sql($"DROP TABLE delivery.{table}");
    }
}
