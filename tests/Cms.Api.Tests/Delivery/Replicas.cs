using System.Globalization;
using System.Net;
using Cms.Api.Tests.Postgres;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Delivery;

/// <summary>Two real servers by streaming replication: they start once, and one test after another has them.</summary>
[CollectionDefinition(nameof(Replicas))]
public sealed class TwoServers : ICollectionFixture<Replication>;

/// <summary>What tests ask of them.</summary>
public abstract class Replicas(Replication servers)
{
    protected Replication Servers => servers;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected Task<TestService> Serve(string replicas, CollectedLogs? logs = null, string? primary = null, int megabytes = 8) => TestService.Start(
        primary ?? Servers.Primary, Ct,
        new() { ["ConnectionStrings:CmsReplicas"] = replicas, ["Cms:Delivery:CacheMegabytes"] = megabytes.ToString(CultureInfo.InvariantCulture) }, logs is null ? null : logs.Collect);

    protected static async Task<Answer> Story(TestService service, string stem)
    {
        using var editor = await service.Client(Ct, [.. Scope.All]);
        return await editor.Story(Wire.Unique(stem));
    }

    protected static async Task<string[]> Stories(TestService service, int count)
    {
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        var slugs = new List<string>();
        for (var i = 0; i < count; i++) slugs.Add((await editor.Story(Wire.Unique("vorrat"), section.Id)).Slug());
        return [.. slugs.Select(s => $"{Desk.Published}/{s}")];
    }

    // Each address is asked once, so that it is read and not held.
    protected static async Task UntilTheStandbyServes(HttpClient reader)
    {
        using var reads = new StandbyReads();
        await Until(async () =>
        {
            var before = (reads.Standby, reads.Primary);
            (await reader.Get($"{Desk.Published}/{Wire.Unique("niemand")}")).Is(HttpStatusCode.NotFound);
            return reads.Standby > before.Standby && reads.Primary == before.Primary;
        });
    }

    protected static Task Until(Func<bool> isSo) => Until(() => Task.FromResult(isSo()));

    protected static Task Until(Func<Task<bool>> isSo) => Waiting.Until(isSo, "It never came to be.");

    protected static async Task<string> EndOfChanges(HttpClient reader) => (await ChangesSince(reader, null)).Next;

    protected static async Task<(string[] Changes, string Next)> ChangesSince(HttpClient reader, string? cursor)
    {
        var changes = new List<string>();
        while (true)
        {
            var page = (await reader.Get($"/delivery/v1/changes?limit=2{(cursor is null ? "" : $"&since={Uri.EscapeDataString(cursor)}")}")).Is(HttpStatusCode.OK).Body;
            changes.AddRange(page["items"]!.AsArray().Select(c => $"{c!["id"]} {c["change"]}"));
            cursor = page["next"]!.GetValue<string>();
            if (!page["more"]!.GetValue<bool>()) return ([.. changes], cursor);
        }
    }
}
