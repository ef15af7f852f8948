using System.Net;

namespace Cms.Api.Tests.Publishing;

/// <summary>Editors who change, at one time, whatever shows each other. CMS_CI_LONG=1 gives them ten times as many acts.</summary>
public sealed class RaceTests(ApiFixture fixture)
{
    private const int Editors = 6, Articles = 8;

    private static readonly int Acts = Environment.GetEnvironmentVariable("CMS_CI_LONG") == "1" ? 400 : 40;

    // All that readers can be sent, and all that finds it.
    private const string Everything = """
        SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
          SELECT concat_ws(' ', 'article', slug, etag, md5(body)) AS line FROM delivery.articles
          UNION ALL SELECT concat_ws(' ', 'br', slug, etag, md5(body)) FROM delivery.articles_br
          UNION ALL SELECT concat_ws(' ', 'gzip', slug, etag, md5(body)) FROM delivery.articles_gzip
          UNION ALL SELECT concat_ws(' ', 'summary', id, md5(json)) FROM delivery.summaries
          UNION ALL SELECT concat_ws(' ', 'listing', target, language, first_published_at, article_id) FROM delivery.listings
          UNION ALL SELECT concat_ws(' ', 'mention', shown, article_id) FROM delivery.mentions
          UNION ALL SELECT concat_ws(' ', 'address', kind, slug, target, gone) FROM delivery.addresses
          UNION ALL SELECT concat_ws(' ', 'document', key, etag, md5(json), md5(br), md5(gzip)) FROM delivery.documents) lines
        """;

    [Fact]
    public async Task After_six_editors_at_one_time_nothing_that_readers_see_is_stale_and_nobody_was_sent_away()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await fixture.StartService();
        using var editor = await service.Client(ct, [.. Domain.Access.Scope.All]);
        var newsroom = await Newsroom.Open(editor);

        var answers = (await Task.WhenAll(Enumerable.Range(1, Editors).Select(seed => newsroom.Work(new Dice((ulong)seed), Acts)))).SelectMany(a => a).ToList();
        Assert.All(answers, a => Assert.True((int)a.Status < 500, a.Text));
        Assert.True(answers.Count(a => (int)a.Status < 300) > answers.Count / 3, "Hardly anything was done.");
        await Finish(service);
        Assert.Equal(await service.Sql("SELECT count(*) FROM cms.articles WHERE status = 'published'"), await service.Sql("SELECT count(*) FROM delivery.articles"));

