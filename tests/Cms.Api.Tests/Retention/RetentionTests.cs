using System.Net;
using Cms.Domain.Access;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Cms.Api.Tests.Retention;

public sealed class RetentionTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_past_its_time_goes_and_what_is_not_stays()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime());
        await using var service = await fixture.StartService(configure: b => b.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var timer = service.Services.GetRequiredService<RetentionTimer>();
        var (key, other) = (Wire.Unique("key"), Wire.Unique("key"));
        (await editor.Post(Desk.Articles, new { headline = "a" }, ("Idempotency-Key", key))).Is(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromHours(23));
        (await editor.Post(Desk.Articles, new { headline = "b" }, ("Idempotency-Key", other))).Is(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromHours(2));

        await timer.RunOnce(Ct);
        // The service's own timer saw the clock move too, and may be at it: one of the two has done it.
        Answer again;
        do again = await editor.Post(Desk.Articles, new { headline = "another body" }, ("Idempotency-Key", key)); while (again.Problem == "idempotency-key-reused" && await timer.RunOnce(Ct) >= 0);
        again.Is(HttpStatusCode.Created);
        (await editor.Post(Desk.Articles, new { headline = "another body" }, ("Idempotency-Key", other))).Refuses(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        // Tokens made for a year are listed for 30 days more, and then go.
        clock.Advance(TimeSpan.FromDays(366));
        (await editor.Get(Desk.Articles)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        using var fresh = await service.Client(Ct, Scope.TokensWrite);
        Assert.Equal(2, (await fresh.Get("/management/v1/tokens")).Body["items"]!.AsArray().Count);
        clock.Advance(TimeSpan.FromDays(29.9));
        while ((await fresh.Get("/management/v1/tokens")).Body["items"]!.AsArray().Count > 1) await timer.RunOnce(Ct);
    }
}
