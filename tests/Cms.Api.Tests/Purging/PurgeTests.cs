using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure.Purging;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cms.Api.Tests.Purging;

/// <summary>What caches in front are told, when, and what becomes of it when they do not listen.</summary>
public sealed class PurgeTests(ApiFixture fixture)
{
    private const string Secret = "Bearer geheimer-schluessel";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Dictionary<string, string?> Told(PurgeReceiver? cdn, params PurgeReceiver[] varnishes) => new()
    {
        ["Cms:Purge:Varnish"] = string.Join(", ", varnishes.Select(v => v.Address)),
        ["Cms:Purge:Url"] = cdn?.Address,
        ["Cms:Purge:KeysMember"] = cdn is null ? null : "tags",
        ["Cms:Purge:SecretHeader"] = cdn is null ? null : "Authorization",
        ["Cms:Purge:Secret"] = cdn is null ? null : Secret,
    };

    private static Task<object?> Put(TestService service, string target, int keys) => service.Sql("""
        INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead, target, payload)
        SELECT 'purge', gen_random_uuid(), now(), now(), 0, false, $1, jsonb_agg('article/' || repeat('x', 40) || i) FROM generate_series(1, $2) i
        """, target, keys);

    // As one commit: a node that looks sees all of them or none.
    private static Task<object?> PutEach(TestService service, string target, int events) => service.Sql("""
        INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead, target, payload)
        SELECT 'purge', gen_random_uuid(), now(), now(), 0, false, $1, jsonb_build_array('each/' || i) FROM generate_series(1, $2) i
        """, target, events);

    private static Task<object?> Hasten(TestService service) => service.Sql("UPDATE cms.outbox SET not_before = now() WHERE lease IS NULL AND NOT dead");

    private static string NameOf(PurgeReceiver varnish) => $"varnish 127.0.0.1:{new Uri(varnish.Address).Port}";

