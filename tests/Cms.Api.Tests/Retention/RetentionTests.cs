using System.Net;
using Cms.Api.Commands;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Cms.Api.Tests.Retention;

public sealed class RetentionTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A client with a token of thirty days.</summary>
    private static async Task<HttpClient> Client(TestService service, params string[] scopes)
    {
        var client = service.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await TokenCreate.Issue(service.Services, "Test", scopes, 30, Ct)).Reveal());
        return client;
    }

    [Fact]
    public async Task What_is_past_its_time_goes_and_what_is_not_stays()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime());
        await using var service = await fixture.StartService(configure: b => b.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        using var editor = await Client(service, [.. Scope.All]);
        var sweeper = service.Services.GetRequiredService<Sweeper>();
        var (key, other) = (Wire.Unique("key"), Wire.Unique("key"));
        (await editor.Post(Desk.Articles, new { headline = "a" }, ("Idempotency-Key", key))).Is(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromHours(23));
        (await editor.Post(Desk.Articles, new { headline = "b" }, ("Idempotency-Key", other))).Is(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromHours(2));

        await sweeper.RunOnce(Ct);
        // The service's own timer saw the clock move too, and may be at it: one of the two has done it.
        Answer again;
        do again = await editor.Post(Desk.Articles, new { headline = "another body" }, ("Idempotency-Key", key)); while (again.Problem == "idempotency-key-reused" && await sweeper.RunOnce(Ct) >= 0);
        again.Is(HttpStatusCode.Created);
        (await editor.Post(Desk.Articles, new { headline = "another body" }, ("Idempotency-Key", other))).Refuses(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        // Tokens made for 30 days are listed for 30 more, and then go.
        clock.Advance(TimeSpan.FromDays(31));
        (await editor.Get(Desk.Articles)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        using var fresh = await Client(service, Scope.TokensWrite);
        Assert.Equal(2, (await fresh.Get("/management/v1/tokens")).Body["items"]!.AsArray().Count);
        clock.Advance(TimeSpan.FromDays(29.9));
        while ((await fresh.Get("/management/v1/tokens")).Body["items"]!.AsArray().Count > 1) await sweeper.RunOnce(Ct);
    }

    [Fact]
    public async Task What_is_past_its_time_goes_in_portions_each_of_which_stays_done()
    {
        await using var service = await fixture.StartService();
        await service.Sql("""
            INSERT INTO cms.idempotency_keys (token_id, operation, key, request_hash, status, body, created_at)
            SELECT 't', 'o', i::text, '', 201, '', now() + i * interval '1 second' FROM generate_series(1, 2500) i
            """);
        // In three days: the service's own timer finds nothing to do.
        var clock = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime().AddDays(3));
        var sweeper = new Sweeper(service.Services.GetRequiredService<JobContexts>(), clock);

        // Somebody holds one of the last: what went before it stays gone.
        await using (var source = NpgsqlDataSource.Create(service.ConnectionString))
        {
            await using var connection = await source.OpenConnectionAsync(Ct);
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await using var hold = new NpgsqlCommand("SELECT FROM cms.idempotency_keys WHERE key = '2500' FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Ct);
            // While the service's own timer is at it, this one does nothing.
            Exception? fault = null;
            while (fault is null) fault = await Record.ExceptionAsync(() => sweeper.RunOnce(Ct));
        }

        Assert.Equal(500L, await service.Sql("SELECT count(*) FROM cms.idempotency_keys"));
        var gone = 0;
        while (gone == 0) gone = await sweeper.RunOnce(Ct);
        Assert.InRange(gone, 500, 510); // and what the clock of delivery told at the start
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.idempotency_keys"));
    }
}
