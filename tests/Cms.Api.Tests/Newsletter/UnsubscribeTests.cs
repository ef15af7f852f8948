using System.Net;

namespace Cms.Api.Tests.Newsletter;

/// <summary>Leaving by the link at a mail's end: by a reader who presses a button, or by a mail program's one click (RFC 8058).</summary>
public sealed class UnsubscribeTests(ApiFixture fixture)
{
    private const string Form = "application/x-www-form-urlencoded", OneClick = "List-Unsubscribe=One-Click";

    private async Task<(string Email, string Link)> Reader()
    {
        var email = $"{Wire.Unique("lea")}@example.org";
        return (email, fixture.Service.Leave(await fixture.Service.Reader(email)));
    }

    [Fact]
    public async Task Opening_the_link_shows_a_button_and_changes_nothing()
    {
        var (email, link) = await Reader();

        var page = (await fixture.Reader.Get(link)).Is(HttpStatusCode.OK);
        (await fixture.Reader.Ask(HttpMethod.Head, link, null, null)).Is(HttpStatusCode.OK);

        Assert.Equal("active", await fixture.Status(email));
        (await fixture.Reader.Submit(page.Html().QuerySelector("form")!.GetAttribute("action")!)).Is(HttpStatusCode.OK);
        Assert.Equal("unsubscribed", await fixture.Status(email));
    }

    [Theory]
    [InlineData(Form, OneClick)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n")]
    [InlineData(null, null)]
    [InlineData(null, "")]
    [InlineData("text/plain", "anything")]
    public async Task One_click_leaves_whatever_its_body_and_again_says_the_same(string? mediaType, string? body)
    {
        var (email, link) = await Reader();

        var first = (await fixture.Reader.Ask(HttpMethod.Post, link, body, mediaType)).Is(HttpStatusCode.OK);
        var row = await fixture.Service.Sql("SELECT xmin::text FROM cms.subscribers WHERE email = $1", email);
        var again = (await fixture.Reader.Ask(HttpMethod.Post, link, body, mediaType)).Is(HttpStatusCode.OK);

        Assert.Equal("unsubscribed", await fixture.Status(email));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(row, await fixture.Service.Sql("SELECT xmin::text FROM cms.subscribers WHERE email = $1", email));
        Assert.False(first.Message.Headers.Contains("Set-Cookie"));
        Assert.Equal(1L, await fixture.Service.Sql("SELECT count(*) FROM cms.consents WHERE address_hash = $1 AND kind = 'left'", Reading.Hash(email)));
    }

    [Fact]
    public async Task Clicks_at_the_same_moment_all_leave()
    {
        var (email, link) = await Reader();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => fixture.Reader.Ask(HttpMethod.Post, link, OneClick, Form)));

