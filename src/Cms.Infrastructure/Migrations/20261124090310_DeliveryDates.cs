using Cms.Domain.Sites;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>
/// When readers' bytes changed, which a re-render moves and <c>published_at</c> does not; and documents in the codings that clients ask for.
/// </summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124090310_DeliveryDates")]
public sealed class DeliveryDates : Migration
{
    // A tag that no document has makes the render that follows every migration fill the new columns.
    private const string Dates = """
        ALTER TABLE delivery.articles ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
        ALTER TABLE delivery.articles_br ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
        ALTER TABLE delivery.articles_gzip ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
        ALTER TABLE delivery.documents ADD COLUMN br bytea NOT NULL DEFAULT '', ADD COLUMN gzip bytea NOT NULL DEFAULT '';
        UPDATE delivery.documents SET etag = '';
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(Dates);
        // What was rendered before does not know the sections of the articles it shows.
        migrationBuilder.Sql($"""
            INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead)
            SELECT 'rerender', '{Site.OnlyId}', now(), now(), 0, false WHERE EXISTS (SELECT FROM delivery.articles)
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            ALTER TABLE delivery.articles DROP COLUMN changed_at;
            ALTER TABLE delivery.articles_br DROP COLUMN changed_at;
            ALTER TABLE delivery.articles_gzip DROP COLUMN changed_at;
            ALTER TABLE delivery.documents DROP COLUMN br, DROP COLUMN gzip;
            """);
    }
}
