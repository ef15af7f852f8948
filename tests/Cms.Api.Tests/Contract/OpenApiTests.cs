using System.Net;
using System.Text.Json.Nodes;
using Cms.Api.OpenApi;

namespace Cms.Api.Tests.Contract;

/// <summary>The contract stands in the repository, so that a change of it is seen in review. <c>UPDATE=1</c> rewrites it.</summary>
public sealed class OpenApiTests(ApiFixture fixture)
{
    public static TheoryData<string> Faces => [.. Documents.Faces.Keys];

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task The_document_in_the_repository_is_the_one_that_is_served(string face)
    {
        var served = (await fixture.Reader.Get($"/openapi/{face}.json")).Is(HttpStatusCode.OK).Text.ReplaceLineEndings("\n") + "\n";
        var file = Path.Combine(Repository.Root, "docs", "openapi", $"{face}.json");
        if (Environment.GetEnvironmentVariable("UPDATE") == "1") await File.WriteAllTextAsync(file, served, TestContext.Current.CancellationToken);

        Assert.True(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == served, $"{file} is not what is served. If the change is meant, run the tests with UPDATE=1.");
    }

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task Every_body_has_an_example_and_every_operation_its_refusals(string face)
    {
        var document = (await fixture.Reader.Get($"/openapi/{face}.json")).Body;
        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        foreach (var (path, item) in document["paths"]!.AsObject())
            foreach (var (method, operation) in item!.AsObject().Where(o => o.Key is "get" or "post" or "put" or "patch" or "delete"))
            {
                var name = $"{method} {path}";
                Assert.True(operation!["operationId"] is not null && operation["summary"] is not null && operation["security"] is not null, name);
                var answers = operation["responses"]!.AsObject();
                Assert.Contains(answers, a => a.Key[0] == '4');
                var bodies = answers.Select(a => a.Value!["content"]).Append(operation["requestBody"]?["content"]).OfType<JsonObject>().SelectMany(c => c);
                foreach (var (media, body) in bodies.Where(b => b.Key.EndsWith("json", StringComparison.Ordinal)))
                    Assert.True(body!["example"] is not null || body["schema"] is null, $"{name} {media} has no example");
            }
    }

    [Fact]
    public async Task A_real_article_has_the_members_and_no_others_that_the_document_promises()
    {
        var story = await fixture.Editor.Story(Wire.Unique("wirklich"), more: new
        {
            tags = new[] { "t" },
            credits = new[] { new { role = "author", name = "n" } },
            sources = new[] { new { name = "s" } },
            leadImage = new { url = "https://example.org/i.jpg" },
            corrections = new[] { new { text = "c" } },
            body = new object[] { new { type = "paragraph", text = "p" }, new { type = "heading", level = 2, text = "h" }, new { type = "divider" } },
        });
        var schemas = (await fixture.Reader.Get("/openapi/delivery.json")).Body["components"]!["schemas"]!.AsObject();

        Conforms((await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}?include=head,related&render=html,text")).Body, "DeliveryArticle", schemas);
        Conforms((await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}/head")).Body, "DeliveryHead", schemas);
        Conforms((await fixture.Reader.Get(Desk.Published)).Body, "DeliveryPage", schemas);
        var list = (await fixture.Editor.Post("/management/v1/lists", new { name = Wire.Unique("wirklich"), sectionId = Guid.Parse(story.Member("sectionId")), pinnedIds = new[] { story.Id } })).Is(HttpStatusCode.Created);
        Conforms((await fixture.Reader.Get($"/delivery/v1/lists/{list.Slug()}")).Body, "DeliveryArticleList", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/lists")).Body, "DeliveryListNamePage", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/tags/t")).Body, "DeliveryTag", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/tags")).Body, "DeliveryTagPage", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/search?q=wirklich")).Body, "DeliverySearchPage", schemas);
        Conforms((await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}/related")).Body, "DeliveryRelatedArticles", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/sections")).Body, "DeliverySections", schemas);
        var section = (await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}")).Body["section"]!["slug"];
        Conforms((await fixture.Reader.Get($"/delivery/v1/sections/{section}?include=articles,list")).Body, "DeliverySection", schemas);
        Conforms((await fixture.Reader.Get("/delivery/v1/site")).Body, "DeliverySite", schemas);
    }

    /// <summary>The same members, all the way down; of a list its items, of a block its own kind.</summary>
    private static void Conforms(JsonNode? value, string schema, JsonObject schemas)
    {
        var (members, expected) = (value!.AsObject(), schemas[schema]!["properties"]!.AsObject());
        Assert.Equal(expected.Select(m => m.Key).Order(), members.Select(m => m.Key).Order());
        foreach (var (name, property) in expected)
        {
            if (members[name] is JsonArray list) foreach (var item in list.OfType<JsonObject>())
                if (Reference(property!["items"]!, item) is { } each) Conforms(item, each, schemas);
                else Assert.Equal("jsonLd", name); // schema.org's own, and no schema of ours
            else if (members[name] is JsonObject && Reference(property!, members[name]!) is { } reference) Conforms(members[name], reference, schemas);
        }
    }

    private static string? Reference(JsonNode schema, JsonNode value)
    {
        if (schema["discriminator"] is { } kinds) return kinds["mapping"]![value["type"]!.GetValue<string>()]!.GetValue<string>().Split('/')[^1];
        var reference = schema["$ref"] ?? schema["oneOf"]?.AsArray().Select(o => o!["$ref"]).FirstOrDefault(r => r is not null);
        return reference?.GetValue<string>().Split('/')[^1];
    }
}
