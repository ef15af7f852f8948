using System.Net;
using Cms.Domain.Access;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cms.Api.Tests.Delivery;

/// <summary>The stream of changes: what a copy of the site follows.</summary>
public sealed class ChangesTests(ApiFixture fixture)
{
    private const string Changes = "/delivery/v1/changes";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string[] Told(Answer page) => [.. page.Body["items"]!.AsArray().Select(i => $"{i!["change"]} {i["slug"]}")];

    [Fact]
    public async Task Each_article_is_told_once_at_its_last_change_and_a_follower_misses_none()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Scope.All]);
        var stories = new List<Answer>();
        for (var i = 0; i < 5; i++) stories.Add(await own.Story(Wire.Unique("lauf")));
        var first = (await own.Get($"{Changes}?limit=3")).Is(HttpStatusCode.OK);
        Assert.Equal([.. stories.Take(3).Select(s => $"upsert {s.Slug()}")], Told(first));
        Assert.Equal("true", first.Member("more"));

        await own.Withdraw(stories[4]);
        await own.Publish(await own.Change(stories[0], new { kicker = "neu" }));
        var rest = (await own.Get($"{Changes}?since={first.Member("next")}")).Is(HttpStatusCode.OK);
        Assert.Equal([$"upsert {stories[3].Slug()}", $"withdrawal {stories[4].Slug()}", $"upsert {stories[0].Slug()}"], Told(rest));
        Assert.Equal("false", rest.Member("more"));

        var idle = (await own.Get($"{Changes}?since={rest.Member("next")}")).Is(HttpStatusCode.OK);
        Assert.Equal(("[]", rest.Member("next")), (idle.Member("items"), idle.Member("next")));
        var section = await own.Get($"{Desk.Sections}/{stories[1].Body["sectionId"]}");
        (await own.Patch($"{Desk.Sections}/{section.Id}", new { name = "Umbenannt" }, section.ETag)).Is(HttpStatusCode.OK);
        await service.Settle();
        Assert.Equal([$"upsert {stories[1].Slug()}"], Told(await own.Get($"{Changes}?since={rest.Member("next")}")));
    }

    [Fact]
    public async Task Numbers_have_no_gaps_however_many_publish_at_once()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Scope.All]);
        var drafts = new List<Answer>();
        for (var i = 0; i < 24; i++) drafts.Add(await own.Draft(Wire.Unique("dicht")));
        await Task.WhenAll(drafts.Select(async d => (await Desk.Patiently(() => own.Act($"{Desk.Articles}/{d.Id}/publish", d.ETag))).Is(HttpStatusCode.OK)));

        Assert.Equal(await service.Sql("SELECT number FROM delivery.clock"), await service.Sql("SELECT count(*) FROM delivery.ticks"));
        Assert.Equal(await service.Sql("SELECT number FROM delivery.clock"), await service.Sql("SELECT max(number) FROM delivery.ticks"));
        Assert.Equal(24L, await service.Sql("SELECT count(DISTINCT number) FROM delivery.changes"));
    }

    [Fact]
    public async Task A_cursor_from_before_what_is_forgotten_is_410_and_one_from_after_goes_on()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime());
        await using var service = await fixture.StartService(configure: b => b.Services.AddSingleton<TimeProvider>(time));
        using var own = await service.Client(Ct, [.. Scope.All]);
        var (kept, gone) = (await own.Story(Wire.Unique("bleibt")), await own.Story(Wire.Unique("geht")));
        var before = (await own.Get(Changes)).Member("next");
        await own.Withdraw(gone);
        var after = (await own.Get(Changes)).Member("next");

        time.Advance(TimeSpan.FromDays(91));
        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);
        using var later = await service.Client(Ct, [.. Scope.All]);
        await later.Story(Wire.Unique("danach"));

        (await later.Get($"{Changes}?since={before}")).Refuses(HttpStatusCode.Gone, "cursor-expired");
        Assert.Single(Told(await later.Get($"{Changes}?since={after}")));
        Assert.Equal(2, Told(await later.Get(Changes)).Length);
        Assert.Contains($"upsert {kept.Slug()}", Told(await later.Get(Changes)));
    }

    [Fact]
    public async Task A_copy_that_begins_after_something_was_forgotten_comes_to_its_end_and_an_empty_site_expires_nothing()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Scope.All]);
        var empty = (await own.Get(Changes)).Is(HttpStatusCode.OK);
        (await own.Get($"{Changes}?since={empty.Member("next")}")).Is(HttpStatusCode.OK);

        for (var i = 0; i < 5; i++) await own.Story(Wire.Unique("alt"));
        await service.Sql("UPDATE delivery.clock SET forgotten = number");
        var (seen, page) = (0, await own.Get($"{Changes}?limit=2"));
        while (true)
        {
            seen += Told(page.Is(HttpStatusCode.OK)).Length;
            if (page.Member("more") == "false") break;
            page = await own.Get($"{Changes}?limit=2&since={page.Member("next")}");
        }

        Assert.Equal(5, seen);
        (await own.Get($"{Changes}?since={page.Member("next")}")).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("-1 1")]
    [InlineData("99999999999999999999 1")]
    public async Task A_cursor_that_somebody_made_is_refused(string position)
    {
        var fingerprint = System.Security.Cryptography.SHA256.HashData("listChanges"u8);
        var forged = Api.Http.Cursor.Write(fingerprint, new(DateTimeOffset.MinValue, Guid.Empty, position));

        Assert.Equal(["since cursor"], (await fixture.Reader.Get($"{Changes}?since={forged}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task What_an_older_release_stored_in_part_is_told_when_it_is_withdrawn()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Scope.All]);
        var story = await own.Story(Wire.Unique("teil"));
        var path = $"{Desk.Published}/{story.Slug()}";
        await service.Sql("DELETE FROM delivery.texts; DELETE FROM delivery.nearness");
        var since = (await own.Get(Changes)).Member("next");
        (await own.Get(path)).Is(HttpStatusCode.OK);

        await own.Withdraw(story);
        (await own.Get(path)).Refuses(HttpStatusCode.Gone, "gone");
        Assert.Equal([$"withdrawal {story.Slug()}"], Told(await own.Get($"{Changes}?since={since}")));
    }

    [Theory]
    [InlineData("since=x", "since cursor")]
    [InlineData("since=", "since range")]
    [InlineData("limit=0", "limit range")]
    [InlineData("cursor=x", "cursor unknown")]
    public async Task A_wrong_parameter_is_refused_by_its_name(string query, string error) =>
        Assert.Equal([error], (await fixture.Reader.Get($"{Changes}?{query}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);

    [Fact]
    public async Task A_cursor_of_another_list_is_refused()
    {
        await fixture.Editor.Story(Wire.Unique("fremd"));
        await fixture.Editor.Story(Wire.Unique("fremd"));
        var foreign = (await fixture.Reader.Get($"{Desk.Published}?limit=1")).Member("next");

        (await fixture.Reader.Get($"{Changes}?since={foreign}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
    }
}
