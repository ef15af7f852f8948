using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Cms.Infrastructure.Migrations;

/// <summary>How many articles readers see of each month, so that the index of sitemaps counts nothing.</summary>
[DbContext(typeof(CmsDbContext))]
[Migration("20261124093000_Sitemaps")]
public sealed class Sitemaps : Migration
{
    // A month of first publication never changes, so a new article changes the last month alone. A trigger keeps the count: whatever writes
    // listings keeps it right, a cascade too. Every write of delivery holds one lock, so nobody waits here.
    private const string Months = """
        CREATE TABLE delivery.sitemap_months (
          month date PRIMARY KEY,
          articles integer NOT NULL,
          updated_at timestamptz NOT NULL,
          version bigint NOT NULL
        ) WITH (fillfactor = 50);

        INSERT INTO delivery.sitemap_months (month, articles, updated_at, version)
          SELECT date_trunc('month', first_published_at AT TIME ZONE 'UTC')::date, count(*), max(updated_at), 1
          FROM delivery.listings WHERE target = '00000000-0000-0000-0000-000000000000' AND language = '' GROUP BY 1;

        CREATE FUNCTION delivery.count_into_sitemap() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' THEN
            UPDATE delivery.sitemap_months SET articles = articles - 1, version = version + 1
              WHERE month = date_trunc('month', OLD.first_published_at AT TIME ZONE 'UTC')::date;
          ELSE
            INSERT INTO delivery.sitemap_months AS m (month, articles, updated_at, version)
              VALUES (date_trunc('month', NEW.first_published_at AT TIME ZONE 'UTC')::date, 1, NEW.updated_at, 1)
              ON CONFLICT (month) DO UPDATE SET articles = m.articles + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE 0 END,
                updated_at = greatest(m.updated_at, excluded.updated_at), version = m.version + 1;
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER count_shown AFTER INSERT OR UPDATE OF updated_at ON delivery.listings FOR EACH ROW
          WHEN (NEW.target = '00000000-0000-0000-0000-000000000000' AND NEW.language = '') EXECUTE FUNCTION delivery.count_into_sitemap();
        CREATE TRIGGER count_gone AFTER DELETE ON delivery.listings FOR EACH ROW
          WHEN (OLD.target = '00000000-0000-0000-0000-000000000000' AND OLD.language = '') EXECUTE FUNCTION delivery.count_into_sitemap();
        """;

    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql(Months);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        migrationBuilder.Sql("""
            DROP TRIGGER count_shown ON delivery.listings;
            DROP TRIGGER count_gone ON delivery.listings;
            DROP FUNCTION delivery.count_into_sitemap;
            DROP TABLE delivery.sitemap_months;
            """);
    }
}