        Assert.All(answers, a => a.Is(HttpStatusCode.OK));
        Assert.Equal("unsubscribed", await fixture.Status(email));
        Assert.Equal(1L, await fixture.Service.Sql("SELECT count(*) FROM cms.consents WHERE address_hash = $1 AND kind = 'left'", Reading.Hash(email)));
    }

    [Fact]
    public async Task A_link_of_twenty_years_ago_leaves()
    {
        var email = $"{Wire.Unique("lea")}@example.org";
        var link = fixture.Service.Leave(await fixture.Service.Reader(email), days: -20 * 365);

        (await fixture.Reader.Get(link)).Is(HttpStatusCode.OK);
        (await fixture.Reader.Ask(HttpMethod.Post, link, OneClick, Form)).Is(HttpStatusCode.OK);

        Assert.Equal("unsubscribed", await fixture.Status(email));
    }

    [Fact]
    public async Task Whoever_was_erased_is_told_that_they_left()
    {
        var link = fixture.Service.Leave(Guid.CreateVersion7());

        (await fixture.Reader.Get(link)).Is(HttpStatusCode.OK);
        (await fixture.Reader.Ask(HttpMethod.Post, link, OneClick, Form)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Bounced")]
    [InlineData("Complained")]
    public async Task An_address_that_refused_mail_stays_suppressed_though_its_reader_leaves(string status)
    {
        var (email, link) = await Reader();
        await fixture.Service.Sql("UPDATE cms.subscribers SET status = $2 WHERE email = $1", email, status);

        (await fixture.Reader.Ask(HttpMethod.Post, link, OneClick, Form)).Is(HttpStatusCode.OK);

        Assert.Equal(status == "Bounced" ? "unsubscribed" : status, await fixture.Status(email), ignoreCase: true);
        Assert.Equal("True", (await fixture.Editor.Post("/management/v1/suppressions/check", new { email })).Member("suppressed"), ignoreCase: true);
    }

    [Fact]
    public async Task A_mail_providers_one_address_leaves_for_any_number_of_readers()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:SignUpsPerHour"] = "1", ["Cms:Limits:WritesPerMinute"] = "1", ["Cms:Limits:RequestsPerMinute"] = "1" });
        using var provider = service.Anonymous();

        for (var i = 0; i < 30; i++)
            (await provider.Ask(HttpMethod.Post, service.Leave(await service.Reader($"reader{i}@example.org")), OneClick, Form)).Is(HttpStatusCode.OK);

        Assert.Equal(30L, await service.Sql("SELECT count(*) FROM cms.subscribers WHERE status = 'Unsubscribed'"));
    }

    [Fact]
    public async Task What_no_link_of_ours_says_is_a_page_that_leads_nowhere()
    {
        var (email, link) = await Reader();

        foreach (var other in new[] { link[..^1], link + "A", "/newsletter/v1/unsubscribe/x", $"{link[..^3]}AAA" })
        {
            Assert.NotEmpty((await fixture.Reader.Get(other)).Is(HttpStatusCode.NotFound).Headline());
            (await fixture.Reader.Ask(HttpMethod.Post, other, OneClick, Form)).Is(HttpStatusCode.NotFound);
        }

        Assert.Equal("active", await fixture.Status(email));
    }

    [Fact]
    public async Task When_an_editor_unsubscribes_a_reader_the_ledger_has_it()
    {
        var (email, _) = await Reader();
        var read = await fixture.Editor.Get($"/management/v1/subscribers/{(await fixture.Known(email))!["id"]}");

        var left = (await fixture.Editor.Act($"/management/v1/subscribers/{read.Id}/unsubscribe", read.ETag)).Is(HttpStatusCode.OK);
        (await fixture.Editor.Act($"/management/v1/subscribers/{read.Id}/unsubscribe", left.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(1L, await fixture.Service.Sql("SELECT count(*) FROM cms.consents WHERE address_hash = $1 AND kind = 'left'", Reading.Hash(email)));
    }

    [Fact]
    public async Task A_new_key_signs_and_the_ones_before_it_still_open()
    {
        var (one, two) = (Root(1), Root(2));
        var database = await fixture.Database.Create(TestContext.Current.CancellationToken);
        string first, second;
        Guid id;
        await using (var plain = await Start(database, null))
        {
            id = await plain.Reader("lea@example.org");
            first = plain.Leave(id);
        }

        await using (var with = await Start(database, $"1:{one}")) second = with.Leave(id);
        await using var service = await Start(database, $"2:{two}, 1:{one}");
        using var reader = service.Anonymous();
        var third = service.Leave(id);

        Assert.Equal([0, 1, 2], new[] { first, second, third }.Select(l => (int)Convert.FromBase64String(l.Split('/')[^1].Replace('-', '+').Replace('_', '/')[..4])[0]));
        foreach (var link in new[] { first, second, third }) (await reader.Get(link)).Is(HttpStatusCode.OK);
        await using var without = await Start(database, $"2:{two}");
        using var later = without.Anonymous();
        (await later.Get(second)).Is(HttpStatusCode.NotFound); // its key was taken away, so it opens nothing
        (await later.Get(first)).Is(HttpStatusCode.OK);
    }

    private static string Root(byte fill) => Convert.ToBase64String(Enumerable.Repeat(fill, 32).ToArray());

    private static Task<TestService> Start(string database, string? keys) =>
        TestService.Start(database, TestContext.Current.CancellationToken, new() { ["Cms:Newsletter:LinkKeys"] = keys });
}
