using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class Lists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "lists",
                schema: "cms",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    slug = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    size = table.Column<int>(type: "integer", nullable: false),
                    pinned_ids = table.Column<Guid[]>(type: "uuid[]", nullable: false),
                    has_tail = table.Column<bool>(type: "boolean", nullable: false),
                    tail_section_id = table.Column<Guid>(type: "uuid", nullable: true),
                    tail_language = table.Column<string>(type: "character varying(35)", maxLength: 35, nullable: true),
                    section_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_lists", x => x.id);
                    table.ForeignKey(
                        name: "lists_section_fkey",
                        column: x => x.section_id,
                        principalSchema: "cms",
                        principalTable: "sections",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "lists_tail_section_fkey",
                        column: x => x.tail_section_id,
                        principalSchema: "cms",
                        principalTable: "sections",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_lists_tail_section_id",
                schema: "cms",
                table: "lists",
                column: "tail_section_id");

            migrationBuilder.CreateIndex(
                name: "lists_section_unique",
                schema: "cms",
                table: "lists",
                column: "section_id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "lists",
                schema: "cms");
        }
    }
}
