using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests.Http;

/// <summary>The rules of text, through the door of a client.</summary>
public sealed class TextTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    [Theory]
    [InlineData("https://example.org/\u202Egpj.exe")]
    [InlineData("https://example.org/\uFDD0")]
    [InlineData("https://example.org/a\uFEFFb")]
    [InlineData("https://example.org/a\u200Eb")]
    [InlineData("https://example.org/a\u2066b\u2069")]
    public async Task An_address_holds_no_character_that_deceives(string url)
    {
        var refused = await editor.Post(Desk.Articles, new { headline = "x", sources = new[] { new { name = "s", url } }, leadImage = new { url } });

        Assert.Equal(["/sources/0/url url", "/leadImage/url url"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors.OrderDescending());
    }

    [Theory]
    [InlineData("a\u202Eb")]
    [InlineData("a\uFDD0b")]
    [InlineData("a\nb")]
    public async Task A_small_value_of_the_newsrooms_own_keeps_to_the_rules_of_text(string wire) =>
        Assert.Contains("/extra", Assert.Single((await editor.Post(Desk.Articles, new { headline = "x", extra = new { wire } })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors), StringComparison.Ordinal);

    [Fact]
    public async Task A_slug_holds_no_tower_of_signs()
    {
        var refused = await editor.Post(Desk.Articles, new { headline = "x", slug = "ก" + new string('\u0E49', 50) });

        Assert.Equal(["/slug slug"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task A_name_of_rare_letters_has_twins_too()
    {
        var name = "a" + string.Concat(Enumerable.Repeat("𠀀", 60));

        (await editor.Post("/management/v1/slugs/preview", new { kind = "article", text = name })).Is(HttpStatusCode.OK);
        var slugs = new[] { (await editor.Draft(name)).Slug(), (await editor.Draft(name)).Slug() };
        Assert.Equal(2, slugs.Distinct().Count());
    }

    [Theory]
    [InlineData("1600-01-01T00:00:00+14:00")]
    [InlineData("2199-12-31T23:59:59-12:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData("2026-01-01T00:00:00")]
    public async Task A_time_lies_in_the_years_of_a_newsroom_in_UTC(string at) =>
        Assert.Equal(["/corrections/0/at json"], (await editor.Post(Desk.Articles, new { headline = "x", corrections = new[] { new { text = "c", at } } })).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);

    [Fact]
    public async Task The_first_and_the_last_instant_come_back_as_they_went()
    {
        var draft = await editor.Draft(Wire.Unique("enden"), more: new { corrections = new[] { new { text = "c", at = "1600-01-01T00:00:00Z" }, new { text = "d", at = "2199-12-31T23:59:59.999999Z" } } });

        Assert.Equal(["1600-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z"], draft.Body["corrections"]!.AsArray().Select(c => c!["at"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_was_taken_can_be_sent_back()
    {
        var draft = await editor.Draft(Wire.Unique("zurück"), more: new { body = new object[] { new { type = "paragraph", text = string.Concat(Enumerable.Repeat("&", 1_900)) }, new { type = "paragraph", text = "R&D" } } });
        var changed = await editor.Change(draft, new { kicker = "k", body = draft.Body["body"]!.DeepClone() });

        Assert.Equal(draft.Body["body"]!.ToJsonString(), changed.Body["body"]!.ToJsonString());
        Assert.Equal(["/body/0/text text"], (await editor.Patch($"{Desk.Articles}/{draft.Id}", new { body = new[] { new { type = "paragraph", text = new string('&', 8_000) } } }, changed.ETag))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Theory]
    [InlineData("a&#x202E;b")]
    [InlineData("a&#1;b")]
    [InlineData("a&#x7f;b")]
    [InlineData("a&#xFDD0;b")]
    [InlineData("a&#13;b")]
    public async Task A_character_that_is_refused_is_refused_as_an_entity_too(string text)
    {
        var refused = await editor.Post(Desk.Articles, new { headline = "x", body = new object[] { new { type = "paragraph", text }, new { type = "html", html = $"<p>{text}</p>" } } });

        Assert.Equal(["/body/0/text text", "/body/1/html text"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task A_body_that_ends_too_soon_is_not_called_too_deep()
    {
        Assert.EndsWith(" json", Assert.Single((await editor.Post(Desk.Articles, "{\"headline\":")).Refuses(HttpStatusCode.BadRequest, "malformed").Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_separators_are_escaped_in_JSON_and_NaN_is_none()
    {
        var story = await editor.Story(Wire.Unique("trenner"), more: new { body = new[] { new { type = "html", html = "<p>a</p>" } } });
        (await editor.Post(Desk.Articles, "{\"headline\":\"x\",\"extra\":{\"n\":NaN}}")).Refuses(HttpStatusCode.BadRequest, "malformed");

        var bytes = (await fixture.Reader.Get($"{Desk.Published}/{story.Slug()}")).Is(HttpStatusCode.OK).Text;
        Assert.DoesNotContain('<', bytes);
        Assert.Equal("<p>a</p>", JsonNode.Parse(bytes)!["body"]![0]!["html"]!.GetValue<string>());
    }
}
