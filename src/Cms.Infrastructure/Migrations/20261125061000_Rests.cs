using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>Which events must go alone, and who wants not to be asked for a while. Only <see cref="Outbox.OutboxLeases"/> knows of either.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261125061000_Rests")]
public sealed class Rests : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            ALTER TABLE cms.outbox ADD COLUMN alone boolean NOT NULL DEFAULT false;

            -- A row for each target that ever asked for one.
            CREATE TABLE cms.outbox_rests (
              kind varchar(30) NOT NULL,
              target varchar(300) NOT NULL,
              until timestamptz NOT NULL,
              PRIMARY KEY (kind, target)
            );
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE cms.outbox_rests; ALTER TABLE cms.outbox DROP COLUMN alone");
    }
}
