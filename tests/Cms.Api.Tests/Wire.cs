using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cms.Api.Tests.Contract;

namespace Cms.Api.Tests;

/// <summary>An answer as it was on the wire, read once.</summary>
public sealed record Answer(HttpStatusCode Status, HttpResponseMessage Message, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Bytes) ?? throw new JsonException("The answer is null.");

    public JsonObject Body => Json.AsObject();

    public string ETag => Message.Headers.ETag?.ToString() ?? throw new InvalidOperationException("The answer has no ETag.");

    public Guid Id => Guid.Parse(Body["id"]?.GetValue<string>() ?? "");

    /// <summary>The problem's name: the last part of its type.</summary>
    public string Problem => Body["type"]?.GetValue<string>().Replace("/problems/", "", StringComparison.Ordinal) ?? "";

    /// <summary>What it names as wrong, as "pointer code", in order.</summary>
    public string[] Errors => [.. (Body["errors"]?.AsArray() ?? []).Select(e => $"{e?["pointer"]} {e?["code"]}")];

    /// <summary>Asserts the status, showing the answer when it differs.</summary>
    public Answer Is(HttpStatusCode expected)
    {
        Assert.True(expected == Status, $"Expected {(int)expected}, got {(int)Status}: {Text}");
        return this;
    }

    /// <summary>Asserts a problem: status, type, its own media type, a trace.</summary>
    public Answer Refuses(HttpStatusCode expected, string problem)
    {
        Is(expected);
        Assert.Equal("application/problem+json", Message.Content.Headers.ContentType?.MediaType);
        Assert.Equal(problem, Problem);
        Assert.Equal((int)expected, Body["status"]?.GetValue<int>());
        Assert.NotEmpty(Body["traceId"]?.GetValue<string>() ?? "");
        return this;
    }
}

/// <summary>Speaks HTTP as a client does, with nothing of the service's own types.</summary>
public static class Wire
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<Answer> Get(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.Ask(HttpMethod.Get, path, null, null, headers);

    public static Task<Answer> Post(this HttpClient client, string path, object? body = null, params (string Name, string Value)[] headers) =>
        client.Ask(HttpMethod.Post, path, body, "application/json", headers);

    public static Task<Answer> Put(this HttpClient client, string path, object body, string? ifMatch) =>
        client.Ask(HttpMethod.Put, path, body, "application/json", IfMatch(ifMatch));

    public static Task<Answer> Patch(this HttpClient client, string path, object body, string? ifMatch) =>
        client.Ask(HttpMethod.Patch, path, body, "application/merge-patch+json", IfMatch(ifMatch));

    public static Task<Answer> Delete(this HttpClient client, string path, string? ifMatch) => client.Ask(HttpMethod.Delete, path, null, null, IfMatch(ifMatch));

    /// <summary>An action of an article, such as publish.</summary>
    public static Task<Answer> Act(this HttpClient client, string path, string? ifMatch) => client.Ask(HttpMethod.Post, path, null, null, IfMatch(ifMatch));

    /// <summary>A string body goes as it is; anything else as JSON.</summary>
    public static async Task<Answer> Ask(
        this HttpClient client, HttpMethod method, string path, object? body, string? mediaType, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var bytes = body switch
            {
                byte[] raw => raw,
                string text => Encoding.UTF8.GetBytes(text),
                _ => JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web),
            };
            request.Content = new ByteArrayContent(bytes);
            if (mediaType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        }

        foreach (var (name, value) in headers)
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        var response = await client.SendAsync(request, Ct);
        Seen.Answer(method, path, response.StatusCode);
        return new(response.StatusCode, response, await response.Content.ReadAsByteArrayAsync(Ct));
    }

    /// <summary>A word that no other test uses.</summary>
    public static string Unique(string stem) => $"{stem}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz", 10)}";

    private static (string, string)[] IfMatch(string? etag) => etag is null ? [] : [("If-Match", etag)];
}
