using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>Authors and tags as readers get them.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124110000_Names")]
public sealed class Names : Migration
{
    // The last statement fills it for whoever has articles already.
    private const string Table = """
        -- Authors and tags that a published article shows, ready to send: a row goes with the last of its listings.
        CREATE TABLE delivery.names (
          kind text COLLATE "C" NOT NULL,
          slug text COLLATE "C" NOT NULL,
          id uuid NOT NULL UNIQUE,
          json bytea NOT NULL,
          PRIMARY KEY (kind, slug)
        ) WITH (toast_tuple_target = 8160);
        ALTER TABLE delivery.names ALTER COLUMN json SET STORAGE MAIN;

        INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead)
          SELECT 'rerender', id, now(), now(), 0, false FROM cms.site WHERE EXISTS (SELECT FROM delivery.articles);
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(Table);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE delivery.names");
    }
}
