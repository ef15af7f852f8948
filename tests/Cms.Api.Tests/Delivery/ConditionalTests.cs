using System.Globalization;
using System.IO.Compression;
using System.Net;
using Cms.Api.Http;
using Cms.Api.Tests.Management;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Delivery;

/// <summary>What a client is told of an answer that it holds (RFC 9110, 13).</summary>
public sealed class ConditionalTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Modified(Answer answer) => answer.Message.Content.Headers.LastModified ?? throw new InvalidOperationException("There is no Last-Modified.");

    private static (string, string) Since(DateTimeOffset at) => ("If-Modified-Since", at.ToString("R", CultureInfo.InvariantCulture));

    [Fact]
    public async Task What_changed_for_readers_is_never_304_by_an_older_date()
    {
        var section = await editor.OpenSection();
        var shown = await editor.Story(Wire.Unique("gezeigt"));
        var story = await editor.Story(Wire.Unique("datum"), section.Id, new { relatedIds = new[] { shown.Id } });
        var path = $"{Desk.Published}/{story.Slug()}";
        var first = await reader.Get(path);
        (await reader.Get(path, Since(Modified(first)))).Is(HttpStatusCode.NotModified);

        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { name = Wire.Unique("Rubrik") }, section.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Settle();
        foreach (var coding in new[] { "identity", "br", "gzip" })
            Assert.NotEqual(first.ETag, (await reader.Get(path, Since(Modified(first)), ("Accept-Encoding", coding))).Is(HttpStatusCode.OK).ETag);

        var second = await reader.Get(path);
        await editor.Withdraw(shown);
        Assert.NotEqual(second.ETag, (await reader.Get(path, Since(Modified(second)))).Is(HttpStatusCode.OK).ETag);
        Assert.Equal(first.Member("updatedAt"), (await reader.Get(path)).Member("updatedAt"));
    }

    [Fact]
    public async Task Sections_and_the_site_honour_If_Modified_Since()
    {
        await using var service = await fixture.StartService();
        using var own = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        using var anybody = service.Anonymous();
        var section = await own.OpenSection();
        string[] paths = ["/delivery/v1/sections", $"/delivery/v1/sections/{section.Slug()}", "/delivery/v1/site"];
        foreach (var path in paths)
        {
            // Two changes within a second: the later one counts as the next second's, and its date is sent once that has come.
            var answer = await anybody.Get(path);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while ((await anybody.Get(path, Since(Modified(answer)))).Status != HttpStatusCode.NotModified)
            {
                Assert.False(patience.IsCancellationRequested, $"{path} is never 304 by its own date.");
                answer = await anybody.Get(path);
            }

            (await anybody.Get(path, Since(Modified(answer).AddSeconds(-1)))).Is(HttpStatusCode.OK);
            (await anybody.Get(path, Since(Modified(answer)), ("If-None-Match", "\"x\""))).Is(HttpStatusCode.OK);
            (await anybody.Get(path, Since(Modified(answer).AddYears(-1)), ("If-None-Match", answer.ETag))).Is(HttpStatusCode.NotModified);
        }

        var before = new List<Answer>();
        foreach (var path in paths) before.Add(await anybody.Get(path));
        (await own.Patch($"{Desk.Sections}/{section.Id}", new { name = "Umbenannt" }, section.ETag)).Is(HttpStatusCode.OK);
        foreach (var (path, old) in paths.Zip(before).Take(2)) (await anybody.Get(path, Since(Modified(old)))).Is(HttpStatusCode.OK);
        (await anybody.Get(paths[2], Since(Modified(before[2])))).Is(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_list_has_no_date_and_is_never_304_by_one()
    {
        await editor.Story(Wire.Unique("liste"));
        var list = await reader.Get(Desk.Published, Since(new DateTimeOffset(2190, 1, 1, 0, 0, 0, TimeSpan.Zero)));

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
        var story = await alone.Story(Wire.Unique("gleich"), section.Id);
        await service.Settle();

        foreach (var operation in Operation.All(service, Face.Delivery))
        {
            var path = operation.Route.Replace("{slug}", operation.Route.StartsWith(Desk.Published, StringComparison.Ordinal) ? story.Slug() : section.Slug(), StringComparison.Ordinal) + operation.Needed;
            var first = (await alone.Get(path)).Is(HttpStatusCode.OK);
            var again = (await alone.Get(path, ("If-None-Match", first.ETag))).Is(HttpStatusCode.NotModified);

            Assert.Equal((first.ETag, 0), (again.ETag, again.Bytes.Length));
        }
    }
}
