using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Cms.Api.Tests.Publishing;

/// <summary>How far a change reaches, what it costs, and what may not stop it.</summary>
public sealed class ReachTests(ApiFixture fixture)
{
    private const string Tags = "/management/v1/tags";

    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<Answer> Read(Answer article) => (await reader.Get($"{Desk.Published}/{article.Slug()}")).Is(HttpStatusCode.OK);

    [Fact]
    public async Task A_section_with_another_slug_changes_the_address_wherever_its_articles_are_shown()
    {
        var (target, elsewhere) = (await editor.OpenSection(), (await editor.OpenSection()).Id);
        var shown = await editor.Story(Wire.Unique("gezeigt"), target.Id);
        var related = await editor.Story(Wire.Unique("zeigt"), elsewhere, new { relatedIds = new[] { shown.Id } });
        var block = await editor.Story(Wire.Unique("zeigt"), elsewhere, new { body = new[] { new { type = "related", label = "À lire aussi", articleId = shown.Id } } });
        var english = await editor.Story(Wire.Unique("english"), elsewhere, new { language = "en", translationOf = shown.Id });

        var slug = Wire.Unique("neu");
        (await editor.Patch($"{Desk.Sections}/{target.Id}", new { slug }, target.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();

        var path = $"/{slug}/{shown.Slug()}";
        Assert.Equal(path, (await Read(related)).Body["related"]![0]!["path"]!.GetValue<string>());
        Assert.Equal(path, (await Read(block)).Body["body"]![0]!["article"]!["path"]!.GetValue<string>());
        Assert.EndsWith(path, (await Read(english)).Body["translations"]![0]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_related_block_of_the_article_itself_is_refused()
    {
        var draft = await editor.Draft(Wire.Unique("selbst"));
        var body = new object[] { new { type = "divider" }, new { type = "related", label = "À lire aussi", articleId = draft.Id } };

        Assert.Equal(["/body/1/articleId self"], (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { body }, draft.ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task A_change_costs_as_many_commands_with_thirty_sections_as_with_one()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var section = await own.OpenSection();
        var tag = (await own.Post(Tags, new { name = "Thema" })).Is(HttpStatusCode.Created);

        async Task<(int Section, int Tag, int Author)> Cost()
        {
            var author = (await own.Post("/management/v1/authors", new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);
            return (
                await SqlCommands.Of(trace => own.Ask(HttpMethod.Patch, $"{Desk.Sections}/{section.Id}", new { name = Wire.Unique("Rubrik") }, "application/merge-patch+json", ("If-Match", "*"), trace)),
                await SqlCommands.Of(trace => own.Ask(HttpMethod.Patch, $"{Tags}/{tag.Id}", new { name = Wire.Unique("Thema") }, "application/merge-patch+json", ("If-Match", "*"), trace)),
                await SqlCommands.Of(trace => own.Ask(HttpMethod.Delete, $"/management/v1/authors/{author.Id}", null, null, ("If-Match", "*"), trace)));
        }

        await Cost();
        var before = await Cost();
        for (var i = 0; i < 30; i++) await own.OpenSection();
        Assert.Equal(before, await Cost());
    }

    [Fact]
    public async Task Twenty_renames_at_one_time_among_two_hundred_sections_are_all_done()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var sections = new List<Answer>();
        for (var i = 0; i < 20; i++) sections.Add(await own.OpenSection());
        await service.Sql("""
            INSERT INTO cms.sections (id, name, slug, parent_id, position, language, share, created_at, updated_at)
            SELECT ('aaaaaaaa' || lpad(to_hex(i), 24, '0'))::uuid, 'S' || i, 's' || i, NULL, 100 + i, 'fr', '{}', now(), now() FROM generate_series(1, 180) i
            """);

        sections[0] = (await own.Patch($"{Desk.Sections}/{sections[0].Id}", new { description = "Alles einmal geschrieben." }, sections[0].ETag)).Is(HttpStatusCode.OK);

        // They take turns, and on a slow machine the last may wait too long: it is refused, having changed nothing, and tried again as it is told to.
        var renamed = await Task.WhenAll(sections.Select(async section =>
        {
            for (var tried = 1; ; tried++)
            {
                var answer = await own.Patch($"{Desk.Sections}/{section.Id}", new { name = Wire.Unique("Rubrik"), slug = Wire.Unique("rubrik") }, section.ETag);
                if (answer.Status != HttpStatusCode.ServiceUnavailable || tried == 10) return answer;
            }
        }));

        Assert.All(renamed, r => r.Is(HttpStatusCode.OK));
        using var anybody = service.Anonymous();
        foreach (var section in renamed) Assert.Equal(section.Member("name"), (await anybody.Get($"/delivery/v1/sections/{section.Slug()}")).Is(HttpStatusCode.OK).Member("name"));
        Assert.Equal(200, (await anybody.Get("/delivery/v1/sections")).Body["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_unreadable_publication_stops_neither_its_event_nor_what_it_shows()
    {
        var (section, shown) = (await editor.OpenSection(), await editor.Story(Wire.Unique("gezeigt")));
        var broken = await editor.Story(Wire.Unique("kaputt"), section.Id, new { relatedIds = new[] { shown.Id } });
        var whole = await editor.Story(Wire.Unique("heil"), section.Id, new { relatedIds = new[] { shown.Id, broken.Id } });
        await fixture.Service.Sql("""UPDATE cms.publications SET content = '{"credits":[],"otherSectionIds":[],"tagIds":[],"language":1}' WHERE article_id = $1""", broken.Id);
        var stale = (await Read(broken)).Text;

        var name = Wire.Unique("Rubrik");
        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { name }, section.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();
        Assert.Equal(name, (await Read(whole)).Body["section"]!["name"]!.GetValue<string>());
        Assert.Equal(stale, (await Read(broken)).Text);
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.outbox WHERE subject = $1", section.Id));

        var changed = await editor.Publish(await editor.Change(shown, new { kicker = "neu" }));
        Assert.Equal("neu", (await Read(whole)).Body["related"]![0]!["kicker"]!.GetValue<string>());
        await editor.Withdraw(changed);
        Assert.DoesNotContain(shown.Slug(), (await Read(whole)).Text, StringComparison.Ordinal);
        await editor.Publish(await editor.Change(whole, new { kicker = "noch" }));
    }

    [Fact]
    public async Task A_poisoned_event_is_put_off_and_delays_no_other()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var (bad, good) = (await own.OpenSection(), await own.OpenSection());
        var (badStory, goodStory) = (await own.Story(Wire.Unique("opfer"), bad.Id), await own.Story(Wire.Unique("andere"), good.Id));
        await Refuse(service, badStory.Id);

        (await own.Patch($"{Desk.Sections}/{bad.Id}", new { name = "Kaputt" }, bad.ETag)).Is(HttpStatusCode.OK);
        (await own.Patch($"{Desk.Sections}/{good.Id}", new { name = "Heil" }, good.ETag)).Is(HttpStatusCode.OK);
        await service.Settle();

        Assert.Equal("Heil", (await own.Get($"{Desk.Published}/{goodStory.Slug()}")).Body["section"]!["name"]!.GetValue<string>());
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.outbox WHERE subject = $1 AND attempts > 0 AND not_before > created_at + interval '3 seconds'", bad.Id));
    }

    [Fact]
    public async Task A_second_pump_goes_on_where_the_first_one_came_to_newest_first()
    {
        await using var first = await fixture.StartService();
        using var own = await first.Client(Ct, [.. Domain.Access.Scope.All]);
        var section = await own.OpenSection();
        var stories = new List<Answer>();
        for (var i = 0; i < 120; i++) stories.Add(await own.Story(Wire.Unique("lang"), section.Id));
        await Refuse(first, stories[40].Id);
        (await own.Patch($"{Desk.Sections}/{section.Id}", new { name = "Umbenannt" }, section.ETag)).Is(HttpStatusCode.OK);
        await first.Settle();
        await first.Stop();

        Assert.Equal(stories[70].Id, await first.Sql("SELECT progress FROM cms.outbox WHERE attempts > 0"));
        await first.Sql("DROP TRIGGER refuse ON delivery.articles; UPDATE delivery.articles SET etag = 'marked'; UPDATE cms.outbox SET not_before = created_at");
        await using var second = await TestService.Start(first.ConnectionString, Ct);
        await second.Settle();

        Assert.Equal(50L, await second.Sql("SELECT count(*) FROM delivery.articles WHERE etag = 'marked' AND id >= $1", stories[70].Id));
        Assert.Equal(50L, await second.Sql("SELECT count(*) FROM delivery.articles WHERE etag = 'marked'"));
        Assert.Equal(120L, await second.Sql("SELECT count(*) FROM delivery.articles WHERE convert_from(body, 'UTF8') LIKE '%Umbenannt%'"));
        Assert.Equal(0L, await second.Sql("SELECT count(*) FROM cms.outbox"));
    }

    /// <summary>The database refuses this article from now on: a fault that is not of its row.</summary>
    private static Task<object?> Refuse(TestService service, Guid article) => service.Sql($"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON delivery.articles FOR EACH ROW WHEN (NEW.id = '{article}') EXECUTE FUNCTION refuse();
        """);

    [Fact]
    public async Task The_pump_wakes_once_the_change_is_committed_and_not_before()
    {
        // This clock stands still, so that nothing but the signal wakes the pump.
        var clock = new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime());
        await using var service = await fixture.StartService(configure: b => b.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var section = await own.OpenSection();
        var story = await own.Story(Wire.Unique("wach"), section.Id);
        await service.Sql("""
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON cms.outbox DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold();
            """);

        // COMMIT waits for the test's lock.
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var holder = await source.OpenConnectionAsync(Ct);
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(4711)", holder)) await hold.ExecuteNonQueryAsync(Ct);
        var renaming = own.Patch($"{Desk.Sections}/{section.Id}", new { name = "Umbenannt" }, section.ETag);
        while (await service.Sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 4711") is 0L && !renaming.IsCompleted) continue;
        await using (var release = new NpgsqlCommand("SELECT pg_advisory_unlock(4711)", holder)) await release.ExecuteNonQueryAsync(Ct);
        (await renaming).Is(HttpStatusCode.OK);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while ((await own.Get($"{Desk.Published}/{story.Slug()}")).Body["section"]!["name"]!.GetValue<string>() != "Umbenannt") patience.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task Thirty_new_tags_cost_as_many_commands_as_one()
    {
        object With(int tags) => new { headline = Wire.Unique("getaggt"), tags = Enumerable.Range(0, tags).Select(_ => Wire.Unique("schlagwort")) };
        await editor.Post(Desk.Articles, With(1));

        var one = await SqlCommands.Of(trace => editor.Post(Desk.Articles, With(1), trace));
        Assert.Equal(one, await SqlCommands.Of(trace => editor.Post(Desk.Articles, With(30), trace)));
    }

    [Fact]
    public async Task New_tags_whose_slugs_are_alike_get_different_ones()
    {
        var stem = Wire.Unique("c").Replace('-', 'x');
        var article = (await editor.Post(Desk.Articles, new { headline = "x", tags = new[] { $"{stem}#", $"{stem}++", stem } })).Is(HttpStatusCode.Created);
        var tags = (await editor.Get($"{Tags}?q={stem}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray();

        Assert.Equal([$"{stem}#", $"{stem}++", stem], article.Body["tags"]!.AsArray().Select(t => t!.GetValue<string>()));
        Assert.Equal([stem, $"{stem}-2", $"{stem}-3"], tags.Select(t => t!["slug"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_slug_is_numbered_by_its_twins_and_not_by_all_that_begin_alike()
    {
        var settings = new NpgsqlConnectionStringBuilder(await fixture.Database.Create(Ct))
        {
            Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_timing=off",
        };
        await using var service = await TestService.Start(settings.ConnectionString, Ct);
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        await service.Sql("INSERT INTO cms.slugs (kind, slug, owner_id) SELECT 'tag', 'a' || i, gen_random_uuid() FROM generate_series(1, 5000) i; ANALYZE cms.slugs");
        (await own.Post(Tags, new { name = "A" })).Is(HttpStatusCode.Created);
        var before = (await fixture.Database.Log(Ct)).Length;

        Assert.Equal("a-2", (await own.Post(Tags, new { name = "A?" })).Is(HttpStatusCode.Created).Slug());
        string log;
        do log = (await fixture.Database.Log(Ct))[before..]; while (!log.Contains(" on slugs", StringComparison.Ordinal));
        Assert.DoesNotMatch(@" on slugs.*actual rows=\d{4,}", log);
    }
}
