using Npgsql;

namespace Cms.Api.Tests.Postgres;

public sealed class TimeTests(ApiFixture fixture)
{
    [Fact]
    public async Task The_ends_of_time_are_times_and_no_infinities()
    {
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var ask = source.CreateCommand("SELECT isfinite($1::timestamptz) AND isfinite($2::timestamptz)");
        ask.Parameters.AddWithValue(DateTimeOffset.MaxValue);
        ask.Parameters.AddWithValue(DateTimeOffset.MinValue);

        Assert.Equal(true, await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
