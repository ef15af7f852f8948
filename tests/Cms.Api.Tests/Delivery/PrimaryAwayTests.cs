using System.Net;
using Cms.Api.Tests.Operations;
using Cms.Api.Tests.Postgres;

namespace Cms.Api.Tests.Delivery;

/// <summary>Without the primary readers get what a standby has, and are told so.</summary>
[Collection(nameof(Replicas))]
public sealed class PrimaryAwayTests(Replication servers) : Replicas(servers)
{
    [Fact]
    public async Task Without_the_primary_readers_get_what_the_standby_has_and_are_told_so()
    {
        var (cable, connectionString) = Cable.Between(Servers.Primary);
        await using var service = await Serve(Servers.Standby, primary: connectionString);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 3);
        await UntilTheStandbyServes(reader);

        cable.Cut();
        (await reader.Get(stories[0])).Is(HttpStatusCode.OK); // nobody noticed yet
        Answer answer;
        do answer = (await reader.Get($"{Desk.Published}/{Wire.Unique("niemand")}")).Is(HttpStatusCode.NotFound);
        while (!answer.Message.Headers.Contains("Cache-Status"));
        answer = (await reader.Get(stories[1])).Is(HttpStatusCode.OK);
        Assert.Equal("cms; fwd=miss; detail=stale", answer.Message.Headers.GetValues("Cache-Status").Single());
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Message.Headers.CacheControl?.MaxAge);
        (await reader.Get(stories[2])).Is(HttpStatusCode.OK);
        (await reader.Get("/delivery/v1/search?q=vorrat")).Is(HttpStatusCode.OK);
        (await reader.Get($"{Desk.Published}/gab-es-nie")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Equal("true", (await reader.Get("/health/ready")).Is(HttpStatusCode.OK).Member("delivery"));

        cable.Mend();
        await Until(async () => !(await reader.Get(stories[1])).Message.Headers.Contains("Cache-Status"));
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_primary_a_standby_that_is_behind_is_better_than_nothing()
    {
        var (cable, connectionString) = Cable.Between(Servers.Primary);
        await using var service = await Serve(Servers.Standby, primary: connectionString);
        using var reader = service.Anonymous();
        var stories = await Stories(service, 2);
        await UntilTheStandbyServes(reader);

        await Servers.Hold();
        try
        {
            await Stories(service, 1);
            cable.Cut();
            foreach (var path in stories)
            {
                var answer = (await reader.Get(path)).Is(HttpStatusCode.OK);
                Assert.Equal("cms; fwd=miss; detail=stale", answer.Message.Headers.GetValues("Cache-Status").Single());
            }
        }
        finally
        {
            await Servers.LetGo();
            await cable.DisposeAsync();
        }
    }
}
