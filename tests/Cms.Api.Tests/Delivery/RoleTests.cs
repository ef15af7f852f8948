using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Delivery;

public sealed class RoleTests(ApiFixture fixture)
{
    private readonly Databases databases = fixture.Service.Services.GetRequiredService<Databases>();

    [Theory]
    [InlineData("SELECT 1 FROM cms.articles")]
    [InlineData("SELECT 1 FROM cms.subscribers")]
    [InlineData("SELECT 1 FROM cms.publications")]
    [InlineData("SELECT 1 FROM cms.tokens")]
    [InlineData("INSERT INTO delivery.documents (key) VALUES ('x')")]
    [InlineData("DELETE FROM delivery.articles")]
    [InlineData("CREATE TABLE delivery.x (y int)")]
    public async Task The_readers_role_may_select_in_delivery_and_nothing_else(string sql) => Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await Refused(databases.Delivery, sql));

    [Theory]
    [InlineData("UPDATE cms.audit SET actor = 'x'")]
    [InlineData("DELETE FROM cms.audit")]
    [InlineData("TRUNCATE cms.audit")]
    [InlineData("CREATE TABLE cms.x (y int)")]
    [InlineData("DROP TABLE cms.articles")]
    public async Task The_runtime_role_changes_neither_the_audit_nor_the_schema(string sql) => Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await Refused(databases.Runtime, sql));

    [Fact]
    public async Task The_role_survives_DISCARD_ALL()
    {
        // Outside the pool: the statements prepared on the connection are gone afterwards, which the next to take it from there would not know.
        var alone = new NpgsqlConnectionStringBuilder(databases.Delivery.ConnectionString)
        {
            Password = new NpgsqlConnectionStringBuilder(fixture.Service.ConnectionString).Password,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(alone.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var discard = new NpgsqlCommand("DISCARD ALL", connection);
        await discard.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var who = new NpgsqlCommand("SELECT current_user", connection);

        Assert.Equal(databases.Roles.Delivery, await who.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> Refused(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken))).SqlState;
    }
}
