using System.Net;
using System.Text;
using System.Text.Json;
using Cms.Api.Http;
using Cms.Api.Tests.Operations;
using Cms.Domain.Access;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Management;

/// <summary>
/// Every way in which every operation of management refuses, whatever it is about. The operations are read from the service, so a new one
/// is held to the same on the day it is added.
/// </summary>
public sealed class RefusalTests(ApiFixture fixture)
{
    private readonly IReadOnlyList<Operation> operations = Operation.All(fixture.Service, Face.Management);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task Without_a_token_everything_is_401() => Every(_ => true, async o =>
    {
        var none = await o.Ask(fixture.Reader, o.AtNowhere, null, ifMatch: null);
        none.Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal("Bearer", none.Message.Headers.WwwAuthenticate.ToString());
        Assert.Equal("no-store", none.Message.Headers.CacheControl?.ToString());
    });

    [Fact]
    public async Task With_all_scopes_that_do_not_grant_it_everything_is_403()
    {
        var clients = new Dictionary<string, HttpClient>(StringComparer.Ordinal);
        await Every(_ => true, async o =>
        {
            var key = string.Join(' ', o.Scopes);
            Assert.NotEmpty(o.Scopes);
            if (!clients.TryGetValue(key, out var client)) clients[key] = client = await fixture.Service.Client(Ct, [.. Scope.All.Except(o.Scopes)]);
            var refused = (await o.Ask(client, o.AtNowhere, null, ifMatch: null)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
            Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"{key}\"", refused.Message.Headers.WwwAuthenticate.ToString());
        });
    }

    [Fact]
    public async Task With_each_scope_that_grants_it_nothing_is_401_or_403()
    {
        var clients = new Dictionary<string, HttpClient>(StringComparer.Ordinal);
        await Every(_ => true, async o =>
        {
            foreach (var scope in o.Scopes)
            {
                if (!clients.TryGetValue(scope, out var client)) clients[scope] = client = await fixture.Service.Client(Ct, scope);
                // The body is too long, so nothing is done; what takes none looks for what is not there.
                var answer = await o.Ask(client, o.AtNowhere, o.Body is { MaxBytes: var max } ? new byte[max + 1] : null);
                Assert.False(answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{scope}: {answer.Text}");
            }
        });
    }

    [Fact]
    public Task Another_media_type_or_coding_is_415() => Every(o => o.Body is not null, async o =>
    {
        var wrong = await o.Ask(fixture.Editor, o.AtNowhere, "{}", "text/plain");
        wrong.Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        Assert.Equal(o.Body?.MediaType == BodyMetadata.MergePatch, wrong.Message.Headers.TryGetValues("Accept-Patch", out var takes) && takes.Single() == BodyMetadata.MergePatch);
        (await o.Ask(fixture.Editor, o.AtNowhere, "{}", $"{o.Body?.MediaType}; charset=utf-16")).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await o.Ask(fixture.Editor, o.AtNowhere, "{}", headers: ("Content-Encoding", "gzip"))).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    });

    [Fact]
    public Task One_byte_too_many_is_413_with_and_without_a_length_and_one_less_is_not() => Every(o => o.Body is not null, async o =>
    {
        var max = o.Body?.MaxBytes ?? 0;
        var blank = Enumerable.Repeat((byte)' ', max + 1).ToArray();
        (await o.Ask(fixture.Editor, o.AtNowhere, blank)).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
        (await o.Ask(fixture.Editor, o.AtNowhere, blank, headers: ("Transfer-Encoding", "chunked"))).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
        var enough = await o.Ask(fixture.Editor, o.AtNowhere, blank[..max]);
        if (o.TakesJson) enough.Refuses(HttpStatusCode.BadRequest, "malformed");
        else enough.Is(HttpStatusCode.OK);
    });

    [Fact]
    public Task Without_If_Match_what_overwrites_is_428_before_its_body_is_looked_at() => Every(o => o.NeedsIfMatch, async o =>
        (await o.Ask(fixture.Editor, o.AtNowhere, o.Body is null ? null : "{", ifMatch: null)).Refuses(HttpStatusCode.PreconditionRequired, "if-match-required"));

