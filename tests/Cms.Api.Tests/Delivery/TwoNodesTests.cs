using System.Diagnostics;
using System.Net;
using Cms.Api.Delivery;
using Cms.Api.Tests.Operations;
using Cms.Domain.Access;
using Cms.Infrastructure.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Delivery;

/// <summary>Two nodes on one database: what one of them changes, readers of the other see. With CMS_CI_LONG=1 one is cut off for ten seconds, and right within two.</summary>
public sealed class TwoNodesTests(ApiFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly bool Long = Environment.GetEnvironmentVariable("CMS_CI_LONG") == "1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<Answer> Until(HttpClient reader, string path, Func<Answer, bool> isRight)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await reader.Get(path);
            if (isRight(answer)) return answer;
            Assert.False(patience.IsCancellationRequested, $"{path} never came right: {answer.Status}\n{answer.Message.Headers}");
        }
    }

    private static async Task Told(TestService node, TestService database)
    {
        var cache = node.Services.GetRequiredService<DeliveryCache>();
        await Waiting.Until(async () => cache.Known == (long?)await database.Sql("SELECT number FROM delivery.clock"), "the node is not told of what changed");
    }

    [Fact]
    public async Task What_one_node_publishes_withdraws_and_moves_the_readers_of_another_see()
    {
        await using var first = await fixture.StartService();
        await using var second = await TestService.Start(first.ConnectionString, Ct);
        using var editor = await first.Client(Ct, [.. Scope.All]);
        using var reader = second.Anonymous();
        var section = await editor.OpenSection();
        var slug = Wire.Unique("fern");
        var path = $"{Desk.Published}/{slug}";
        var list = $"{Desk.Published}?section={section.Slug()}";
        (await reader.Get(path)).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await reader.Get(list)).Body["items"]!.AsArray());

        var story = await editor.Story("Fern", section.Id, new { slug });
        await Until(reader, path, a => a.Status == HttpStatusCode.OK);
        await Until(reader, list, a => a.Body["items"]!.AsArray().Count == 1);

        story = await editor.Publish(await editor.Change(story, new { slug = slug + "-neu" }));
        await Until(reader, path, a => a.Status == HttpStatusCode.MovedPermanently);
        await Until(reader, list, a => a.Text.Contains(slug + "-neu", StringComparison.Ordinal));
        await editor.Withdraw(story);
        await Until(reader, path + "-neu", a => a.Status == HttpStatusCode.Gone);
        await Until(reader, path, a => a.Status == HttpStatusCode.Gone);
        await Until(reader, list, a => a.Body["items"]!.AsArray().Count == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_lost_the_database_says_so_and_is_right_again_once_it_is_back(bool isWall)
    {
        await using var first = await fixture.StartService();
        var (cable, connectionString) = Cable.Between(first.ConnectionString);
        await using var second = await TestService.Start(connectionString, Ct);
        using var editor = await first.Client(Ct, [.. Scope.All]);
        using var reader = second.Anonymous();
        var story = await editor.Story(Wire.Unique("alt"));
        var path = $"{Desk.Published}/{story.Slug()}";
        var cache = second.Services.GetRequiredService<DeliveryCache>();
        // Not before the node was told of all that the publication touched: what it had read by then it would forget.
        await first.Settle();
        await Told(second, first);
        var before = (await Until(reader, path, a => a.Status == HttpStatusCode.OK && cache.TryGet(new(path, Coding.Plain), out var _))).Text;

        if (isWall) cable.Wall();
        else cable.Cut();
        await editor.Publish(await editor.Change(story, new { kicker = "Neu" }));
        var cut = Stopwatch.GetTimestamp();
        var stale = await Until(reader, path, a => a.Message.Headers.Contains("Cache-Status") && (!Long || Stopwatch.GetElapsedTime(cut) > TimeSpan.FromSeconds(10)));
        Assert.Equal(before, stale.Text);
        Assert.Equal(TimeSpan.FromSeconds(5), stale.Message.Headers.CacheControl?.MaxAge);

        if (isWall) cable.Open();
        else cable.Mend();
        var mended = Stopwatch.GetTimestamp();
        var right = await Until(reader, path, a => !a.Message.Headers.Contains("Cache-Status"));
        Assert.Equal("Neu", right.Member("kicker")); // the watch confirms nothing before it has read what was missed
        if (Long) Assert.InRange(Stopwatch.GetElapsedTime(mended), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_missed_more_than_is_still_told_forgets_all_it_holds()
    {
        await using var first = await fixture.StartService();
        await using var second = await TestService.Start(first.ConnectionString, Ct);
        using var editor = await first.Client(Ct, [.. Scope.All]);
        using var reader = second.Anonymous();
        var story = await editor.Story(Wire.Unique("vergessen"));
        var path = $"{Desk.Published}/{story.Slug()}";
        await Until(reader, path, a => a.Status == HttpStatusCode.OK);
        await first.Sql("DELETE FROM delivery.ticks; UPDATE delivery.clock SET number = number + 5");

        await Told(second, first);
        Assert.Equal(0, second.Services.GetRequiredService<DeliveryCache>().Count);
    }

    [Fact]
    public async Task The_same_question_in_another_order_or_case_is_answered_from_what_is_held()
    {
        var story = await fixture.Editor.Story(Wire.Unique("ordnung"));
        var path = $"{Desk.Published}/{story.Slug()}";
        var first = await fixture.Reader.Get($"{path}?include=head&render=html");

        foreach (var same in new[] { $"{path}?render=html&include=head", $"{path.Replace("articles", "Articles", StringComparison.Ordinal)}?include=head&render=html" })
        {
            Answer? again = null;
            Assert.Equal(0, await SqlCommands.Of(async trace => again = await fixture.Reader.Get(same, trace)));
            Assert.Equal(first.ETag, again?.ETag);
        }
    }

    [Fact]
    public async Task A_crowd_that_asks_for_what_is_not_held_asks_the_database_once()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        var story = await editor.Story(Wire.Unique("andrang"));
        await Told(service, service); // what it reads before is not held

        var asked = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => SqlCommands.WithAnswer(trace => reader.Get($"{Desk.Published}/{story.Slug()}", trace))));

        Assert.Single(asked.Select(a => a.Answer.Is(HttpStatusCode.OK).ETag).Distinct());
        Assert.Equal(1, asked.Sum(a => a.Commands));
    }

    [Fact]
    public async Task Whoever_begins_to_ask_after_another_was_done_finds_what_is_held()
    {
        var story = await fixture.Editor.Story(Wire.Unique("spaet"));
        var path = $"{Desk.Published}/{story.Slug()}";
        var services = fixture.Service.Services;
        await Until(fixture.Reader, path, _ => services.GetRequiredService<DeliveryCache>().TryGet(new(path, Coding.Plain), out var _));

        // As one who looked before that: nothing was held.
        var (flights, servers) = (services.GetRequiredService<CacheFlights>(), services.GetRequiredService<DeliveryServers>());
        Assert.False(flights.Begin(new(path, Coding.Plain), new DeliveryReading(servers), out var late));
        Assert.Null(await late.Landed);
        Assert.True(flights.Begin(new($"{path}-nie", Coding.Plain), new DeliveryReading(servers), out var asks));
        asks.Abandon();
    }
}
