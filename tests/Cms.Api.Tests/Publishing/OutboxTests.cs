using Cms.Infrastructure.Outbox;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Publishing;

public sealed class OutboxTests(ApiFixture fixture)
{
    [Fact]
    public async Task An_event_of_a_newer_release_is_left_to_the_nodes_that_know_it_and_delays_no_other()
    {
        await using var service = await fixture.StartService();
        await service.Sql("INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead) VALUES ('unheard-of', gen_random_uuid(), now() - interval '1 hour', now() - interval '1 hour', 0, false)");
        await service.Sql("INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead) VALUES ('rerender', gen_random_uuid(), now(), now(), 0, false)");

        while (await service.Sql("SELECT count(*) FROM cms.outbox WHERE kind = 'rerender'") is not 0L) await service.Services.GetRequiredService<OutboxPump>().PumpOnce(TestContext.Current.CancellationToken);

        Assert.Equal(0, await service.Sql("SELECT attempts FROM cms.outbox WHERE kind = 'unheard-of' AND NOT dead"));
    }
}