    [Theory]
    [InlineData("abc")]
    [InlineData("\"a\", b")]
    public Task An_If_Match_that_holds_no_entity_tags_is_400(string tag) => Every(o => o.NeedsIfMatch, async o =>
        Assert.Equal(["If-Match header"], (await o.Ask(fixture.Editor, o.AtNowhere, o.Good, ifMatch: tag)).Refuses(HttpStatusCode.BadRequest, "malformed").Errors));

    [Theory]
    [InlineData("", " required")]
    [InlineData("{\"a\":", "")]
    [InlineData("{} {}", "")]
    [InlineData("{,}", "")]
    [InlineData("// note\n{}", "")]
    [InlineData("null", " type")]
    [InlineData("[]", " type")]
    [InlineData("\"text\"", " type")]
    [InlineData("{\"noSuchMember\":1}", "/noSuchMember unknown")]
    [InlineData("{\"noSuchMember\":null}", "/noSuchMember unknown")]
    [InlineData("{\"id\":\"x\"}", "/id unknown")]
    public Task A_body_without_the_shape_of_its_schema_is_400_though_its_target_is_not_there(string body, string error) => Every(o => o.TakesJson, async o =>
    {
        var refused = (await o.Ask(fixture.Editor, o.AtNowhere, body.Length == 0 ? Array.Empty<byte>() : body)).Refuses(HttpStatusCode.BadRequest, "malformed");
        if (error.Length > 0) Assert.Equal([error], refused.Errors);
        else Assert.NotEmpty(refused.Errors);
    });

