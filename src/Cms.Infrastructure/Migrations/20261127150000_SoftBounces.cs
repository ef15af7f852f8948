using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>Days on which mail to a reader came back softly. Only <see cref="Newsletter.Bounces.SoftBounces"/> knows of them.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261127150000_SoftBounces")]
public sealed class SoftBounces : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            CREATE TABLE cms.soft_bounces (
              subscriber_id uuid NOT NULL REFERENCES cms.subscribers ON DELETE CASCADE,
              day date NOT NULL,
              PRIMARY KEY (subscriber_id, day)
            );
            CREATE INDEX ix_soft_bounces_day ON cms.soft_bounces (day); -- retention
            """);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("DROP TABLE cms.soft_bounces");
    }
}
