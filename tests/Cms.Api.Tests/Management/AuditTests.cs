using System.Net;
using System.Text.Json.Nodes;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Management;

public sealed class AuditTests(ApiFixture fixture)
{
    private const string Audit = "/management/v1/audit", Authors = "/management/v1/authors";
    private readonly HttpClient editor = fixture.Editor;

    private async Task<JsonNode[]> Of(string resourceId) =>
        [.. ((await editor.Get($"{Audit}?resourceId={resourceId}")).Is(HttpStatusCode.OK).Body["items"]?.AsArray() ?? []).OfType<JsonNode>()];

    private static string[] Lines(JsonNode[] rows) =>
        [.. rows.Select(r => $"{r["action"]} {r["resource"]} [{string.Join(' ', r["members"]?.AsArray().Select(m => m?.ToString()) ?? [])}]")];

    [Fact]
    public async Task Every_write_leaves_who_did_what_newest_first_with_names_of_members_and_no_values()
    {
        var secret = await fixture.Service.Token(TestContext.Current.CancellationToken, Scope.TaxonomyWrite);
        using var client = fixture.Service.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        var marker = Wire.Unique("marker");
        var author = (await client.Post(Authors, new { name = marker, email = marker + "@example.org" })).Is(HttpStatusCode.Created);
        var changed = (await client.Patch($"{Authors}/{author.Id}", new { bio = marker, url = $"https://example.org/{marker}" }, author.ETag)).Is(HttpStatusCode.OK);
        (await client.Delete($"{Authors}/{author.Id}", changed.ETag)).Is(HttpStatusCode.NoContent);

        var rows = await Of(author.Id.ToString());
        Assert.Equal(["deleteAuthor author []", "changeAuthor author [bio url]", "createAuthor author []"], Lines(rows));
        Assert.All(rows, r => Assert.Equal(secret.Split('_')[1], r["actor"]?.ToString()));
        Assert.DoesNotContain(marker, string.Concat(rows.Select(r => r.ToJsonString())), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["action", "actor", "at", "id", "members", "resource", "resourceId"], rows[0].AsObject().Select(m => m.Key).Order());
    }

    [Fact]
    public async Task A_refused_write_leaves_nothing()
    {
        var author = (await editor.Post(Authors, new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);
        var other = (await editor.Post(Authors, new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);
        var draft = await editor.Draft(Wire.Unique("Article"), more: new { credits = new[] { new { role = "author", authorId = author.Id } } });
        (await editor.Patch($"{Authors}/{author.Id}", new { name = "" }, author.ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        (await editor.Patch($"{Authors}/{author.Id}", new { slug = other.Slug() }, author.ETag)).Refuses(HttpStatusCode.Conflict, "slug-taken");
        (await editor.Patch($"{Authors}/{author.Id}", new { name = "x" }, "\"0\"")).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await editor.Delete($"{Authors}/{author.Id}", author.ETag)).Refuses(HttpStatusCode.Conflict, "author-in-use");
        Assert.Equal(["createAuthor author []"], Lines(await Of(author.Id.ToString())));

        // A constraint refuses after the audit row was written: both go.
        var tag = (await editor.Post("/management/v1/tags", new { name = Wire.Unique("Thema") })).Is(HttpStatusCode.Created);
        (await editor.Patch("/management/v1/tags/" + (await editor.Post("/management/v1/tags", new { name = Wire.Unique("Sujet") })).Id, new { name = tag.Member("name") }, "*"))
            .Refuses(HttpStatusCode.Conflict, "tag-taken");
        Assert.Equal(["createTag tag []"], Lines(await Of(tag.Id.ToString())));
        Assert.Equal(["createArticle article []"], Lines(await Of(draft.Id.ToString())));
    }

    [Fact]
    public async Task Tokens_are_audited_without_what_proves_them_and_actions_by_their_names()
    {
        var token = (await editor.Post("/management/v1/tokens", new { name = "x", scopes = new[] { Scope.ContentRead } })).Is(HttpStatusCode.Created);
        (await editor.Delete($"/management/v1/tokens/{token.Member("id")}", token.ETag)).Is(HttpStatusCode.NoContent);
        Assert.Equal(["revokeToken token [revokedAt]", "createToken token []"], Lines(await Of(token.Member("id"))));

        var story = await editor.Story(Wire.Unique("Article"));
        var lines = Lines(await Of(story.Id.ToString()));
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("publishArticle article [", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_hold_every_entry_once_and_belong_to_their_filter()
    {
        var author = (await editor.Post(Authors, new { name = Wire.Unique("Anne") })).Is(HttpStatusCode.Created);
        var etag = author.ETag;
        for (var i = 0; i < 4; i++) etag = (await editor.Patch($"{Authors}/{author.Id}", new { bio = $"{i}" }, etag)).Is(HttpStatusCode.OK).ETag;
        var all = (await Of(author.Id.ToString())).Select(r => r["id"]?.ToString()).ToList();

        var (seen, cursor) = (new List<string?>(), "");
        do
        {
            var page = (await editor.Get($"{Audit}?resourceId={author.Id}&limit=2{cursor}")).Is(HttpStatusCode.OK);
            seen.AddRange((page.Body["items"]?.AsArray() ?? []).Select(r => r?["id"]?.ToString()));
            cursor = page.Body["next"] is { } next ? $"&cursor={next}" : "";
            if (cursor.Length > 0) (await editor.Get($"{Audit}?limit=2{cursor}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");
        }
        while (cursor.Length > 0);

        Assert.Equal(5, all.Count);
        Assert.Equal(all, seen);
        Assert.Empty(await Of("nobody"));
    }

    [Fact]
    public async Task Every_operation_that_writes_leaves_a_row_under_its_own_name()
    {
        await using var service = await fixture.StartService();
        using var desk = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
        var operations = Operation.All(service, Cms.Api.Http.Face.Management);
        // Three ask, and store nothing of the newsroom's; three need what is there already or a file, and have tests of their own.
        var writes = operations.Where(o => o.Method != HttpMethod.Get && o.Name is not ("previewSlug" or "checkSuppression" or "testNextDigest" or "takeBounce" or "liftSuppression" or "importSubscribers")).ToList();
        foreach (var write in writes)
        {
            var path = write.Route;
            if (write.HasId)
            {
                var create = operations.Single(c => c.Route == write.Collection && c.Method == HttpMethod.Post);
                var made = write.Name switch
                {
                    "withdrawArticle" => await desk.Story(Wire.Unique("Article")),
                    "discardDraft" => await desk.Change(await desk.Story(Wire.Unique("Article")), new { kicker = "k" }),
                    "publishArticle" => await desk.Draft(Wire.Unique("Article")),
                    _ => (await create.Ask(desk, create.Route, create.Good)).Is(HttpStatusCode.Created),
                };
                path = write.At(made.Member("id"));
            }

            var answer = await write.Ask(desk, path, write.Good);
            Assert.True((int)answer.Status is >= 200 and < 300, $"{write}: {answer.Text}");
        }

        var (actions, next) = (new HashSet<string>(), (string?)$"{Audit}?limit=100");
        while (next is not null)
        {
            var page = (await desk.Get(next)).Is(HttpStatusCode.OK);
            actions.UnionWith((page.Body["items"]?.AsArray() ?? []).Select(r => r?["action"]?.ToString() ?? ""));
            next = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
        }

        Assert.Empty(writes.Select(w => w.Name).Except(actions));
    }
}
