using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Purges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "lease",
                schema: "cms",
                table: "outbox",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "payload",
                schema: "cms",
                table: "outbox",
                type: "jsonb",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "target",
                schema: "cms",
                table: "outbox",
                type: "character varying(300)",
                maxLength: 300,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "lease",
                schema: "cms",
                table: "outbox");

            migrationBuilder.DropColumn(
                name: "payload",
                schema: "cms",
                table: "outbox");

            migrationBuilder.DropColumn(
                name: "target",
                schema: "cms",
                table: "outbox");
        }
    }
}
