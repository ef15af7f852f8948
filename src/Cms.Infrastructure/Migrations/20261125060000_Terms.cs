using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>What an article's terms of reuse say to who mines texts, beside each of its stored forms.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261125060000_Terms")]
public sealed class Terms : Migration
{
    // The names are this class's own.
    private static readonly string[] Tables = ["articles", "articles_br", "articles_gzip", "pages", "pages_br", "pages_gzip", "heads", "heads_br", "heads_gzip"];

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        // "0", "1", or "1" and the policy's address; null where nobody says anything.
        foreach (var table in Tables) migrationBuilder.Sql($"ALTER TABLE delivery.{table} ADD COLUMN tdm text");
        // Fills it for whoever has articles already.
        migrationBuilder.Sql("""
            INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead)
              SELECT 'rerender', id, now(), now(), 0, false FROM cms.site WHERE EXISTS (SELECT FROM delivery.articles)
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        foreach (var table in Tables) migrationBuilder.Sql($"ALTER TABLE delivery.{table} DROP COLUMN tdm");
    }
}
