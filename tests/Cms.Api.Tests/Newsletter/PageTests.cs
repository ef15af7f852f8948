using System.Net;
using System.Security.Cryptography;
using System.Text;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What every page for readers keeps to: its policy, its language, whom it answers.</summary>
public sealed class PageTests(ApiFixture fixture)
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8", Form = "application/x-www-form-urlencoded";

    private static string Header(Answer answer, string name) =>
        answer.Message.Headers.TryGetValues(name, out var values) || answer.Message.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";

    [Fact]
    public async Task A_page_allows_its_own_style_and_its_own_forms_stays_in_no_cache_and_tells_no_other_site_its_address()
    {
        var id = await fixture.Service.Reader($"{Wire.Unique("lea")}@example.org");
        string[] pages = [Subscriptions, "/newsletter/v1/check-inbox", fixture.Service.Preferences(id), fixture.Service.Leave(id), "/newsletter/v1/confirmations/x", fixture.Service.Preferences(id, days: -40), "/newsletter/v1/nothing"];

        foreach (var path in pages)
        {
            var page = await fixture.Reader.Get(path, ("Accept", Browser));

            var style = page.Html().QuerySelector("style")!.TextContent;
            Assert.Equal(
                $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                Header(page, "Content-Security-Policy"));
            Assert.Equal(("no-store", "no-referrer", "nosniff"), (Header(page, "Cache-Control"), Header(page, "Referrer-Policy"), Header(page, "X-Content-Type-Options")));
            Assert.Empty(page.Html().QuerySelectorAll("script, [style], img, link"));
            Assert.False(page.Message.Headers.Contains("Set-Cookie"), path);
        }
    }

    [Fact]
    public async Task The_forms_policy_lets_the_browser_go_on_to_the_page_that_the_newsroom_named()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Newsletter:CheckInboxUrl"] = "https://gazette.example.org/merci?from=form" });
        using var reader = service.Anonymous();

        var page = (await reader.Get(Subscriptions)).Is(HttpStatusCode.OK);
        var sent = (await reader.Submit(Subscriptions, ("email", "lea@example.org"))).Is(HttpStatusCode.SeeOther);

        Assert.Contains("form-action 'self' https://gazette.example.org;", Header(page, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("https://gazette.example.org/merci?from=form", Header(sent, "Location"));
    }

    [Theory]
    [InlineData("fr", "fr", "ltr")]
    [InlineData("ar-EG, en;q=0.5", "ar", "rtl")]
    [InlineData("de;q=0.3, en-GB;q=0.9", "en", "ltr")]
    [InlineData("*", "fr", "ltr")]
    [InlineData("xx", "fr", "ltr")]
    [InlineData("not a header;;", "fr", "ltr")]
    public async Task A_page_speaks_the_readers_language_or_the_sites(string accepted, string language, string direction)
    {
        await using var service = await fixture.StartService();
        using var reader = service.Anonymous();
        using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Domain.Access.Scope.All]);
        var site = await editor.Get("/management/v1/site");
        (await editor.Patch("/management/v1/site", new { language = "fr" }, site.ETag)).Is(HttpStatusCode.OK);

        foreach (var path in new[] { Subscriptions, "/newsletter/v1/check-inbox", "/newsletter/v1/confirmations/x", "/newsletter/v1/unsubscribe/x" })
        {
            var root = (await reader.Get(path, ("Accept-Language", accepted), ("Accept", Browser))).Html().DocumentElement;
            Assert.Equal((language, direction), (root.GetAttribute("lang"), root.GetAttribute("dir")));
        }
    }

    [Fact]
    public async Task Refusals_are_pages_for_browsers_and_problems_for_programs()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:SignUpsPerHour"] = "6" }); // what the two malformed forms come to
        using var reader = service.Anonymous();
        var large = "email=" + new string('a', 8 * 1024);
        (HttpMethod Method, string Path, string? Body, string? Type, HttpStatusCode Status, string Problem)[] refusals =
        [
            (HttpMethod.Get, "/newsletter/v1/nothing", null, null, HttpStatusCode.NotFound, "not-found"),
            (HttpMethod.Delete, Subscriptions, null, null, HttpStatusCode.MethodNotAllowed, "method-not-allowed"),
            (HttpMethod.Post, Subscriptions, large, Form, HttpStatusCode.RequestEntityTooLarge, "too-large"),
            (HttpMethod.Post, Subscriptions, large, "application/json", HttpStatusCode.RequestEntityTooLarge, "too-large"),
            (HttpMethod.Post, Subscriptions, "x", "multipart/form-data; boundary=b", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"),
            (HttpMethod.Post, Subscriptions, "email=%FF", Form, HttpStatusCode.BadRequest, "malformed"),
            (HttpMethod.Post, Subscriptions, "email=a&email=b", Form, HttpStatusCode.BadRequest, "malformed"),
            (HttpMethod.Post, Subscriptions, "email=lea%40example.org", Form, HttpStatusCode.TooManyRequests, "rate-limited"),
        ];

        foreach (var (method, path, body, type, status, problem) in refusals)
        {
            var page = (await reader.Ask(method, path, body, type, ("Accept", Browser))).Is(status);
            (await reader.Ask(method, path, body, type, ("Accept", "application/json"))).Refuses(status, problem);
            (await reader.Ask(method, path, body, type)).Refuses(status, problem);
            Assert.NotEmpty(page.Headline());
            Assert.StartsWith("no-store", Header(page, "Cache-Control"), StringComparison.Ordinal);
        }

        var fits = "email=lea%40example.org&x=" + new string('a', 8 * 1024 - "email=lea%40example.org&x=".Length);
        (await fixture.Reader.Ask(HttpMethod.Post, Subscriptions, fits, Form)).Is(HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task Scripts_of_the_newsrooms_own_pages_may_sign_readers_up_and_of_no_other()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Newsletter:Origins"] = "https://gazette.example.org, https://m.gazette.example.org:8443" });
        using var reader = service.Anonymous();

        foreach (var (origin, allowed) in new[] { ("https://gazette.example.org", true), ("https://m.gazette.example.org:8443", true), ("https://evil.example", false), ("null", false), ("http://gazette.example.org", false) })
        {
            var asked = await reader.Ask(HttpMethod.Options, Subscriptions, null, null, ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));
            var sent = (await reader.Post(Subscriptions, new { email = "lea@example.org" }, ("Origin", origin))).Is(HttpStatusCode.Accepted);
            foreach (var answer in new[] { asked, sent })
            {
                Assert.Equal(allowed ? origin : "", Header(answer, "Access-Control-Allow-Origin"));
                Assert.Equal("", Header(answer, "Access-Control-Allow-Credentials"));
            }
        }

        Assert.Equal("", Header(await fixture.Reader.Get(Subscriptions, ("Origin", "https://gazette.example.org")), "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("LinkKeys", "1:short")]
    [InlineData("LinkKeys", "0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("LinkKeys", "256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("LinkKeys", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("LinkKeys", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,1:BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("CheckInboxUrl", "/merci")]
    [InlineData("CheckInboxUrl", "javascript:alert(1)")]
    [InlineData("Origins", "null")]
    [InlineData("Origins", "*")]
    [InlineData("Origins", "https://gazette.example.org/")]
    [InlineData("Origins", "gazette.example.org")]
    [InlineData("NameServer", "dns.example.org")]
    [InlineData("TemplatesFolder", "/no/such/folder")]
    [InlineData("DisposableDomainsFile", "/no/such/file")]
    [InlineData("AskedMailsPerHour", "0")]
    public async Task A_wrong_setting_is_told_at_the_start(string name, string value)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => fixture.StartService(new() { [$"Cms:Newsletter:{name}"] = value }));

        Assert.Contains(name == "AskedMailsPerHour" ? name : $"Cms__Newsletter__{name}", fault.Message, StringComparison.Ordinal);
        if (name == "LinkKeys") Assert.DoesNotContain("AAAAAAA", fault.Message, StringComparison.Ordinal);
    }
}
