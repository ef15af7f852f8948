using System.Globalization;
using System.IO.Compression;
using System.Net;
using Cms.Api.Http;
using Cms.Api.Tests.Management;
using Cms.Domain.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cms.Api.Tests.Delivery;

/// <summary>What a client is told of an answer that it holds (RFC 9110, 13).</summary>
public sealed class ConditionalTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Modified(Answer answer) => answer.Message.Content.Headers.LastModified ?? throw new InvalidOperationException("There is no Last-Modified.");

    private static (string, string) Since(DateTimeOffset at) => ("If-Modified-Since", at.ToString("R", CultureInfo.InvariantCulture));

    [Fact]
    public async Task An_article_is_dated_once_two_seconds_have_passed_and_never_304_by_an_older_date()
    {
        // Before the database's own time, so that what is left to the background is due.
        var start = new DateTimeOffset(2026, 1, 4, 6, 0, 0, TimeSpan.Zero);
        var time = new FakeTimeProvider(start);
        await using var service = await fixture.StartService(configure: b => b.Services.AddSingleton<TimeProvider>(time));
        using var own = await service.Client(Ct, [.. Scope.All]);
        using var anybody = service.Anonymous();
        var section = await own.OpenSection();
        var shown = await own.Story(Wire.Unique("gezeigt"));
        var story = await own.Story(Wire.Unique("datum"), section.Id, new { relatedIds = new[] { shown.Id } });
        var path = $"{Desk.Published}/{story.Slug()}";
        Assert.Null((await anybody.Get(path)).Message.Content.Headers.LastModified);

        time.Advance(TimeSpan.FromSeconds(3));
        var first = await anybody.Get(path);
        Assert.Equal(start, Modified(first));
        (await anybody.Get(path, Since(Modified(first)))).Is(HttpStatusCode.NotModified);
        (await anybody.Get(path, Since(Modified(first).AddSeconds(-1)))).Is(HttpStatusCode.OK);
        (await anybody.Get(path, Since(Modified(first)), ("If-None-Match", "\"x\""))).Is(HttpStatusCode.OK);
        (await anybody.Get(path, Since(Modified(first).AddYears(-1)), ("If-None-Match", first.ETag))).Is(HttpStatusCode.NotModified);

        (await own.Patch($"{Desk.Sections}/{section.Id}", new { name = Wire.Unique("Rubrik") }, section.ETag)).Is(HttpStatusCode.OK);
        await service.Settle();
        foreach (var coding in new[] { "identity", "br", "gzip" })
            Assert.NotEqual(first.ETag, (await anybody.Get(path, Since(Modified(first)), ("Accept-Encoding", coding))).Is(HttpStatusCode.OK).ETag);

        time.Advance(TimeSpan.FromSeconds(3));
        var second = await anybody.Get(path);
        await own.Withdraw(shown);
        Assert.NotEqual(second.ETag, (await anybody.Get(path, Since(Modified(second)))).Is(HttpStatusCode.OK).ETag);
        Assert.Equal(first.Member("updatedAt"), (await anybody.Get(path)).Member("updatedAt"));
    }

    [Fact]
    public async Task A_tag_is_honoured_by_a_node_that_holds_nothing()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Delivery:CacheMegabytes"] = "0" });
        using var own = await service.Client(Ct, [.. Scope.All]);
        using var anybody = service.Anonymous();
        var story = await own.Story(Wire.Unique("kalt"));
        var path = $"{Desk.Published}/{story.Slug()}";
        var first = (await anybody.Get(path)).Is(HttpStatusCode.OK);
        var hash = first.ETag.Trim('"');

        foreach (var tag in new[] { $"\"{hash}\"", $"W/\"{hash}\"", $"\"{hash}-br\"", $"\"{hash}-gzip\"", $"\"x\", \"{hash}\"", "*" })
            foreach (var coding in new[] { "identity", "br" })
            {
                var held = (await anybody.Get(path, ("If-None-Match", tag), ("Accept-Encoding", coding))).Is(HttpStatusCode.NotModified);
                Assert.Equal((coding == "br" ? $"\"{hash}-br\"" : $"\"{hash}\"", 0), (held.ETag, held.Bytes.Length));
                Assert.Equal(first.Message.Headers.GetValues("Surrogate-Key"), held.Message.Headers.GetValues("Surrogate-Key"));
            }

        Assert.Equal(first.Text, (await anybody.Get(path, ("If-None-Match", "\"x\""))).Is(HttpStatusCode.OK).Text);
        Assert.Equal(first.Text, (await own.Get(path)).Is(HttpStatusCode.OK).Text);
        await own.Publish(await own.Change(story, new { kicker = "neu" }));
        Assert.NotEqual(first.ETag, (await anybody.Get(path, ("If-None-Match", first.ETag))).Is(HttpStatusCode.OK).ETag);
        await own.Withdraw(await own.Get($"{Desk.Articles}/{story.Id}"));
        (await anybody.Get(path, ("If-None-Match", first.ETag))).Refuses(HttpStatusCode.Gone, "gone");
    }

    [Theory]
    [InlineData("/delivery/v1/articles")]
    [InlineData("/delivery/v1/sections")]
    [InlineData("/delivery/v1/site")]
    public async Task What_is_made_of_many_parts_has_no_date_and_is_never_304_by_one(string path)
    {
        await editor.Story(Wire.Unique("liste"));
        var list = await reader.Get(path, Since(new DateTimeOffset(2190, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        Assert.Null(list.Is(HttpStatusCode.OK).Message.Content.Headers.LastModified);
    }

    [Fact]
    public async Task Documents_are_sent_in_each_coding_as_they_were_stored()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        var section = await own.OpenSection();
        foreach (var (key, path) in new[] { ("sections", "/delivery/v1/sections"), ($"section:{section.Slug()}", $"/delivery/v1/sections/{section.Slug()}"), ("site", "/delivery/v1/site") })
        {
            var (plain, brotli, gzip) = (await anybody.Get(path), await anybody.Get(path, ("Accept-Encoding", "br")), await anybody.Get(path, ("Accept-Encoding", "gzip")));

            Assert.Equal(await service.Sql("SELECT json FROM delivery.documents WHERE key = $1", key), plain.Bytes);
            Assert.Equal(await service.Sql("SELECT br FROM delivery.documents WHERE key = $1", key), brotli.Bytes);
            Assert.Equal(await service.Sql("SELECT gzip FROM delivery.documents WHERE key = $1", key), gzip.Bytes);
            Assert.Equal(plain.Bytes, await Whole(new BrotliStream(new MemoryStream(brotli.Bytes), CompressionMode.Decompress)));
            Assert.Equal(plain.Bytes, await Whole(new GZipStream(new MemoryStream(gzip.Bytes), CompressionMode.Decompress)));
            Assert.Equal(("br", "gzip"), (brotli.Message.Content.Headers.ContentEncoding.Single(), gzip.Message.Content.Headers.ContentEncoding.Single()));
            Assert.Equal($"\"{await service.Sql("SELECT etag FROM delivery.documents WHERE key = $1", key)}\"", plain.ETag);
        }
    }

    private static async Task<byte[]> Whole(Stream stream)
    {
        var whole = new MemoryStream();
        await stream.CopyToAsync(whole, Ct);
        return whole.ToArray();
    }

    [Fact]
    public async Task What_a_client_holds_of_delivery_is_not_sent_again()
    {
        await using var service = await fixture.StartService(); // where nobody else changes what all see
        using var alone = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
        var section = await alone.OpenSection();
        var author = (await alone.Post("/management/v1/authors", new { name = "Gleich" })).Is(HttpStatusCode.Created);
        var story = await alone.Story(Wire.Unique("gleich"), section.Id, new { tags = new[] { "gleich" }, credits = new[] { new { role = "author", authorId = author.Id } } });
        var list = (await alone.Post("/management/v1/lists", new { name = "Gleich", pinnedIds = new[] { story.Id } })).Is(HttpStatusCode.Created);
        var slugs = new Dictionary<string, string> { ["articles"] = story.Slug(), ["sections"] = section.Slug(), ["authors"] = author.Slug(), ["tags"] = "gleich", ["lists"] = list.Slug() };
        await service.Settle();

        foreach (var operation in Operation.All(service, Face.Delivery))
        {
            var path = operation.Route.Replace("{slug}", slugs.GetValueOrDefault(operation.Route.Split('/')[3]), StringComparison.Ordinal) + operation.Needed;
            var first = (await alone.Get(path)).Is(HttpStatusCode.OK);
            var again = (await alone.Get(path, ("If-None-Match", first.ETag))).Is(HttpStatusCode.NotModified);

            Assert.Equal((first.ETag, 0), (again.ETag, again.Bytes.Length));
        }
    }
}
