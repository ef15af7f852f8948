using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Cms.Domain.Access;
using Cms.Infrastructure.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Publishing;

/// <summary>
/// Fifty articles at a time are edited, published, withdrawn, published again and moved, their sections renamed and moved, while readers ask
/// two nodes. A hundred interleavings; with CMS_CI_LONG=1 two thousand, and other ones each time.
/// </summary>
public sealed class LeakTests(ApiFixture fixture)
{
    private const int AtOnce = 50;

    private static readonly bool Long = Environment.GetEnvironmentVariable("CMS_CI_LONG") == "1";

    private readonly ConcurrentBag<string> faults = [];
    private int answers, confirmed;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_reader_of_two_nodes_sees_a_draft_a_mixture_or_what_was_withdrawn_or_replaced()
    {
        await using var first = await fixture.StartService();
        await using var second = await TestService.Start(first.ConnectionString, Ct);
        using var editor = await first.Client(Ct, [.. Scope.All]);
        using var other = await second.Client(Ct, [.. Scope.All]);
        var seed = Long ? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) : 1;

        for (var batch = 0; batch < (Long ? 2_000 : 100) / AtOnce; batch++)
        {
            var sections = new List<Answer>();
            for (var i = 0; i < 5; i++) sections.Add(await editor.OpenSection());
            Guid[] ids = [.. sections.Select(s => s.Id)];
            var stories = Enumerable.Range(0, AtOnce).Select(i => new LeakStory(i % 2 == 0 ? editor : other, i, ids, seed + (ulong)((batch * AtOnce) + i))).ToList();
            using var done = new CancellationTokenSource();
            var readers = new[] { first, second }.SelectMany((node, n) => Enumerable.Range(0, 2).Select(r => Read(node, stories, new Dice(seed + (ulong)(n * 10) + (ulong)r), done.Token))).ToList();
            var mover = Move(editor, ids, new Dice(seed), done.Token);
            await Parallel.ForEachAsync(stories, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct }, async (story, _) => await story.Work());
            await done.CancelAsync();
            await Task.WhenAll([.. readers, mover]);
            Assert.True(faults.IsEmpty, $"Seed {seed}: {string.Join('\n', faults.Take(5))}");
        }

        Assert.True(answers > 500 && confirmed > answers / 4, $"Of {answers} answers {confirmed} showed an article.");
    }

    private async Task Read(TestService node, List<LeakStory> stories, Dice dice, CancellationToken done)
    {
        using var reader = node.Anonymous();
        var watch = node.Services.GetRequiredService<ClockWatch>();
        while (!done.IsCancellationRequested)
        {
            await Task.Yield();
            var story = dice.OneOf(stories);
            if (story.Slugs.IsEmpty) continue; // its editor has not begun
            // What the node knew when it was asked. Read in this order: the clock's reading is older than this.
            var (age, now) = (watch.Age, Stopwatch.GetTimestamp());
            var knownAt = age > TimeSpan.FromSeconds(2) ? 0 : now - (long)(age.TotalSeconds * Stopwatch.Frequency);
            await (dice.Throw(4) switch
            {
                0 => List(reader, stories, knownAt),
                1 => One(reader, story, dice.OneOf([.. story.Slugs]), "?include=head&render=html", knownAt),
                _ => One(reader, story, dice.OneOf([.. story.Slugs]), "", knownAt),
            });
        }
    }

    private async Task One(HttpClient reader, LeakStory story, string slug, string query, long knownAt)
    {
        var answer = await reader.Get($"{Desk.Published}/{slug}{query}");
        Interlocked.Increment(ref answers);
        switch (answer.Status)
        {
            case HttpStatusCode.OK:
                Interlocked.Increment(ref confirmed);
                Blame(story.Fault(answer.Text, knownAt));
                if (!story.Shown.ContainsKey(slug)) Blame($"{slug} is a draft's.");
                break;
            case HttpStatusCode.MovedPermanently:
                var location = answer.Message.Headers.Location?.ToString().Split('/', '?')[4] ?? "";
                if (!story.Shown.ContainsKey(location)) Blame($"{slug} leads to {location}, which is a draft's.");
                break;
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                if (story.Shown.TryGetValue(slug, out var shownAt) && shownAt != 0 && shownAt < knownAt && !story.MayBeGone(knownAt)) Blame($"{slug} is {(int)answer.Status} and published.");
                break;
            default:
                Blame(answer.Text);
                break;
        }
    }

    private async Task List(HttpClient reader, List<LeakStory> stories, long knownAt)
    {
        var items = (await reader.Get($"{Desk.Published}?limit=100")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().Select(i => i!.ToJsonString()).ToList();
        Interlocked.Increment(ref answers);
        foreach (var story in stories)
        {
            if (items.SingleOrDefault(story.IsIn) is { } item) Blame(story.Fault(item, knownAt));
            else if (!story.MayBeGone(knownAt)) Blame("A list lacks a published article.");
        }
    }

    private static async Task Move(HttpClient editor, Guid[] sections, Dice dice, CancellationToken done)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(250)); // a newsroom that does nothing but rename would be another test
        while (await pace.WaitForNextTickAsync(CancellationToken.None) && !done.IsCancellationRequested)
        {
            object change = dice.Throw(3) == 0
                ? new { parentId = dice.Throw(2) == 0 ? (Guid?)null : dice.OneOf(sections) }
                : new { name = Wire.Unique("Rubrik"), slug = Wire.Unique("rubrik") };
            var answer = await editor.Patch($"{Desk.Sections}/{dice.OneOf(sections)}", change, "*");
            Assert.True((int)answer.Status is < 500 or 503, answer.Text);
        }
    }

    private void Blame(string? fault)
    {
        if (fault is not null) faults.Add(fault);
    }
}
