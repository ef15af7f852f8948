using System.Collections.Concurrent;
using System.Diagnostics;

namespace Cms.Api.Tests.Contract;

/// <summary>What a request costs the database does not grow with what it asks for: no N+1.</summary>
public sealed class CommandCountTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    /// <summary>Commands of one request, told from all others by a trace id of its own.</summary>
    private static async Task<int> Commands(Func<(string, string), Task<Answer>> ask)
    {
        var (trace, count) = (ActivityTraceId.CreateRandom(), new ConcurrentBag<string>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.Source.Name == "Npgsql" && activity.TraceId == trace) count.Add(activity.OperationName);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var answer = await ask(("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
        Assert.True((int)answer.Status < 300, answer.Text);
        return count.Count;
    }

    private Task<int> Reading(string path) => Commands(trace => editor.Get(path, trace));

    private static object Large(int many) => new
    {
        headline = Wire.Unique("gross"),
        tags = Enumerable.Range(0, many).Select(i => $"gemeinsam {i}"),
        credits = Enumerable.Range(0, Math.Min(many, 20)).Select(i => new { role = "author", name = $"n{i}" }),
        body = Enumerable.Range(0, many * 10).Select(i => new { type = "paragraph", text = $"absatz {i}" }),
    };

    [Fact]
    public async Task An_article_by_its_slug_is_one_command()
    {
        var story = await editor.Story(Wire.Unique("eins"));
        await Reading($"{Desk.Published}/{story.Slug()}");

        Assert.Equal(1, await Reading($"{Desk.Published}/{story.Slug()}"));
        Assert.Equal(1, await Reading(Desk.Published));
        Assert.Equal(1, await Reading($"{Desk.Published}?limit=100"));
        Assert.Equal(1, await Reading("/delivery/v1/sections"));
    }

    [Theory]
    [InlineData(Desk.Articles)]
    [InlineData(Desk.Sections)]
    [InlineData("/management/v1/tags")]
    [InlineData("/management/v1/authors")]
    [InlineData("/management/v1/subscribers")]
    [InlineData("/management/v1/tokens")]
    [InlineData("/management/v1/audit")]
    public async Task A_page_of_a_hundred_costs_what_a_page_of_one_costs(string path)
    {
        for (var i = 0; i < 3; i++) await editor.Draft(Wire.Unique("zeile"), more: new { tags = new[] { Wire.Unique("t") } });

        Assert.Equal(await Reading($"{path}?limit=1"), await Reading($"{path}?limit=100"));
    }

    [Fact]
    public async Task A_large_article_is_written_and_read_with_as_many_commands_as_a_small_one()
    {
        (await editor.Post(Desk.Articles, Large(30))).Is(System.Net.HttpStatusCode.Created); // its tags are made once
        Answer? small = null, large = null;
        var writingSmall = await Commands(async trace => small = await editor.Post(Desk.Articles, Large(1), trace));
        var writingLarge = await Commands(async trace => large = await editor.Post(Desk.Articles, Large(30), trace));

        Assert.Equal(writingSmall, writingLarge);
        Assert.Equal(await Reading($"{Desk.Articles}/{small!.Id}"), await Reading($"{Desk.Articles}/{large!.Id}"));
    }
}
