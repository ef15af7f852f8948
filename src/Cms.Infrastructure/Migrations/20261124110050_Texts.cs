using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>The plain text of published bodies.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124110050_Texts")]
public sealed class Texts : Migration
{
    // Apart from pages: what is read with every page must not carry what few ask for.
    private const string Table = """
        -- A body's plain text, as a JSON string.
        CREATE TABLE delivery.texts (
          id uuid PRIMARY KEY REFERENCES delivery.articles ON DELETE CASCADE,
          body bytea NOT NULL
        ) WITH (toast_tuple_target = 8160);
        ALTER TABLE delivery.texts ALTER COLUMN body SET STORAGE MAIN;
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
        migrationBuilder.Sql("DROP TABLE delivery.texts");
    }
}