    [Fact]
    public async Task Every_cache_is_told_of_a_change_at_once_and_again_two_seconds_later()
    {
        using PurgeReceiver first = new(), second = new(), cdn = new();
        await using var service = await fixture.StartService(Told(cdn, first, second));
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var (section, other) = (await editor.OpenSection(), await editor.OpenSection());
        var story = await editor.Draft(Wire.Unique("brücke"), section.Id);
        var before = Stopwatch.GetTimestamp();
        await editor.Publish(story);
        var key = $"article/{story.Slug()}";

        foreach (var receiver in new[] { first, second, cdn })
        {
            var told = await receiver.Until(key, 2);
            Assert.InRange(Stopwatch.GetElapsedTime(before, told[0].At).TotalSeconds, 0, 1.5);
            Assert.InRange(Stopwatch.GetElapsedTime(told[0].At, told[1].At).TotalSeconds, 1.5, 8);
            Assert.Superset(new HashSet<string> { key, $"in/{section.Id:N}", $"in/{Guid.Empty:N}", "changes" }, told[0].Keys.ToHashSet());
            Assert.DoesNotContain($"in/{other.Id:N}", told[0].Keys);
        }

        Assert.All(first.Got, p => Assert.Equal("PURGE", p.Method));
        Assert.All(cdn.Got, p => Assert.Equal(("POST", Secret, "application/json"), (p.Method, p.Headers["Authorization"], p.Headers["Content-Type"])));
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "what is said is kept");
    }

    [Fact]
    public async Task What_a_cache_refused_is_put_off_and_told_as_soon_as_it_answers_again_and_no_other_waits()
    {
        using PurgeReceiver broken = new() { Status = HttpStatusCode.InternalServerError }, cdn = new() { Status = HttpStatusCode.Forbidden }, well = new();
        var logs = new CollectedLogs();
        await using var service = await fixture.StartService(Told(cdn, broken, well), logs.Collect);
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("brücke"), section.Id);
        var key = $"article/{story.Slug()}";

        await well.Until(key, 2);
        await broken.Until(key, 1);
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox WHERE attempts > 0 AND lease IS NULL AND NOT dead AND not_before > now() AND target <> 'cdn'") is > 1L, "it was not put off");
        await service.Sql("UPDATE cms.outbox SET not_before = now() + interval '1 hour' WHERE attempts > 0");
        broken.Status = HttpStatusCode.OK;
        await editor.Patch($"{Desk.Sections}/{section.Id}", new { description = "Neu." }, section.ETag);
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox WHERE target <> 'cdn'") is 0L, "what was put off was not told");

        var name = $"varnish 127.0.0.1:{new Uri(broken.Address).Port}";
        Assert.Contains(logs.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains($"{name} failed, try 1 of 12: status 500", StringComparison.Ordinal));
        Assert.Contains(logs.Lines, l => l.Contains("cdn failed, try 1 of 12: status 403", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains(Secret, StringComparison.Ordinal) || l.Contains("geheim", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, "status 429")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "status 503")]
    [InlineData(null, "ConnectionError")]
    public async Task What_a_cache_could_not_take_goes_together_again(HttpStatusCode? status, string fault)
    {
        using var cache = new PurgeReceiver();
        var logs = new CollectedLogs();
        await using var service = await fixture.StartService(Told(null, cache), logs.Collect);
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "the site's own documents");
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (status is { } refusal) cache.Status = refusal;
        else cache.GoAway(held);
        await PutEach(service, NameOf(cache), 60);

        foreach (var tries in new[] { 1, 2, 3 })
        {
            await Waiting.Until(async () =>
            {
                // Once: who claims passes over rows that another is just changing.
                await service.Sql("UPDATE cms.outbox SET not_before = now() WHERE lease IS NULL AND attempts < $1 AND not_before > now()", tries);
                return await service.Sql("SELECT count(*) FROM cms.outbox WHERE attempts = $1 AND lease IS NULL", tries) is 60L;
            }, $"try {tries} never came");
            await Waiting.Until(() => Task.FromResult(tries == logs.Lines.Count(l => l.Contains($"A purge of 60 keys at {NameOf(cache)} failed", StringComparison.Ordinal) && l.Contains(fault, StringComparison.Ordinal))), $"try {tries} was not told once"); // it is told after it is stored
        }

        Assert.Equal(3, logs.Lines.Count(l => l.Contains("failed, try", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, "120", 100, 120)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "date", 100, 120)]
    [InlineData(HttpStatusCode.TooManyRequests, "86400", 580, 600)]
    public async Task A_cache_that_wants_rest_gets_it_from_every_node_and_then_hears_all(HttpStatusCode status, string retryAfter, int least, int most)
    {
        using PurgeReceiver cache = new(), other = new();
        await using var service = await fixture.StartService(Told(null, cache, other));
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "the site's own documents");
        (cache.Status, cache.RetryAfter) = (status, retryAfter == "date" ? TimeProvider.System.Now().AddSeconds(120).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : retryAfter);
        await PutEach(service, NameOf(cache), 20);
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox_rests") is 1L, "it gets no rest");
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox WHERE attempts = 1 AND lease IS NULL") is 20L, "they were not put off");
        Assert.Equal(NameOf(cache), await service.Sql("SELECT target FROM cms.outbox_rests"));
        // Less what has passed since, on a busy machine.
        Assert.InRange((decimal)(await service.Sql("SELECT extract(epoch FROM until - now()) FROM cms.outbox_rests"))!, least - 20, most);

        await service.Sql("UPDATE cms.outbox_rests SET until = now() + interval '1 hour'; UPDATE cms.outbox SET not_before = now()");
        foreach (var each in new[] { cache, other }) await Put(service, NameOf(each), 1);
        var leases = service.Services.GetRequiredService<Infrastructure.Outbox.OutboxLeases>();
        Assert.Empty((await leases.Claim(Infrastructure.Outbox.OutboxEvent.Purge, NameOf(cache), 64, Ct)).Events);
        await other.Until("article/" + new string('x', 40) + "1", 1);
        Assert.Single(cache.Got, p => p.Keys.Contains("each/1"));

        cache.Status = HttpStatusCode.OK;
        await service.Sql("UPDATE cms.outbox_rests SET until = now()");
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "what waited was not told");
        Assert.Equal(2, cache.Got.Count(p => p.Keys.Contains("each/1")));
        Assert.Equal(2, cache.Got.Count(p => p.Keys.Contains("each/20")));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, null, 4)]
    [InlineData(HttpStatusCode.TooManyRequests, 0, 0)]
    [InlineData(HttpStatusCode.BadGateway, null, 0)]
    [InlineData(HttpStatusCode.BadGateway, 30, 30)]
    public void A_cache_that_says_nothing_of_rest_gets_some_where_it_was_asked_too_often(HttpStatusCode status, int? said, int given) => Assert.Equal(
        TimeSpan.FromSeconds(given),
        new PurgeRefusedException(status, said is { } seconds ? new(TimeSpan.FromSeconds(seconds)) : null, null).Rest(TimeProvider.System.Now(), TimeSpan.FromMinutes(10)));

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Forbidden)] // a wall in front of it that dislikes a word
    public async Task A_purge_that_a_cache_refuses_takes_no_other_with_it(HttpStatusCode refusal)
    {
        using var cache = new PurgeReceiver { Poison = "each/2", Refusal = refusal };
        await using var service = await fixture.StartService(Told(null, cache));
        await PutEach(service, NameOf(cache), 5);

        await Waiting.Until(async () =>
        {
            await Hasten(service);
            return await service.Sql("SELECT count(*) FROM cms.outbox WHERE payload::text LIKE '%each/%'") is 1L;
        }, "the others were not told");
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.outbox WHERE payload = '[\"each/2\"]' AND alone AND NOT dead"));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_cache_that_refused_everything_for_a_while_hears_all_as_soon_as_it_takes_something(HttpStatusCode refusal)
    {
        using var cache = new PurgeReceiver();
        await using var service = await fixture.StartService(Told(null, cache));
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "the site's own documents");
        cache.Status = refusal;
        await PutEach(service, NameOf(cache), 5);
        await Waiting.Until(async () =>
        {
            await service.Sql("UPDATE cms.outbox SET not_before = now() WHERE lease IS NULL AND attempts < 6 AND not_before > now()");
            return await service.Sql("SELECT count(*) FROM cms.outbox WHERE attempts = 6 AND alone AND lease IS NULL") is 5L;
        }, "they were not refused");

        await service.Sql("UPDATE cms.outbox SET not_before = now() + interval '1 hour'");
        cache.Status = HttpStatusCode.OK;
        await Put(service, NameOf(cache), 1);
        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "what waited was not told");
    }

    [Fact]
    public async Task After_twelve_tries_a_purge_is_given_up()
    {
        using var broken = new PurgeReceiver { Status = HttpStatusCode.InternalServerError };
        await using var service = await fixture.StartService(Told(null, broken));
        await Put(service, $"varnish 127.0.0.1:{new Uri(broken.Address).Port}", 1);

        await Waiting.Until(async () =>
        {
            await service.Sql("UPDATE cms.outbox SET not_before = now() WHERE lease IS NULL AND NOT dead");
            return await service.Sql("SELECT count(*) FROM cms.outbox WHERE dead AND attempts = 12 AND payload::text LIKE '%article/x%'") is 1L;
        }, "it was not given up");
        Assert.Equal(12, broken.Got.Count(p => p.Keys.Any(k => k.StartsWith("article/x", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task What_a_node_was_telling_when_it_died_another_one_tells_after_its_lease()
    {
        using var cache = new PurgeReceiver();
        await using var first = await fixture.StartService(Told(null, cache));
        await using var second = await TestService.Start(first.ConnectionString, Ct, Told(null, cache));
        var target = $"varnish 127.0.0.1:{new Uri(cache.Address).Port}";
        await Waiting.Until(async () => await first.Sql("SELECT count(*) FROM cms.outbox") is 0L, "the site's own documents");
        cache.Silent = 1;
        await Put(first, target, 3);
        var key = "article/" + new string('x', 40) + "1";
        await cache.Until(key, 1);
        Assert.Equal(1L, await first.Sql("SELECT count(*) FROM cms.outbox WHERE lease IS NOT NULL AND not_before BETWEEN now() + interval '10 seconds' AND now() + interval '20 seconds'"));
        // Others of the pool look for work each second, and are gone at once.
        await Waiting.Until(async () => await first.Sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cms-jobs' AND state <> 'idle'") is 0L, "a connection is held");

        // The lease is over, as it would be twenty seconds after a SIGKILL. The first node still believes that it speaks.
        var lease = await first.Sql("SELECT lease FROM cms.outbox");
        await first.Sql("UPDATE cms.outbox SET not_before = now()");
        await cache.Until(key, 2);
        await Waiting.Until(async () => await second.Sql("SELECT count(*) FROM cms.outbox") is 0L, "the second node did not go on");

        // Whoever lost its lease changes nothing of another's.
        cache.Silent = 1;
        await Put(second, target, 3);
        await cache.Until(key, 3);
        var leases = first.Services.GetRequiredService<Infrastructure.Outbox.OutboxLeases>();
        var late = new Infrastructure.Outbox.LeasedEvents((Guid)lease!, [new((long)(await second.Sql("SELECT id FROM cms.outbox"))!, 0, "[]")]);
        Assert.False(await leases.Renew(late, Ct));
        await leases.Done(late, Ct);
        await leases.PutOff(late, TimeSpan.FromMinutes(1), alone: true, perhapsAlone: false, Ct);
        await leases.GiveBack(late, Ct);
        Assert.Equal(1L, await second.Sql("SELECT count(*) FROM cms.outbox WHERE lease IS NOT NULL AND attempts = 0 AND not_before > now()"));
    }

    [Fact]
    public async Task While_a_cache_is_silent_names_go_on_being_rendered_and_a_node_that_stops_gives_back_its_lease()
    {
        using var silent = new PurgeReceiver { Silent = int.MaxValue };
        await using var service = await fixture.StartService(Told(null, silent));
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("brücke"), section.Id);
        await silent.Until($"article/{story.Slug()}", 1);

        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { name = "Umbenannt" }, section.ETag)).Is(HttpStatusCode.OK);
        var begun = Stopwatch.StartNew();
        await Waiting.Until(async () => (await editor.Get($"{Desk.Published}/{story.Slug()}")).Body["section"]!["name"]!.GetValue<string>() == "Umbenannt", "it was not rendered");
        Assert.True(begun.Elapsed < TimeSpan.FromSeconds(5), $"It took {begun.Elapsed}.");

        await service.Stop();
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.outbox WHERE lease IS NOT NULL"));
    }

    [Fact]
    public async Task Many_keys_go_in_requests_of_bounded_size()
    {
        using PurgeReceiver cdn = new(), varnish = new();
        await using var service = await fixture.StartService(Told(cdn, varnish));
        foreach (var target in new[] { "cdn", $"varnish 127.0.0.1:{new Uri(varnish.Address).Port}" }) await Put(service, target, 3_000);

        await Waiting.Until(async () => await service.Sql("SELECT count(*) FROM cms.outbox") is 0L, "they were not told");
        foreach (var (receiver, most) in new[] { (cdn, 30), (varnish, 100) })
        {
            Assert.All(receiver.Got, p => Assert.True(p.Keys.Length <= most && p.Keys.Sum(k => k.Length + 1) <= 3_501));
            Assert.Equal(3_000, receiver.Got.SelectMany(p => p.Keys).Where(k => k.Contains("xxx", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public async Task A_purge_that_nobody_took_for_a_day_is_deleted()
    {
        await using var service = await fixture.StartService();
        await Put(service, "gone", 1);
        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.outbox"));

        await service.Sql("UPDATE cms.outbox SET created_at = now() - interval '25 hours'");
        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.outbox"));
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("60", "max-age=60, stale-if-error=3600")]
    public async Task How_long_a_CDN_may_hold_an_answer_is_the_operators_to_say(string seconds, string? told)
    {
        await using var service = await fixture.StartService(new() { ["Cms:Delivery:CdnSeconds"] = seconds });
        using var reader = service.Anonymous();

        for (var i = 0; i < 2; i++) // made, and held
        {
            var answer = (await reader.Get("/delivery/v1/sections")).Is(HttpStatusCode.OK).Message;
            Assert.Equal(told, answer.Headers.TryGetValues("CDN-Cache-Control", out var values) ? values.Single() : null);
            Assert.Equal("public, max-age=10, stale-while-revalidate=30, stale-if-error=3600", answer.Headers.GetValues("Cache-Control").Single());
        }
    }

    [Theory]
    [InlineData("Cms__Purge__Varnish", "Varnish", "10.0.0.5:6081")]
    [InlineData("Cms__Purge__Varnish", "Varnish", "http://10.0.0.5:6081, http://10.0.0.5:6081/")]
    [InlineData("Cms__Purge__VarnishMethod", "VarnishMethod", "P URGE")]
    [InlineData("Cms__Purge__Url", "Url", "ftp://cdn.example")]
    [InlineData("Cms__Purge__Url", "Url", "https://user:pass@cdn.example/")]
    [InlineData("Cms__Purge__KeysHeader", "Url", "https://cdn.example/")]
    [InlineData("Cms__Purge__Url", "KeysHeader", "Surrogate-Key")]
    [InlineData("Cms__Purge__Secret", "Url,KeysHeader,SecretHeader,Secret", "https://cdn.example/,Surrogate-Key,Fastly-Key,geheim\n")]
    [InlineData("Cms__Purge__SecretHeader", "Url,KeysHeader,Secret", "https://cdn.example/,Surrogate-Key,geheim")]
    [InlineData("KeysPerRequest", "KeysPerRequest", "0")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string named, string settings, string values)
    {
        var given = settings.Split(',').Zip(settings.Contains(',', StringComparison.Ordinal) ? values.Split(',') : [values]).ToDictionary(s => $"Cms:Purge:{s.First}", s => (string?)s.Second);

        var refused = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => fixture.StartService(given));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_interfaces_print_no_secret() => Assert.DoesNotContain(
        "geheim", $"{new Api.Delivery.PurgeOptions { Secret = "geheim" }} {new PurgeInterface(new("https://cdn.example/"), "POST", null, "tags", 30, "Authorization", "geheim")}", StringComparison.Ordinal);
}
