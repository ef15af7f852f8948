using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>
/// A mark beside the clock's number, made at random with each: after a failover that lost commits, a standby of the lost past may show the
/// same number as the new primary, and never the same mark.
/// </summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261125080000_Marks")]
public sealed class Marks : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("ALTER TABLE delivery.clock ADD COLUMN mark uuid NOT NULL DEFAULT gen_random_uuid()");
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("ALTER TABLE delivery.clock DROP COLUMN mark");
    }
}
