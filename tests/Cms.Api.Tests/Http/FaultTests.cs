using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Cms.Api.Tests.Http;

public sealed class FaultTests(ApiFixture fixture)
{
    [Fact]
    public async Task A_fault_of_ours_is_500_on_every_operation_and_tells_nothing_of_itself()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var service = await fixture.StartService();
        using var client = await service.Client(ct, [.. Domain.Access.Scope.All]);
        JsonObject[] documents = [(await client.Get("/openapi/delivery.json")).Body, (await client.Get("/openapi/management.json")).Body, (await client.Get("/openapi/syndication.json")).Body, (await client.Get("/openapi/newsletter.json")).Body];
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var breaking = source.CreateCommand("ALTER SCHEMA cms RENAME TO cms_gone; ALTER SCHEMA delivery RENAME TO delivery_gone");
        await breaking.ExecuteNonQueryAsync(ct);

        foreach (var (path, operations) in documents.SelectMany(d => d["paths"]!.AsObject()))
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation!["responses"]?["500"] is null) continue; // it asks no database
                var address = path.Replace("{id}", path.Contains("/tokens/", StringComparison.Ordinal) ? "0HbrwaCX7qW5" : $"{Guid.CreateVersion7()}", StringComparison.Ordinal)
                    .Replace("{slug}", "ein-slug", StringComparison.Ordinal).Replace("{format}", "rss", StringComparison.Ordinal).Replace("{shard}", "2026-01-1", StringComparison.Ordinal)
                    .Replace("{edition}", "1", StringComparison.Ordinal).Replace("{article}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal)
                    .Replace("/oembed", "/oembed?url=http://localhost:3000/a/b", StringComparison.Ordinal)
                    + (operation!["parameters"]?.AsArray().Any(p => p!["name"]!.GetValue<string>() == "q" && p["required"]?.GetValue<bool>() == true) == true ? "?q=wort" : "");
                var body = operation["requestBody"]?["content"]!.AsObject().First();
                var answer = (await client.Ask(HttpMethod.Parse(method), address, body is null ? null : "{}", body?.Key, ("If-Match", "*"))).Refuses(HttpStatusCode.InternalServerError, "internal");

                Assert.True(answer.Message.Headers.CacheControl?.NoStore);
                foreach (var secret in new[] { "42P01", "relation", "Npgsql", "SELECT", " at " }) Assert.DoesNotContain(secret, answer.Text, StringComparison.OrdinalIgnoreCase);
            }
    }
}
