using System.Net;
using Cms.Domain.Access;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Http;

public sealed class IdempotencyTests(ApiFixture fixture)
{
    private const string Authors = "/management/v1/authors", Tags = "/management/v1/tags", Tokens = "/management/v1/tokens";
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static (string, string) Key(string key) => ("Idempotency-Key", key);

    [Fact]
    public async Task Fifty_creates_at_once_under_one_key_make_one_row_and_get_one_answer()
    {
        var (name, key) = (Wire.Unique("Anne"), Wire.Unique("key"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => editor.Post(Authors, new { name }, Key(key))));

        foreach (var twin in answers.Where(a => a.Status != HttpStatusCode.Created))
        {
            twin.Refuses(HttpStatusCode.Conflict, "in-flight");
            Assert.Equal("1", twin.Message.Headers.RetryAfter?.ToString());
        }

        var last = (await editor.Post(Authors, new { name }, Key(key))).Is(HttpStatusCode.Created);
        var created = answers.Where(a => a.Status == HttpStatusCode.Created).Append(last).ToList();
        Assert.Single(created.Select(a => (a.Text, a.ETag, a.Message.Headers.Location?.ToString(), a.Message.Content.Headers.ContentType?.ToString())).Distinct());
        Assert.Equal(name.ToLowerInvariant(), last.Slug());
        var next = (await editor.Post(Authors, new { name })).Is(HttpStatusCode.Created);
        Assert.Equal(name.ToLowerInvariant() + "-2", next.Slug()); // no other row took a slug
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused_and_with_another_operation_or_token_is_another_key()
    {
        var (name, key) = (Wire.Unique("Anne"), Wire.Unique("key"));
        var first = (await editor.Post(Authors, new { name }, Key(key))).Is(HttpStatusCode.Created);

        (await editor.Post(Authors, new { name = name + "x" }, Key(key))).Refuses(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        (await editor.Post(Authors, $$"""{"name": "{{name}}"}""", Key(key))).Refuses(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"); // the same value in other bytes
        (await editor.Post(Tags, new { name }, Key(key))).Is(HttpStatusCode.Created);
        using var other = await fixture.Service.Client(Ct, Scope.TaxonomyWrite);
        Assert.NotEqual(first.Id, (await other.Post(Authors, new { name }, Key(key))).Is(HttpStatusCode.Created).Id);
    }

    [Fact]
    public async Task A_refusal_is_not_kept_and_the_key_may_be_used_again()
    {
        var key = Wire.Unique("key");
        (await editor.Post(Authors, new { name = "" }, Key(key))).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
        var created = (await editor.Post(Authors, new { name = Wire.Unique("Anne") }, Key(key))).Is(HttpStatusCode.Created);
        (await editor.Delete($"{Authors}/{created.Id}", created.ETag)).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_repeat_gives_the_first_answer_though_the_resource_changed_since()
    {
        var (body, key) = (new { name = Wire.Unique("Anne") }, Wire.Unique("key"));
        var first = (await editor.Post(Authors, body, Key(key))).Is(HttpStatusCode.Created);
        (await editor.Patch($"{Authors}/{first.Id}", new { bio = "x" }, first.ETag)).Is(HttpStatusCode.OK);

        var repeat = (await editor.Post(Authors, body, Key(key))).Is(HttpStatusCode.Created);
        Assert.Equal((first.Text, first.ETag), (repeat.Text, repeat.ETag));
    }

    [Fact]
    public async Task A_repeat_never_shows_a_secret_again_and_the_store_never_held_it()
    {
        var (body, key) = (new { name = "x", scopes = new[] { Scope.ContentRead } }, Wire.Unique("key"));
        var first = (await editor.Post(Tokens, body, Key(key))).Is(HttpStatusCode.Created);
        var repeat = (await editor.Post(Tokens, body, Key(key))).Is(HttpStatusCode.Created);

        Assert.NotEmpty(first.Member("secret"));
        Assert.True(repeat.Body.ContainsKey("secret"));
        Assert.Null(repeat.Body["secret"]);
        Assert.Equal(first.Member("id"), repeat.Member("id"));
        Assert.Equal("no-store", repeat.Message.Headers.CacheControl?.ToString());
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var kept = source.CreateCommand("SELECT convert_from(body, 'UTF8') FROM cms.idempotency_keys WHERE key = $1");
        kept.Parameters.AddWithValue(key);
        Assert.DoesNotContain(first.Member("secret").Split('_')[2], await kept.ExecuteScalarAsync(Ct) as string ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a,\tb")]
    public async Task A_key_that_is_not_visible_ASCII_is_refused(string key) =>
        Assert.Equal(["Idempotency-Key header"], (await editor.Post(Authors, new { name = "x" }, Key(key))).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);

    [Fact]
    public async Task A_key_of_255_characters_is_taken_and_a_longer_one_is_not()
    {
        (await editor.Post(Authors, new { name = "x" }, Key(new string('k', 255)))).Is(HttpStatusCode.Created);
        (await editor.Post(Authors, new { name = "x" }, Key(new string('k', 256)))).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task An_answer_is_kept_for_a_day()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, Scope.TaxonomyWrite);
        var body = new { name = "Anne" };
        var first = (await client.Post(Authors, body, Key("k"))).Is(HttpStatusCode.Created);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var age = source.CreateCommand("UPDATE cms.idempotency_keys SET created_at = now() - $1");

        age.Parameters.AddWithValue(IdempotencyRecord.KeptFor - TimeSpan.FromMinutes(1));
        await age.ExecuteNonQueryAsync(Ct);
        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);
        Assert.Equal(first.Id, (await client.Post(Authors, body, Key("k"))).Is(HttpStatusCode.Created).Id);

        age.Parameters[0].Value = IdempotencyRecord.KeptFor + TimeSpan.FromMinutes(1);
        await age.ExecuteNonQueryAsync(Ct);
        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);
        Assert.NotEqual(first.Id, (await client.Post(Authors, body, Key("k"))).Is(HttpStatusCode.Created).Id);
    }
}
