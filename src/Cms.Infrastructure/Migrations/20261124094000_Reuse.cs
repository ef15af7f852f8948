using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Reuse : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "reuse",
                schema: "cms",
                table: "sections",
                type: "json",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<string>(
                name: "draft_reuse",
                schema: "cms",
                table: "articles",
                type: "json",
                nullable: false,
                defaultValue: "{}");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "reuse",
                schema: "cms",
                table: "sections");

            migrationBuilder.DropColumn(
                name: "draft_reuse",
                schema: "cms",
                table: "articles");
        }
    }
}
