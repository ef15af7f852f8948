using System.Net;
using System.Text.Json.Nodes;
using Cms.Api.OpenApi;
using Cms.Api.Tests.Management;

namespace Cms.Api.Tests.OpenApi;

/// <summary>What the documents say of requests is what the service holds to.</summary>
public sealed class TruthTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private async Task<JsonObject> Document(string face) => (await fixture.Reader.Get($"/openapi/{face}.json")).Is(HttpStatusCode.OK).Body;

    private async Task<JsonObject> Schemas() => (await Document("management"))["components"]!["schemas"]!.AsObject();

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => ($"{o.Key} {p.Key}", o.Value!)));

    [Fact]
    public async Task Every_parameter_has_bounds_and_every_operation_declares_its_faults()
    {
        var faults = new List<string>();
        foreach (var face in Documents.Faces.Keys)
            foreach (var (name, operation) in Operations(await Document(face)))
            {
                foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
                    if (Unbounded(parameter!["schema"]!).Any()) faults.Add($"{name}: {parameter["name"]}");
                string[] promised = face switch { "operations" => [], "delivery" or "syndication" or "newsletter" => ["500", "503"], _ => ["429", "500", "503"] };
                if (operation["operationId"]!.GetValue<string>() == "getChallenge") promised = ["503"]; // it asks no database
                faults.AddRange(promised.Where(s => operation["responses"]![s] is null).Select(s => $"{name}: {s}"));
            }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task A_version_and_a_place_are_promised_where_they_are_sent_and_nowhere_else()
    {
        var (management, newsletter) = (await Document("management"), await Document("newsletter"));
        await using var news = await Newsletter.Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));

        Says(management, "/management/v1/digests/next/test", "post", await news.Editor.Post("/management/v1/digests/next/test", new { email = "desk@example.org" }));
        Says(management, "/management/v1/imports", "post", await news.Editor.Ask(HttpMethod.Post, "/management/v1/imports?consentSource=form&textVersion=1", "email\nlea@example.org\n", "text/csv"));
        Says(management, "/management/v1/tags", "post", await news.Editor.Post("/management/v1/tags", new { name = "Ponts" }));
        Says(management, "/management/v1/digests/next", "get", await news.Editor.Get("/management/v1/digests/next"));
        Says(management, "/management/v1/digests", "get", await news.Editor.Get("/management/v1/digests"));
        Says(management, "/management/v1/jobs", "get", await news.Editor.Get("/management/v1/jobs"));
        Says(newsletter, "/newsletter/v1/subscriptions", "post", await news.Anonymous.Post("/newsletter/v1/subscriptions", new { email = "lea@example.org" }));
        Says(newsletter, "/newsletter/v1/subscriptions", "get", await news.Anonymous.Get("/newsletter/v1/subscriptions"));

        static void Says(JsonObject document, string path, string method, Answer answer)
        {
            var said = document["paths"]![path]![method]!["responses"]![$"{(int)answer.Status}"]!["headers"]?.AsObject().Select(h => h.Key).Where(h => h is "ETag" or "Location").Order() ?? Enumerable.Empty<string>();
            Assert.Equal(said, answer.Message.Headers.Select(h => h.Key).Where(h => h is "ETag" or "Location").Order());
        }
    }

    [Fact]
    public async Task Every_text_list_and_number_that_may_be_sent_has_bounds()
    {
        var faults = (await Schemas()).Where(s => s.Key.EndsWith("Input", StringComparison.Ordinal) || s.Key.EndsWith("Patch", StringComparison.Ordinal))
            .SelectMany(s => s.Value!["properties"]!.AsObject().SelectMany(p => Unbounded(p.Value!).Select(f => $"{s.Key}/{p.Key}{f}"))).ToList();

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>What of a schema has no end; references are looked at where they lead.</summary>
    private static IEnumerable<string> Unbounded(JsonNode schema)
    {
        if (schema["enum"] is not null) yield break;
        var types = schema["type"] is JsonArray several ? [.. several.Select(t => t!.GetValue<string>())] : new[] { schema["type"]?.GetValue<string>() ?? "" };
        if (types.Contains("string") && schema["maxLength"] is null && schema["format"]?.GetValue<string>() is not ("uuid" or "date-time")) yield return ": maxLength";
        if (types.Contains("integer") && (schema["minimum"] is null || schema["maximum"] is null)) yield return ": minimum, maximum";
        if (types.Contains("object") && schema["additionalProperties"] is JsonObject values)
        {
            if (schema["maxProperties"] is null) yield return ": maxProperties";
            foreach (var fault in Unbounded(values)) yield return "/*" + fault;
        }

        if (!types.Contains("array")) yield break;
        if (schema["maxItems"] is null) yield return ": maxItems";
        foreach (var fault in Unbounded(schema["items"]!)) yield return "/items" + fault;
    }

    [Fact]
    public async Task What_is_required_is_what_is_refused_without_it_and_as_null()
    {
        var schemas = await Schemas();
        var faults = new List<string>();
        await using var service = await fixture.StartService(); // an empty share card would be taken
        using var client = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        foreach (var operation in Operation.All(service, Cms.Api.Http.Face.Management).Where(o => o.TakesJson && !o.HasId && (o.Method == HttpMethod.Post || o.Method == HttpMethod.Put)))
        {
            var schema = schemas[operation.Body!.Type.Name]!;
            string[] required = [.. (schema["required"]?.AsArray() ?? []).Select(r => $"/{r} required").Order(StringComparer.Ordinal)];
            var nulls = new JsonObject(schema["properties"]!.AsObject().Select(p => KeyValuePair.Create(p.Key, (JsonNode?)null)));
            foreach (var body in new[] { [], nulls })
            {
                var answer = await operation.Ask(client, operation.Route, body);
                var refused = answer.Errors.Where(e => e.EndsWith(" required", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
                if (!required.SequenceEqual(refused)) faults.Add($"{operation}: {string.Join(' ', required)} but {answer.Text}");
            }

            faults.AddRange((schema["required"]?.AsArray() ?? []).Where(r => IsNullable(schema["properties"]![r!.GetValue<string>()]!)).Select(r => $"{operation.Body.Type.Name}/{r} allows null"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal((false, true), (IsNullable(schemas["CreditInput"]!["properties"]!["role"]!), schemas["CreditInput"]!["required"]!.ToJsonString().Contains("role", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_patch_needs_no_member_of_an_object_within_and_null_only_what_may_be_empty()
    {
        var schemas = await Schemas();
        foreach (var (name, patch) in schemas.Where(s => s.Key.EndsWith("Patch", StringComparison.Ordinal)))
        {
            Assert.Null(patch!["required"]);
            var whole = schemas[name.Replace("Patch", "Input", StringComparison.Ordinal)]!;
            foreach (var (member, schema) in patch["properties"]!.AsObject())
            {
                Assert.False(Named(schema!)?.EndsWith("Input", StringComparison.Ordinal) == true, $"{name}/{member}");
                Assert.True(IsNullable(schema!) != (whole["required"]?.AsArray().Any(r => r!.GetValue<string>() == member) ?? false), $"{name}/{member}");
            }
        }

        await using var service = await fixture.StartService();
        using var client = await service.Client(TestContext.Current.CancellationToken, "settings:write");
        var changed = (await client.Patch("/management/v1/site", new { publisher = new { logoUrl = (string?)null } }, "*")).Is(HttpStatusCode.OK);
        Assert.Equal("Cms", changed.Body["publisher"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Scopes_are_a_closed_list_and_what_a_list_needs_is_required()
    {
        var scopes = (await Schemas())["TokenInput"]!["properties"]!["scopes"]!["items"]!["enum"]!.AsArray().Select(s => s!.GetValue<string>());
        var missing = Operations(await Document("management")).Single(o => o.Name == "get /management/v1/share").Operation["parameters"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "missing");

        Assert.Equal(Domain.Access.Scope.All, scopes);
        Assert.True(missing!["required"]?.GetValue<bool>());
        Assert.Equal(["/scopes/1 unknown", "/scopes/2 required"], (await editor.Post("/management/v1/tokens", new { name = "x", scopes = new[] { "content:read", "all", null } }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    private static string? Named(JsonNode schema) =>
        (schema["$ref"] ?? schema["oneOf"]?.AsArray().Select(o => o!["$ref"]).FirstOrDefault(r => r is not null))?.GetValue<string>().Split('/')[^1];

    private static bool IsNullable(JsonNode schema) =>
        (schema["type"] is JsonArray types && types.Any(t => t!.GetValue<string>() == "null")) || (schema["oneOf"]?.AsArray().Any(IsNull) ?? false);

    private static bool IsNull(JsonNode? schema) => schema!["type"] is JsonValue type && type.GetValue<string>() == "null";
}
