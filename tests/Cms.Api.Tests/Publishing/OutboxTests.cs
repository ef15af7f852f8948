using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Publishing;

public sealed class OutboxTests(ApiFixture fixture)
{
    [Fact]
    public async Task An_event_that_this_build_cannot_read_is_given_up_at_once()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await fixture.StartService();
        await service.Sql("INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead) VALUES ('unheard-of', gen_random_uuid(), now(), now(), 0, false)");

        await using var db = service.Services.GetRequiredService<JobContexts>().Open();
        while (!await db.Outbox.AsNoTracking().AnyAsync(e => e.Kind == "unheard-of" && e.Dead, ct)) await Task.Yield();
        Assert.Equal(1, (await db.Outbox.AsNoTracking().SingleAsync(ct)).Attempts);
    }
}
