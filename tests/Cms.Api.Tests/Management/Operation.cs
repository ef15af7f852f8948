using System.Text.Json;
using System.Text.Json.Nodes;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Api.Syndication.Feeds;
using Cms.Api.Syndication.Sitemaps;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Management;

/// <summary>An operation of a face, as the running service knows it.</summary>
internal sealed record Operation(string Name, HttpMethod Method, string Route, BodyMetadata? Body, bool NeedsIfMatch, IReadOnlyList<string> Scopes, IReadOnlyList<QueryParameter> Parameters, FileMetadata? File)
{
    // What each body is at its least; a new resource adds its own line, and gets every refusal tested.
    private static readonly Dictionary<string, Func<object>> Least = new()
    {
        ["ArticleInput"] = () => new { headline = Wire.Unique("Refusal") },
        ["SectionInput"] = () => new { name = Wire.Unique("Refusal") },
        ["AuthorInput"] = () => new { name = Wire.Unique("Refusal") },
        ["ArticleListInput"] = () => new { name = Wire.Unique("Refusal") },
        ["TagInput"] = () => new { name = Wire.Unique("Refusal") },
        ["TokenInput"] = () => new { name = "Refusal", scopes = new[] { "content:read" } },
        ["SlugPreviewInput"] = () => new { kind = "tag", text = "Refusal" },
        ["SubscriberInput"] = () => new { email = Wire.Unique("refusal") + "@example.org", language = "fr", frequency = "weekly" },
        ["ShareCardInput"] = () => new { },
        ["SiteInput"] = () => SiteTests.Settings(),
        ["DigestTestInput"] = () => new { email = Wire.Unique("refusal") + "@example.org" },
        ["SignUpInput"] = () => new { email = Wire.Unique("refusal") + "@example.org" },
        ["PreferencesInput"] = () => "act=save",
        ["SuppressionInput"] = () => new { email = Wire.Unique("refusal") + "@example.org" },
        ["String"] = () => "Subject: Refusal\r\n\r\nA mail.\r\n",
    };

    // A member of each body with a value of the right type that no rule allows.
    private static readonly Dictionary<string, (string Member, JsonNode Value)> Worst = new()
    {
        ["ArticleInput"] = ("headline", ""),
        ["SectionInput"] = ("name", ""),
        ["AuthorInput"] = ("name", ""),
        ["ArticleListInput"] = ("name", ""),
        ["TagInput"] = ("name", ""),
        ["TokenInput"] = ("name", ""),
        ["SlugPreviewInput"] = ("text", new string('x', 10_000)),
        ["SubscriberInput"] = ("email", "nobody"),
        ["ShareCardInput"] = ("title", new string('x', 10_000)),
        ["SiteInput"] = ("name", ""),
        ["EditionInput"] = ("subject", new string('x', 10_000)),
        ["DigestTestInput"] = ("email", "nobody"),
        ["SuppressionInput"] = ("email", "nobody"),
    };

    /// <summary>All that a face has, read from the service itself.</summary>
    public static IReadOnlyList<Operation> All(TestService service, Face face) =>
    [
        .. service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<Face>() == face)
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Except(["HEAD"]).Select(method => new Operation(
                e.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "", HttpMethod.Parse(method), "/" + (e.RoutePattern.RawText ?? "").Trim('/'),
                e.Metadata.GetMetadata<BodyMetadata>(), e.Metadata.GetMetadata<IfMatchRequired>() is not null,
                e.Metadata.GetMetadata<RequiredScopes>()?.AnyOf ?? [], e.Metadata.GetMetadata<QueryParameters>()?.All ?? [], e.Metadata.GetMetadata<FileMetadata>())
                { AsksDatabase = e.Metadata.GetMetadata<AsksNobody>() is null })),
    ];

    /// <summary>It needs the database to answer.</summary>
    public bool AsksDatabase { get; private init; }

    /// <summary>Its body is JSON, and not a mail.</summary>
    public bool TakesJson => Body is { MediaType: BodyMetadata.Json or BodyMetadata.MergePatch };

    public bool HasId => Route.Contains("{id", StringComparison.Ordinal);

    /// <summary>The list that the resource stands in.</summary>
    public string Collection => HasId ? Route[..Route.IndexOf("/{id", StringComparison.Ordinal)] : Route;

    /// <summary>Its address for one resource.</summary>
    public string At(string id) => HasId ? Collection + "/" + id + Route[(Route.IndexOf('}', StringComparison.Ordinal) + 1)..] : Route;

    /// <summary>Its address for a resource that is not there.</summary>
    public string AtNowhere => At(Guid.CreateVersion7().ToString()).Replace("{slug}", Wire.Unique("nowhere"), StringComparison.Ordinal).Replace("{name}", Wire.Unique("nowhere"), StringComparison.Ordinal)
        .Replace("{edition:long}", "1", StringComparison.Ordinal).Replace("{article:guid}", Guid.CreateVersion7().ToString(), StringComparison.Ordinal)
        .Replace(FeedFormat.Route, "rss", StringComparison.Ordinal).Replace(SitemapEndpoints.Shard.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal), "2026-01-1", StringComparison.Ordinal)
        .Replace(SitemapEndpoints.Shard, "2026-01-1", StringComparison.Ordinal) + (Name == "getOEmbed" ? "?url=http://localhost:3000/s/nowhere" : "");

    /// <summary>What it refuses to do without, as a query; empty for most.</summary>
    public string Needed => Parameters.Any(p => p.Required) ? $"?{string.Join('&', Parameters.Where(p => p.Required).Select(p => $"{p.Name}={(p is WordsParameter words ? words.Words[0] : "nowhere")}"))}" : "";

    /// <summary>A body that it takes; none where it takes none.</summary>
    public object? Good => File is not null ? "email\n" : Body is null ? null : Body.MediaType == BodyMetadata.MergePatch ? "{}" : Least[Body.Type.Name]();

    /// <summary>A body of the right shape that breaks a rule of one member.</summary>
    public JsonObject Bad
    {
        get
        {
            var (member, value) = Worst[Body?.Type.Name ?? ""];
            var body = Body?.MediaType == BodyMetadata.MergePatch ? [] : JsonSerializer.SerializeToNode(Good, JsonSerializerOptions.Web)!.AsObject();
            body[member] = value.DeepClone();
            return body;
        }
    }

    /// <summary>The name of the first member that its body may have.</summary>
    public string FirstMember => StrictJson.Options.GetTypeInfo(Body?.Type ?? typeof(object)).Properties[0].Name;

    public Task<Answer> Ask(HttpClient client, string path, object? body, string? mediaType = null, string? ifMatch = "*", params (string, string)[] headers) =>
        client.Ask(Method, path, body, mediaType ?? Body?.MediaType ?? File?.MediaType, [.. headers, .. NeedsIfMatch && ifMatch is not null ? new[] { ("If-Match", ifMatch) } : []]);

    public override string ToString() => $"{Name} ({Method} {Route})";
}