    [Fact]
    public Task A_member_given_twice_in_another_case_or_of_the_wrong_type_is_400() => Every(o => o.TakesJson, async o =>
    {
        var member = o.FirstMember;
        var twice = (await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"{{member}}":null,"{{member}}":null}""")).Refuses(HttpStatusCode.BadRequest, "malformed");
        Assert.EndsWith("duplicate", Assert.Single(twice.Errors), StringComparison.Ordinal);

        var other = char.ToUpperInvariant(member[0]) + member[1..];
        Assert.Equal([$"/{other} unknown"], (await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"{{other}}":null}""")).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
        Assert.StartsWith($"/{member} ", Assert.Single((await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"{{member}}":[[1]]}""")).Refuses(HttpStatusCode.BadRequest, "malformed").Errors), StringComparison.Ordinal);
        (await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"{{member}}":"\u0000"}""")).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"{{member}}":"\ud800"}""")).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await o.Ask(fixture.Editor, o.AtNowhere, $$"""{"\ud800":"{{member}}"}""")).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await o.Ask(fixture.Editor, o.AtNowhere, Encoding.Latin1.GetBytes($$"""{"{{member}}":"é"}"""))).Refuses(HttpStatusCode.BadRequest, "malformed");
    });

    [Fact]
    public Task An_unknown_parameter_is_400_whatever_else_is_right() => Every(_ => true, async o =>
        Assert.Equal(["noSuch unknown"], (await o.Ask(fixture.Editor, o.AtNowhere + "?noSuch=1", o.Good)).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors));

    [Fact]
    public Task Every_fault_of_the_address_is_named_at_once() => Every(o => o.Parameters.Count > 0, async o =>
    {
        var names = o.Parameters.Select(p => p.Name).ToList();
        var twice = await o.Ask(fixture.Editor, $"{o.AtNowhere}?{string.Join('&', names.Select(n => $"{n}=1&{n}=1"))}", o.Good);
        Assert.Equal([.. names.Select(n => $"{n} repeated").Order()], twice.Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors.Order());

        var empty = await o.Ask(fixture.Editor, $"{o.AtNowhere}?{string.Join('&', names.Select(n => $"{n}="))}", o.Good);
        Assert.Equal([.. names.Select(n => $"{n} range").Order()], empty.Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors.Order());
    });

    [Fact]
    public Task A_list_takes_no_limit_out_of_range_and_no_cursor_that_it_did_not_give() => Every(o => o.Parameters.Contains(Query.CursorParameter), async o =>
    {
        foreach (var limit in new[] { "0", "101", "-1", "1.5", "+1", "%D9%A1", "99999999999" })
            Assert.Equal(["limit range"], (await o.Ask(fixture.Editor, $"{o.AtNowhere}?limit={limit}", null)).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        foreach (var cursor in new[] { "x", "AQ", new string('A', 52), new string('A', 512) })
            Assert.Equal(["cursor cursor"], (await o.Ask(fixture.Editor, $"{o.AtNowhere}?cursor={cursor}", null)).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    });

    [Fact]
    public Task NUL_and_broken_text_in_the_path_are_400() => Every(_ => true, async o =>
    {
        (await o.Ask(fixture.Editor, o.AtNowhere + "%00", o.Good)).Is(HttpStatusCode.BadRequest); // by Kestrel itself, which knows no problems
        (await o.Ask(fixture.Editor, o.AtNowhere + "?limit=%00", o.Good)).Refuses(HttpStatusCode.BadRequest, "malformed");
        (await o.Ask(fixture.Editor, o.AtNowhere + "%FF", o.Good)).Refuses(HttpStatusCode.BadRequest, "malformed");
    });

    [Fact]
    public Task What_is_not_there_is_404() => Every(o => o.HasId, async o =>
        (await o.Ask(fixture.Editor, o.AtNowhere, o.Good)).Refuses(HttpStatusCode.NotFound, "not-found"));

    [Fact]
    public Task A_stale_ETag_is_412_and_so_is_a_weak_one() => Every(o => o.NeedsIfMatch, async o =>
    {
        var (path, current) = await Present(fixture.Editor, o);
        (await o.Ask(fixture.Editor, path, o.Good, ifMatch: "\"0\"")).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        (await o.Ask(fixture.Editor, path, o.Good, ifMatch: "W/" + current.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
    });

    [Fact]
    public Task A_member_that_breaks_a_rule_is_422() => Every(o => o.TakesJson, async o =>
        Assert.NotEmpty((await o.Ask(fixture.Editor, (await Present(fixture.Editor, o)).Path, o.Bad)).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors));

    [Fact]
    public async Task Where_nothing_is_wrong_nothing_is_refused()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);

        await Every(o => o.Method != HttpMethod.Post && o.Parameters.Count == 0 && (!o.HasId || operations.Any(c => c.Route == o.Collection && c.Method == HttpMethod.Post)), async o =>
            (await o.Ask(editor, (await Present(editor, o)).Path, o.Good)).Is(o.Method == HttpMethod.Delete ? HttpStatusCode.NoContent : HttpStatusCode.OK));
    }

    [Theory]
    [InlineData(Desk.Articles, "slug", "slug-taken")]
    [InlineData(Desk.Sections, "slug", "slug-taken")]
    [InlineData("/management/v1/authors", "slug", "slug-taken")]
    [InlineData("/management/v1/tags", "slug", "slug-taken")]
    [InlineData("/management/v1/lists", "slug", "slug-taken")]
    [InlineData("/management/v1/subscribers", "email", "email-taken")]
    public async Task What_another_has_alone_is_409(string collection, string member, string problem)
    {
        var replace = operations.Single(o => o.Method == HttpMethod.Put && o.Collection == collection && o.Route.EndsWith('}'));
        var other = (await Present(fixture.Editor, replace)).Current;
        var body = JsonSerializer.SerializeToNode(replace.Good, JsonSerializerOptions.Web)!.AsObject();
        body[member] = other.Member(member);

        (await replace.Ask(fixture.Editor, (await Present(fixture.Editor, replace)).Path, body)).Refuses(HttpStatusCode.Conflict, problem);
    }

    [Fact]
    public async Task Another_method_is_405_and_says_which_there_are()
    {
        HttpMethod[] all = [HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete, HttpMethod.Trace];
        foreach (var route in operations.GroupBy(o => o.Route))
        {
            var there = route.Select(o => o.Method).ToArray();
            foreach (var method in all.Except(there))
            {
                var refused = await fixture.Editor.Ask(method, route.First().AtNowhere, null, null);
                Assert.True(refused.Status == HttpStatusCode.MethodNotAllowed, $"{method} {route.Key}: {(int)refused.Status}");
                Assert.Equal(there.Select(m => m.Method).Order(), refused.Message.Content.Headers.Allow.Order());
                if (method != HttpMethod.Head) Assert.Equal("method-not-allowed", refused.Problem);
            }
        }
    }

    [Fact]
    public async Task Asked_more_often_than_a_token_may_everything_is_429()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:RequestsPerMinute"] = "1" });
        using var client = await service.Client(Ct, [.. Scope.All]);
        (await client.Get("/management/v1/site")).Is(HttpStatusCode.OK);

        await Every(_ => true, async o => Assert.NotNull((await o.Ask(client, o.AtNowhere, null)).Refuses(HttpStatusCode.TooManyRequests, "rate-limited").Message.Headers.RetryAfter));
    }

    [Fact]
    public async Task Without_PostgreSQL_everything_of_each_face_is_503()
    {
        var (cable, connectionString) = Cable.Between(await fixture.Database.Create(Ct));
        await using var service = await TestService.Start(connectionString, Ct);
        using var client = await service.Client(Ct, [.. Scope.All]);
        cable.Cut();

        foreach (var face in new[] { Face.Delivery, Face.Management, Face.Syndication, Face.Newsletter })
            await Every([.. Operation.All(service, face).Where(o => o.AsksDatabase)], async o =>
                Assert.NotNull((await o.Ask(client, o.AtNowhere + o.Needed, o.Good)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable").Message.Headers.RetryAfter));
        await cable.DisposeAsync();
    }

    [Fact]
    public async Task What_takes_longer_than_its_face_allows_is_504_on_each_face()
    {
        await using var service = await fixture.StartService(configure: builder => builder.Services.PostConfigure<RequestTimeoutOptions>(o =>
        {
            foreach (var (face, policy) in o.Policies.ToList())
                o.Policies[face] = new() { Timeout = TimeSpan.FromMilliseconds(50), TimeoutStatusCode = policy.TimeoutStatusCode, WriteTimeoutResponse = policy.WriteTimeoutResponse };
        }));
        using var client = await service.Client(Ct, [.. Scope.All]);
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("LOCK TABLE cms.tokens, cms.site, cms.editions, delivery.articles, delivery.addresses, delivery.documents, delivery.listings, delivery.names, delivery.lists, delivery.search, delivery.sitemap_months, delivery.changes", connection, transaction);
        await hold.ExecuteNonQueryAsync(Ct);

        foreach (var face in new[] { Face.Delivery, Face.Management, Face.Syndication, Face.Newsletter })
            await Every([.. Operation.All(service, face).Where(o => o.AsksDatabase)], async o => (await o.Ask(client, o.AtNowhere + o.Needed, o.Good)).Refuses(HttpStatusCode.GatewayTimeout, "timeout"));
    }

    [Fact]
    public Task An_address_that_is_not_UTF_8_is_400_where_unknown_parameters_are_ignored() => Every([.. Operation.All(fixture.Service, Face.Syndication), .. Operation.All(fixture.Service, Face.Newsletter)], async o =>
        (await o.Ask(fixture.Reader, o.AtNowhere + (o.AtNowhere.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "utm_source=%FF", o.Good)).Refuses(HttpStatusCode.BadRequest, "malformed"));

    [Fact]
    public async Task A_route_that_is_not_there_is_404_with_and_without_a_token()
    {
        foreach (var client in new[] { fixture.Editor, fixture.Reader })
            (await client.Get("/management/v1/nothing")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await fixture.Editor.Get("/management/v1/sections/no-id")).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    /// <summary>Something that the operation is about: made for it where it has an id.</summary>
    private async Task<(string Path, Answer Current)> Present(HttpClient editor, Operation o)
    {
        if (!o.HasId) return (o.Route, await editor.Get(o.Route));
        var create = operations.Single(c => c.Route == o.Collection && c.Method == HttpMethod.Post);
        var made = (await create.Ask(editor, create.Route + create.Needed, create.Good)).Is(create.File is null ? HttpStatusCode.Created : HttpStatusCode.Accepted);
        return (o.At(made.Member("id")), made);
    }

    /// <summary>Every operation of the kind is asked, and all that answer otherwise are named together.</summary>
    private Task Every(Func<Operation, bool> which, Func<Operation, Task> asks) => Every([.. operations.Where(which)], asks);

    private static async Task Every(IReadOnlyList<Operation> asked, Func<Operation, Task> asks)
    {
        var faults = new List<string>();
        foreach (var operation in asked)
        {
            try
            {
                await asks(operation);
            }
            catch (Exception e) when (e is Xunit.Sdk.IAssertionException or InvalidOperationException or HttpRequestException or KeyNotFoundException)
            {
                faults.Add($"{operation}: {e.Message}");
            }
        }

        Assert.NotEmpty(asked);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
