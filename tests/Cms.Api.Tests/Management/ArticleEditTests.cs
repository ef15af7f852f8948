using System.Net;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Management;

/// <summary>Drafts change, one editor at a time.</summary>
public sealed class ArticleEditTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_empties()
    {
        var draft = await editor.Draft(Wire.Unique("patch"), more: new { kicker = "k", extra = new { a = "1", b = "2" } });
        var changed = await editor.Change(draft, new { kicker = (string?)null, extra = new { a = (string?)null, c = 3 }, standfirst = "e\u0301" });

        Assert.Null(changed.Body["kicker"]);
        Assert.Equal("""{"b":"2","c":3}""", changed.Body["extra"]!.ToJsonString());
        Assert.Equal("\u00e9", changed.Member("standfirst"));
        (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { headline = (string?)null }, changed.ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        (await editor.Patch($"{Desk.Articles}/{draft.Id}", "[1]", changed.ETag)).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { status = "published" }, changed.ETag)).Refuses(HttpStatusCode.BadRequest, "malformed");
        var wrong = await editor.Ask(HttpMethod.Patch, $"{Desk.Articles}/{draft.Id}", new { }, "application/json", ("If-Match", changed.ETag));
        wrong.Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        Assert.Equal("application/merge-patch+json", wrong.Message.Headers.GetValues("Accept-Patch").Single());
    }

    [Fact]
    public async Task A_put_replaces_the_draft_whole()
    {
        var draft = await editor.Draft(Wire.Unique("put"), more: new { kicker = "k", tags = new[] { "x" } });
        var headline = Wire.Unique("neu");
        var put = (await editor.Put($"{Desk.Articles}/{draft.Id}", new { headline }, draft.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal((headline, null, 0), (put.Member("headline"), put.Body["kicker"], put.Body["tags"]!.AsArray().Count));
        Assert.NotEqual(draft.ETag, put.ETag);
    }

    [Fact]
    public async Task Of_fifty_editors_with_the_same_ETag_exactly_one_wins()
    {
        var draft = await editor.Draft(Wire.Unique("course"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => editor.Patch($"{Desk.Articles}/{draft.Id}", new { standfirst = $"version {i}" }, draft.ETag)));

        Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Equal(49, answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed && a.Problem == "stale"));
        var winner = answers.Single(a => a.Status == HttpStatusCode.OK);
        Assert.Equal(winner.Member("standfirst"), (await editor.Get($"{Desk.Articles}/{draft.Id}")).Member("standfirst"));
    }

    [Fact]
    public async Task Fifty_creates_with_one_idempotency_key_give_one_row()
    {
        var (key, headline) = (Wire.Unique("key"), Wire.Unique("une-fois"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => editor.Post(Desk.Articles, new { headline }, ("Idempotency-Key", key))));

        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.Created || (a.Status == HttpStatusCode.Conflict && a.Problem == "in-flight"), a.Text));
        var replay = (await editor.Post(Desk.Articles, new { headline }, ("Idempotency-Key", key))).Is(HttpStatusCode.Created);
        var created = answers.Where(a => a.Status == HttpStatusCode.Created).ToList();
        Assert.NotEmpty(created);
        Assert.All(created, a => Assert.Equal((replay.Text, replay.ETag, replay.Message.Headers.Location), (a.Text, a.ETag, a.Message.Headers.Location)));
        Assert.Single((await editor.Get($"{Desk.Articles}?q={headline}")).Body["items"]!.AsArray());
        (await editor.Post(Desk.Articles, new { headline = headline + "x" }, ("Idempotency-Key", key))).Refuses(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        (await editor.Post(Desk.Articles, new { headline }, ("Idempotency-Key", "a b"))).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task A_refused_create_may_be_repeated_under_its_key()
    {
        var key = Wire.Unique("key");
        (await editor.Post(Desk.Articles, new { headline = "" }, ("Idempotency-Key", key))).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        (await editor.Post(Desk.Articles, new { headline = "x" }, ("Idempotency-Key", key))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Whoever_writes_cannot_publish_and_is_told_only_what_they_may_do()
    {
        using var writer = await fixture.Service.Client(Ct, Scope.ArticlesWrite);
        var section = (await editor.OpenSection()).Id;
        var draft = (await writer.Post(Desk.Articles, new { headline = Wire.Unique("w"), language = "fr", sectionId = section })).Is(HttpStatusCode.Created);

        Assert.Empty(draft.Body["actions"]!.AsArray());
        (await writer.Act($"{Desk.Articles}/{draft.Id}/publish", draft.ETag)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        (await writer.Delete($"{Desk.Articles}/{draft.Id}", draft.ETag)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        Assert.Equal(["publish"], (await editor.Get($"{Desk.Articles}/{draft.Id}")).Body["actions"]!.AsArray().Select(a => a!.GetValue<string>()));
    }

    [Fact]
    public async Task A_deleted_draft_frees_its_slug_and_what_is_published_is_not_deleted()
    {
        var draft = await editor.Draft(Wire.Unique("weg"));
        var published = await editor.Publish(draft);

        (await editor.Delete($"{Desk.Articles}/{draft.Id}", published.ETag)).Refuses(HttpStatusCode.Conflict, "article-published");
        var withdrawn = await editor.Withdraw(published);
        (await editor.Delete($"{Desk.Articles}/{draft.Id}", withdrawn.ETag)).Is(HttpStatusCode.NoContent);
        (await editor.Get($"{Desk.Articles}/{draft.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await fixture.Reader.Get($"{Desk.Published}/{draft.Slug()}")).Refuses(HttpStatusCode.NotFound, "not-found");
        Assert.Equal(draft.Slug(), (await editor.Draft(draft.Slug())).Slug());
    }

    [Fact]
    public async Task A_section_that_is_deleted_while_an_article_is_saved_is_told()
    {
        var section = await editor.OpenSection();
        await using var source = Npgsql.NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var delete = new Npgsql.NpgsqlCommand("DELETE FROM cms.sections WHERE id = $1", connection, transaction);
        delete.Parameters.Add(new() { Value = section.Id });
        await delete.ExecuteNonQueryAsync(Ct);

        var saving = editor.Post(Desk.Articles, new { headline = Wire.Unique("zu spät"), sectionId = section.Id });
        await source.WaiterFor(connection.ProcessID);
        await transaction.CommitAsync(Ct);

        (await saving).Refuses(HttpStatusCode.Conflict, "reference-gone");
    }

    [Fact]
    public async Task What_readers_do_not_see_has_nothing_to_return_to_or_to_be_withdrawn()
    {
        var draft = await editor.Draft(Wire.Unique("nie"));
        foreach (var action in new[] { "discard-draft", "withdraw" })
            (await editor.Act($"{Desk.Articles}/{draft.Id}/{action}", draft.ETag)).Refuses(HttpStatusCode.Conflict, "wrong-status");

        var withdrawn = await editor.Withdraw(await editor.Story(Wire.Unique("weg")));
        foreach (var action in new[] { "discard-draft", "withdraw" })
            (await editor.Act($"{Desk.Articles}/{withdrawn.Id}/{action}", withdrawn.ETag)).Refuses(HttpStatusCode.Conflict, "wrong-status");
    }

    [Fact]
    public async Task A_change_that_makes_a_second_version_in_one_language_is_refused()
    {
        var original = await editor.Draft(Wire.Unique("texte"));
        await editor.Draft(Wire.Unique("text"), more: new { language = "en", translationOf = original.Id });
        var second = await editor.Draft(Wire.Unique("text"), more: new { language = "en" });

        (await editor.Patch($"{Desk.Articles}/{second.Id}", new { translationOf = original.Id }, second.ETag)).Refuses(HttpStatusCode.Conflict, "translation-taken");
        var german = await editor.Change(second, new { translationOf = original.Id, language = "de" });
        (await editor.Patch($"{Desk.Articles}/{second.Id}", new { language = "en" }, german.ETag)).Refuses(HttpStatusCode.Conflict, "translation-taken");
    }
}
