using System.Net;
using Npgsql;

namespace Cms.Api.Tests.Delivery;

public sealed class SearchFloodTests(ApiFixture fixture)
{
    private const int AtOnce = 6;

    [Fact]
    public async Task A_flood_of_searches_is_refused_at_once_past_its_places_and_articles_still_answer()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await fixture.StartService(new() { ["Cms:Limits:SearchAtOnce"] = $"{AtOnce}" });
        using var editor = await service.Client(ct, [.. Domain.Access.Scope.All]);
        using var reader = service.Anonymous();
        var story = await editor.Story(Wire.Unique("flut"));

        // Every search waits for this lock until its time is over: the pool is full, and so are the places.
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var locking = new NpgsqlCommand("LOCK TABLE delivery.search, delivery.nearness IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await locking.ExecuteNonQueryAsync(ct);
        var searches = Enumerable.Range(0, 40).Select(i => reader.Get(i % 2 == 0 ? $"/delivery/v1/search?q=flut{i}" : $"{Desk.Published}/{story.Slug()}/related")).ToList();
        while (searches.Count(s => s.IsCompleted) < searches.Count - AtOnce) await Task.WhenAny(searches.Where(s => !s.IsCompleted));

        for (var i = 0; i < 50; i++)
        {
            (await reader.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK);
            (await reader.Get(Desk.Published)).Is(HttpStatusCode.OK);
        }

        var answers = await Task.WhenAll(searches);
        Assert.All(answers, a => Assert.NotNull(a.Refuses(HttpStatusCode.ServiceUnavailable, "unavailable").Message.Headers.RetryAfter));
        Assert.Equal(searches.Count - AtOnce, answers.Count(a => a.Text.Contains("Too many searches", StringComparison.Ordinal))); // without a wait; the others had places
        await transaction.RollbackAsync(ct);
        (await reader.Get("/delivery/v1/search?q=flut")).Is(HttpStatusCode.OK);
    }
}
