using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>Lists as readers get them.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124110100_DeliveryLists")]
public sealed class DeliveryLists : Migration
{
    private const string Tables = """
        CREATE TABLE delivery.lists (
          id uuid PRIMARY KEY,
          slug text COLLATE "C" NOT NULL UNIQUE,
          name text NOT NULL,
          size int NOT NULL,
          tail uuid, -- whose listing fills it: a section's, or (zero) all; none when nothing does
          language text COLLATE "C" NOT NULL, -- of the tail; empty for all
          section_id uuid UNIQUE -- whose front it is
        );

        -- What an editor put first, of what is published.
        CREATE TABLE delivery.list_pins (
          list_id uuid NOT NULL REFERENCES delivery.lists ON DELETE CASCADE,
          position int NOT NULL,
          article_id uuid NOT NULL REFERENCES delivery.articles ON DELETE CASCADE,
          PRIMARY KEY (list_id, position)
        );
        CREATE INDEX ON delivery.list_pins (article_id);
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(Tables);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE delivery.list_pins, delivery.lists");
    }
}
