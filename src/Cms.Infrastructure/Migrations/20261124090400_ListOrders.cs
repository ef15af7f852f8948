using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cms.Infrastructure.Migrations
{
    /// <inheritdoc />
    public partial class ListOrders : Migration
    {
        // The default keeps the release before this one writing listings meanwhile; it renders a publication at the time of it.
        private const string ListByUpdate = """
            ALTER TABLE delivery.listings ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
            UPDATE delivery.listings l SET updated_at = a.published_at FROM delivery.articles a WHERE a.id = l.article_id;
            CREATE INDEX listings_by_update ON delivery.listings (target, language, updated_at, article_id); -- sort=updated
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_subscribers_section_ids",
                schema: "cms",
                table: "subscribers",
                column: "section_ids")
                .Annotation("Npgsql:IndexMethod", "gin");
            migrationBuilder.Sql(ListByUpdate);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER TABLE delivery.listings DROP COLUMN updated_at");
            migrationBuilder.DropIndex(
                name: "ix_subscribers_section_ids",
                schema: "cms",
                table: "subscribers");
        }
    }
}
