using System.Net;
using AngleSharp.Html.Dom;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>A reader moves to another address: the mailbox there says yes.</summary>
public sealed class MoveTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_address_is_the_readers_when_its_own_mailbox_confirms()
    {
        var (old, fresh) = (Address(), Address("moved"));
        var page = await fixture.Subscribe(old, ("frequency", "weekly"));

        var asked = (await fixture.Act(page, "change-address", ("newEmail", fresh))).Is(HttpStatusCode.OK);
        var mail = await fixture.Mails.Next(fresh, Ct);
        var before = (await fixture.Known(old), await fixture.Known(fresh));
        var confirm = (await fixture.Reader.Get(mail.Link())).Is(HttpStatusCode.OK);
        var confirmed = (await fixture.Reader.Submit(mail.Link())).Is(HttpStatusCode.OK);

        Assert.DoesNotContain(fresh, asked.Text, StringComparison.Ordinal);
        Assert.NotNull(before.Item1);
        Assert.Null(before.Item2);
        Assert.NotEqual(await Confirmation(Address()), confirm.Headline());
        Assert.Null(await fixture.Known(old));
        var known = await fixture.Known(fresh);
        Assert.Equal(($"{before.Item1!["id"]}", "active", "weekly"), (known!.Member("id"), known!.Member("status"), known!.Member("frequency")));
        Assert.Contains("/preferences/", confirmed.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = $1", old)); // or an erasure would not find it
        (await fixture.Reader.Get(page)).Is(HttpStatusCode.OK); // the reader's link goes on
    }

    private async Task<string> Confirmation(string email)
    {
        await fixture.Reader.Submit(Subscriptions, ("email", email));
        return (await fixture.Reader.Get((await fixture.Mails.Next(email, Ct)).Link())).Headline();
    }

    [Fact]
    public async Task A_reader_may_confirm_the_address_that_they_have_in_other_case()
    {
        var local = Wire.Unique("lea");
        var (email, upper) = ($"{local}@example.org", $"{local.ToUpperInvariant()}@example.org");
        var page = await fixture.Subscribe(email);
        await fixture.Service.Later(email);

        await fixture.Act(page, "change-address", ("newEmail", upper));
        (await fixture.Reader.Submit((await fixture.Mails.Next(email, Ct)).Link())).Is(HttpStatusCode.OK);

        Assert.Equal("active", await fixture.Status(upper));
    }

    [Fact]
    public async Task A_second_subscription_of_the_new_address_gives_way()
    {
        var (first, second) = (Address(), Address("second"));
        var page = await fixture.Subscribe(first);
        await fixture.Subscribe(second);
        await fixture.Service.Later(second);
        var (kept, gone) = ((await fixture.Known(first))!.Member("id"), (await fixture.Known(second))!.Member("id"));

        await fixture.Act(page, "change-address", ("newEmail", second));
        (await fixture.Reader.Submit((await fixture.Mails.Next(second, Ct)).Link())).Is(HttpStatusCode.OK);

        Assert.Equal(kept, (await fixture.Known(second))!.Member("id"));
        (await fixture.Editor.Get($"/management/v1/subscribers/{gone}")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_new_address_to_which_no_mail_may_go_gets_none_and_the_page_says_the_same()
    {
        var (email, bounced, fresh) = (Address(), Address("bounced"), Address("fresh"));
        var page = await fixture.Subscribe(email);
        await fixture.Subscribe(bounced);
        await fixture.Service.Sql("UPDATE cms.subscribers SET status = 'Bounced' WHERE email = $1", bounced);
        await fixture.Service.Later(bounced);

        var to = (await fixture.Act(page, "change-address", ("newEmail", bounced))).Is(HttpStatusCode.OK);
        var other = (await fixture.Act(page, "change-address", ("newEmail", fresh))).Is(HttpStatusCode.OK);
        await fixture.Service.Mailed();

        Assert.Equal(other.Text, to.Text);
        Assert.Equal(1, fixture.Mails.Received.Count(m => m.To == bounced)); // its first
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = $1 AND subscriber_id IS NOT NULL", bounced));
        (await fixture.Act(page, "change-address", ("newEmail", "nobody"))).Is(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_new_address_of_a_domain_that_gives_them_for_minutes_is_refused()
    {
        var page = await fixture.Subscribe(Address(), ("language", "en"));

        var refused = (await fixture.Act(page, "change-address", ("newEmail", "ada@mailinator.com"), ("asTyped", "true"))).Is(HttpStatusCode.UnprocessableEntity);

        Assert.Contains("gone in a few minutes", refused.Html().QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("ada@mailinator.com", refused.Html().QuerySelector("#newEmail")!.GetAttribute("value"));
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = 'ada@mailinator.com'"));
    }

    [Fact]
    public async Task A_slip_in_a_new_address_is_asked_about_and_its_reader_takes_what_was_meant_or_keeps_it()
    {
        var (page, local) = (await fixture.Subscribe(Address(), ("language", "en")), Wire.Unique("n"));
        var typed = ("newEmail", $"{local}@gmial.com");

        var asked = (await fixture.Act(page, "change-address", typed)).Is(HttpStatusCode.UnprocessableEntity);
        var form = (IHtmlFormElement)asked.Html().QuerySelector("form:has([value=change-address])")!;
        var stored = await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email LIKE $1", $"{local}@%");
        (await fixture.Act(page, "change-address", typed, ("suggested", form.QuerySelector("button[name=suggested]")!.GetAttribute("value")!))).Is(HttpStatusCode.OK);
        (await fixture.Act(page, "change-address", typed, ("asTyped", "true"))).Is(HttpStatusCode.OK);

        Assert.Contains($"Did you mean {local}@gmail.com?", form.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Equal([null, "suggested", "asTyped", null], form.QuerySelectorAll("button").Select(b => b.GetAttribute("name"))); // Enter takes the first: what was typed
        Assert.Equal(typed.Item2, form.QuerySelector("#newEmail")!.GetAttribute("value"));
        Assert.Equal(0L, stored);
        await fixture.Mails.Next($"{local}@gmail.com", Ct);
        await fixture.Mails.Next($"{local}@gmial.com", Ct);
    }

    [Fact]
    public async Task Whoever_holds_a_link_mails_no_more_new_addresses_an_hour_than_a_form_does()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:SignUpsPerHour"] = "2" });
        using var reader = service.Anonymous();
        var page = service.Preferences(await service.Reader(Address()));

        for (var i = 0; i < 2; i++) (await reader.Submit(page, ("act", "change-address"), ("newEmail", Address()))).Is(HttpStatusCode.OK);
        var refused = (await reader.Submit(page, ("act", "change-address"), ("newEmail", Address()))).Is(HttpStatusCode.TooManyRequests);

        Assert.NotNull(refused.Message.Headers.RetryAfter);
        (await reader.Submit(page, ("act", "leave"))).Is(HttpStatusCode.OK);
        Assert.Equal(2L, await service.Sql("SELECT count(*) FROM cms.sign_ups"));
    }
}