        var (shown, tags) = (await service.Sql(Everything) as string ?? "", await ETags(service));
        await Separate(editor, service, " | ");
        Assert.NotEqual(shown, await service.Sql(Everything));
        await Separate(editor, service, " : ");
        Assert.Equal(shown.Split('\n'), (await service.Sql(Everything) as string ?? "").Split('\n'));
        Assert.Equal(tags, await ETags(service));
    }

    [Fact]
    public async Task Of_a_publication_and_a_deletion_at_one_time_one_is_refused()
    {
        var section = (await fixture.Editor.OpenSection()).Id;
        for (var round = 0; round < 15; round++)
        {
            var draft = await fixture.Editor.Draft(Wire.Unique("kippe"), section);
            var acts = await Task.WhenAll(
                fixture.Editor.Act($"{Desk.Articles}/{draft.Id}/publish", draft.ETag), fixture.Editor.Delete($"{Desk.Articles}/{draft.Id}", draft.ETag));

            Assert.Single(acts, a => (int)a.Status < 300);
            Assert.Single(acts, a => a.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound or HttpStatusCode.Conflict);
        }
    }

    /// <summary>Until nothing of the outbox is left, put-off events too.</summary>
    private static async Task Finish(TestService service)
    {
        do
        {
            await service.Sql("UPDATE cms.outbox SET not_before = created_at");
            await service.Settle();
        }
        while (await service.Sql("SELECT count(*) FROM cms.outbox WHERE NOT dead") is not 0L);
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.outbox"));
    }

    private static async Task Separate(HttpClient editor, TestService service, string separator)
    {
        (await editor.Patch("/management/v1/site", new { kickerSeparator = separator }, "*")).Is(HttpStatusCode.OK);
        await Finish(service);
    }

    private static async Task<string[]> ETags(TestService service)
    {
        using var reader = service.Anonymous();
        var list = (await reader.Get($"{Desk.Published}?limit=100")).Is(HttpStatusCode.OK);
        var tags = new List<string> { list.ETag };
        foreach (var slug in list.Body["items"]!.AsArray().Select(a => a!["slug"]!.GetValue<string>()))
            tags.Add($"{slug} {(await reader.Get($"{Desk.Published}/{slug}")).Is(HttpStatusCode.OK).ETag}");
        return [.. tags];
    }

    private sealed class Newsroom(HttpClient editor, Guid[] articles, Guid[] sections, Guid[] authors, Guid[] tags, string[] tagNames)
    {
        public static async Task<Newsroom> Open(HttpClient editor)
        {
            var (sections, authors, tags) = (new List<Guid>(), new List<Guid>(), new List<Answer>());
            for (var i = 0; i < 4; i++) sections.Add((await editor.OpenSection()).Id);
            for (var i = 0; i < 3; i++) authors.Add((await editor.Post("/management/v1/authors", new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created).Id);
            for (var i = 0; i < 3; i++) tags.Add((await editor.Post("/management/v1/tags", new { name = Wire.Unique("Thema") })).Is(HttpStatusCode.Created));
            var articles = new List<Guid>();
            for (var i = 0; i < Articles; i++) articles.Add((await editor.Draft(Wire.Unique("Titel"), sections[i % 4], new { kicker = "k" })).Id);
            return new(editor, [.. articles], [.. sections], [.. authors], [.. tags.Select(t => t.Id)], [.. tags.Select(t => t.Member("name"))]);
        }

        public async Task<List<Answer>> Work(Dice dice, int acts)
        {
            var answers = new List<Answer>();
            for (var i = 0; i < acts; i++) answers.Add(await Do(dice));
            return answers;
        }

        private Task<Answer> Do(Dice dice)
        {
            var slot = dice.Throw(Articles);
            var (article, other) = ($"{Desk.Articles}/{articles[slot]}", dice.OneOf(articles));
            return dice.Throw(14) switch
            {
                <= 3 => editor.Act($"{article}/publish", "*"),
                4 => editor.Act($"{article}/withdraw", "*"),
                5 => Change(article, new { kicker = dice.Throw(2) == 0 ? null : "k", headline = Wire.Unique("Titel") }),
                6 => Change(article, new { slug = Wire.Unique("titel") }),
                7 => Change(article, new { relatedIds = new[] { other }, body = new[] { new { type = "related", label = "Auch", articleId = dice.OneOf(articles) } } }),
                8 => Change(article, new { sectionId = dice.OneOf(sections), tags = new[] { dice.OneOf(tagNames) }, credits = new[] { new { role = "author", authorId = dice.OneOf(authors) } } }),
                9 => Change(article, new { translationOf = dice.Throw(3) == 0 ? (Guid?)null : other, language = dice.OneOf(["fr", "en", "de", "it"]) }),
                10 => Change($"{Desk.Sections}/{dice.OneOf(sections)}", new { name = Wire.Unique("Rubrik"), slug = Wire.Unique("rubrik") }),
                11 => Change($"{Desk.Sections}/{dice.OneOf(sections)}", new { parentId = dice.Throw(2) == 0 ? (Guid?)null : dice.OneOf(sections) }),
                12 => Rename(dice),
                _ => Replace(slot, dice),
            };
        }

        private Task<Answer> Change(string path, object change) => editor.Patch(path, change, "*");

        private Task<Answer> Rename(Dice dice) => dice.Throw(2) == 0
            ? Change($"/management/v1/authors/{dice.OneOf(authors)}", new { name = Wire.Unique("Anne"), slug = Wire.Unique("anne") })
            : Change($"/management/v1/tags/{dice.OneOf(tags)}", new { slug = Wire.Unique("thema") });

        private async Task<Answer> Replace(int slot, Dice dice)
        {
            var gone = await editor.Delete($"{Desk.Articles}/{articles[slot]}", "*");
            if (gone.Status == HttpStatusCode.NoContent) articles[slot] = (await editor.Draft(Wire.Unique("Titel"), dice.OneOf(sections))).Id;
            return gone;
        }
    }
}
