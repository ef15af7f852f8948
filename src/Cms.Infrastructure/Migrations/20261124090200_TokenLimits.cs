using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class TokenLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "requests_per_minute",
                schema: "cms",
                table: "tokens",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "writes_per_minute",
                schema: "cms",
                table: "tokens",
                type: "integer",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "requests_per_minute",
                schema: "cms",
                table: "tokens");

            migrationBuilder.DropColumn(
                name: "writes_per_minute",
                schema: "cms",
                table: "tokens");
        }
    }
}
