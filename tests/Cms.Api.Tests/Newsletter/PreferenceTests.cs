using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Html.Dom;
using MimeKit;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>A reader's own page, opened by a signed link.</summary>
public sealed class PreferenceTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Address(string stem = "lea") => $"{Wire.Unique(stem)}@example.org";

    private Task<Answer> Act(string page, string act, params (string Name, string Value)[] fields) => fixture.Reader.Submit(page, [("act", act), .. fields]);

    private async Task<string> Status(string email) => (await fixture.Known(email))?.Member("status") ?? "gone";

    private Task<object?> Row(string email) => fixture.Service.Sql("SELECT xmin::text || to_json(s)::text FROM cms.subscribers s WHERE email = $1", email);

    [Fact]
    public async Task What_is_no_form_or_larger_than_one_is_refused()
    {
        var page = await fixture.Subscribe(Address());

        (await fixture.Reader.Post(page, new { act = "leave" })).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await fixture.Reader.Ask(HttpMethod.Post, page, "act=save&language=" + new string('x', 9_000), "application/x-www-form-urlencoded")).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Fact]
    public async Task Reading_the_page_changes_nothing()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);
        var before = await Row(email);

        var shown = (await fixture.Reader.Get($"{page}?utm_source=mail")).Is(HttpStatusCode.OK);
        var head = (await fixture.Reader.Ask(HttpMethod.Head, page, null, null)).Is(HttpStatusCode.OK);

        Assert.Equal(before, await Row(email));
        Assert.Empty(head.Bytes);
        Assert.Contains("l…@example.org", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(email, shown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_saves_sections_frequency_and_language()
    {
        var (email, section, other) = (Address(), await fixture.Editor.OpenSection(), await fixture.Editor.OpenSection());
        var page = await fixture.Subscribe(email, ("language", "fr"));

        var saved = (await Act(page, "save", ("frequency", "weekly"), ("language", "ar"), ("sectionIds", $"{section.Id}"), ("sectionIds", $"{other.Id}"), ("sectionIds", "nonsense"))).Is(HttpStatusCode.OK);

        var known = await fixture.Known(email);
        Assert.Equal(("weekly", "ar"), (known!.Member("frequency"), known!.Member("language")));
        Assert.Equal(new[] { $"{section.Id}", $"{other.Id}" }.Order(), known!["sectionIds"]!.AsArray().Select(s => $"{s}").Order());
        Assert.Equal(("ar", "rtl"), (saved.Html().DocumentElement.GetAttribute("lang"), saved.Html().DocumentElement.GetAttribute("dir")));
        Assert.NotNull(saved.Html().QuerySelector("[role=status]"));
        Assert.True(((IHtmlInputElement)saved.Html().QuerySelector($"input[value='{section.Id}']")!).IsChecked);
        Assert.True(((IHtmlInputElement)saved.Html().QuerySelector("input[value=weekly]")!).IsChecked);
    }

    [Fact]
    public async Task Saving_the_page_as_it_came_keeps_a_section_deep_in_the_tree()
    {
        var (email, root) = (Address(), await fixture.Editor.OpenSection());
        var deep = await fixture.Editor.OpenSection(parentId: root.Id);
        var page = await fixture.Subscribe(email, ("sectionIds", $"{deep.Id}"));

        var form = (IHtmlFormElement)(await fixture.Reader.Get(page)).Html().QuerySelector("form")!;
        var fields = form.Elements.OfType<IHtmlInputElement>().Where(i => i.Type == "hidden" || i.IsChecked).Select(i => (i.Name!, i.Value));
        (await fixture.Reader.Submit(page, [.. fields])).Is(HttpStatusCode.OK);

        Assert.Equal([$"{deep.Id}"], (await fixture.Known(email))!["sectionIds"]!.AsArray().Select(s => $"{s}"));
    }

    [Fact]
    public async Task A_reader_pauses_and_resumes()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        var paused = (await Act(page, "pause")).Is(HttpStatusCode.OK);
        var between = await Status(email);
        var resumed = (await Act(page, "resume")).Is(HttpStatusCode.OK);

        Assert.Equal(("paused", "active"), (between, await Status(email)));
        Assert.NotNull(paused.Html().QuerySelector("input[value=resume]"));
        Assert.NotNull(resumed.Html().QuerySelector("input[value=pause]"));
    }

    [Fact]
    public async Task A_new_address_is_the_readers_when_its_own_mailbox_confirms()
    {
        var (old, fresh) = (Address(), Address("moved"));
        var page = await fixture.Subscribe(old, ("frequency", "weekly"));

        var asked = (await Act(page, "change-address", ("newEmail", fresh))).Is(HttpStatusCode.OK);
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
        await Later(email);

        await Act(page, "change-address", ("newEmail", upper));
        (await fixture.Reader.Submit((await fixture.Mails.Next(email, Ct)).Link())).Is(HttpStatusCode.OK);

        Assert.Equal("active", await Status(upper));
    }

    [Fact]
    public async Task A_second_subscription_of_the_new_address_gives_way()
    {
        var (first, second) = (Address(), Address("second"));
        var page = await fixture.Subscribe(first);
        await fixture.Subscribe(second);
        await Later(second);
        var (kept, gone) = ((await fixture.Known(first))!.Member("id"), (await fixture.Known(second))!.Member("id"));

        await Act(page, "change-address", ("newEmail", second));
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
        await Later(bounced);

        var to = (await Act(page, "change-address", ("newEmail", bounced))).Is(HttpStatusCode.OK);
        var other = (await Act(page, "change-address", ("newEmail", fresh))).Is(HttpStatusCode.OK);
        await fixture.Service.Mailed();

        Assert.Equal(other.Text, to.Text);
        Assert.Equal(1, fixture.Mails.Received.Count(m => m.To == bounced)); // its first
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = $1 AND subscriber_id IS NOT NULL", bounced));
        (await Act(page, "change-address", ("newEmail", "nobody"))).Is(HttpStatusCode.UnprocessableEntity);
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

    [Fact]
    public async Task The_page_of_one_who_left_says_so_chooses_nothing_and_leads_to_the_form()
    {
        var email = Address();
        var page = await fixture.Subscribe(email, ("language", "en"));
        await Act(page, "leave");
        var row = await Row(email);

        var shown = (await fixture.Reader.Get(page)).Is(HttpStatusCode.OK);
        foreach (var (act, field) in new[] { ("save", "frequency=weekly"), ("pause", ""), ("resume", ""), ("change-address", $"newEmail={Address("fresh")}") }) // as a page does that was open before
            Assert.Equal(shown.Text, (await Act(page, act, [.. field.Split('=') is [var name, var value] ? [(name, value)] : Array.Empty<(string, string)>()])).Is(HttpStatusCode.OK).Text);
        var after = await Row(email);
        await Act(page, "data");
        var data = await fixture.Mails.Next(email, Ct);
        (await Act(page, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);

        Assert.Equal("You are unsubscribed", shown.Headline());
        Assert.Equal(["data", "erase"], shown.Html().QuerySelectorAll("form > [name=act]").Select(e => e.GetAttribute("value")));
        Assert.Equal("/newsletter/v1/subscriptions", shown.Html().QuerySelector(".note a")!.GetAttribute("href"));
        Assert.Equal(row, after);
        Assert.Single(data.Message.Attachments);
        Assert.Equal("gone", await Status(email));
    }

    [Fact]
    public async Task A_reader_leaves_and_comes_back_by_signing_up()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        (await Act(page, "leave")).Is(HttpStatusCode.OK);
        var twice = (await Act(page, "leave")).Is(HttpStatusCode.OK);
        var left = await Status(email);
        await Later(email);
        await fixture.Subscribe(email);

        Assert.Equal(("unsubscribed", "active"), (left, await Status(email)));
        Assert.Equal("/newsletter/v1/subscriptions", twice.Html().QuerySelector("main a")!.GetAttribute("href"));
        Assert.Equal("signed-up confirmed left signed-up confirmed", await Ledger(fixture.Service, email));
    }

    [Fact]
    public async Task A_readers_data_come_by_mail_at_once_and_hold_nobody_elses()
    {
        var (email, other, section) = (Address(), Address("other"), await fixture.Editor.OpenSection());
        await fixture.Subscribe(other);
        var page = await fixture.Subscribe(email, ("name", "Léa"), ("frequency", "weekly"), ("sectionIds", $"{section.Id}"), ("textVersion", "2026-11"));

        (await Act(page, "data")).Is(HttpStatusCode.OK); // a minute after the confirmation
        var mail = await fixture.Mails.Next(email, Ct);

        var file = Assert.Single(mail.Message.Attachments.OfType<MimePart>());
        using var bytes = new MemoryStream();
        await (file.Content ?? throw new InvalidDataException("The file is empty.")).DecodeToAsync(bytes, Ct);
        var data = JsonNode.Parse(bytes.ToArray()) ?? throw new InvalidDataException("It holds null.");
        Assert.Equal(("subscription.json", "application/json"), (file.FileName, file.ContentType.MimeType));
        Assert.Equal((email, "Léa", "weekly", "active"), (data.Member("email"), data.Member("name"), data.Member("frequency"), data.Member("status")));
        Assert.Equal([$"{section.Id}"], data["sectionIds"]!.AsArray().Select(s => $"{s}"));
        Assert.Equal("2026-11", data["consent"]!.Member("textVersion"));
        Assert.NotEmpty(data["optIn"]!.Member("confirmedAt"));
        Assert.Equal(["signed-up", "confirmed"], data["consents"]!.AsArray().Select(c => c!.Member("event")));
        Assert.Equal("2026-11", Assert.Single(data["signUps"]!.AsArray())!["origin"]!.Member("textVersion"));
        Assert.DoesNotContain(other.Split('@')[0], data.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_data_again_and_again_mails_it_once_in_a_quarter_of_an_hour()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        for (var i = 0; i < 3; i++) (await Act(page, "data")).Is(HttpStatusCode.OK);
        await fixture.Service.Mailed();

        Assert.Equal(2, fixture.Mails.Received.Count(m => m.To == email)); // the confirmation, and the data once
    }

    [Fact]
    public async Task An_erasure_wants_to_be_sure()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        var asked = (await Act(page, "erase")).Is(HttpStatusCode.UnprocessableEntity);

        Assert.NotNull(asked.Html().QuerySelector("[role=alert]"));
        Assert.Equal("active", await Status(email));
    }

    [Fact]
    public async Task An_erasure_leaves_a_readers_address_nowhere()
    {
        await using var service = await fixture.StartService(); // without a mail server: wishes lie in the outbox
        using var reader = service.Anonymous();
        using var editor = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var (local, other) = (Wire.Unique("lea"), Address("other"));
        var body = new { email = $"{local}@example.org", name = local, consent = new { at = "2026-11-01T10:00:00Z", source = "fair", textVersion = "1" } };
        var made = (await editor.Post("/management/v1/subscribers", body, ("Idempotency-Key", Wire.Unique("key")))).Is(HttpStatusCode.Created);
        await service.Reader(other);
        var page = service.Preferences(made.Id);
        (await reader.Submit(Subscriptions, ("email", $"{local.ToUpperInvariant()}@example.org"), ("name", local))).Is(HttpStatusCode.SeeOther);
        (await reader.Submit(page, ("act", "data"))).Is(HttpStatusCode.OK);
        (await reader.Submit(page, ("act", "change-address"), ("newEmail", $"new-{local}@example.org"))).Is(HttpStatusCode.OK);
        Assert.NotEmpty(await service.Places(local));

        var erased = (await reader.Submit(page, ("act", "erase"), ("sure", "true"))).Is(HttpStatusCode.OK);

        Assert.Empty(await service.Places(local));
        Assert.NotEmpty(await service.Places(other.Split('@')[0]));
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.outbox WHERE kind = 'asked-mail'"));
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.suppressions WHERE reason = 'erased'"));
        Assert.Equal("erased", await Ledger(service, $"{local}@example.org"));
        Assert.Equal(erased.Headline(), (await reader.Get(page)).Is(HttpStatusCode.OK).Headline());
        Assert.Equal(erased.Headline(), (await reader.Submit(page, ("act", "resume"))).Is(HttpStatusCode.OK).Headline());
        (await editor.Post("/management/v1/subscribers", body)).Refuses(HttpStatusCode.Conflict, "email-suppressed");
    }

    [Fact]
    public async Task Who_was_erased_comes_back_by_signing_up_and_by_nobody_else()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);
        (await Act(page, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);
        (await fixture.Editor.Post("/management/v1/subscribers", new { email })).Refuses(HttpStatusCode.Conflict, "email-suppressed");
        await Later(email);

        await fixture.Subscribe(email);

        Assert.Equal("active", await Status(email));
        (await fixture.Reader.Get(page)).Is(HttpStatusCode.OK); // the erased one's link opens nothing of the new one
        Assert.Null((await fixture.Reader.Get(page)).Html().QuerySelector("form"));
    }

    [Fact]
    public async Task An_old_link_has_a_button_that_mails_a_fresh_one_and_lets_its_holder_do_nothing_else()
    {
        var email = Address();
        await fixture.Subscribe(email);
        var id = Guid.Parse((await fixture.Known(email))!.Member("id"));
        var (old, last) = (fixture.Service.Preferences(id, days: -31), fixture.Service.Preferences(id, days: -30));
        var before = await Row(email);

        var shown = (await fixture.Reader.Get(old)).Is(HttpStatusCode.Gone);
        (await Act(((IHtmlFormElement)shown.Html().QuerySelector("form")!).GetAttribute("action")!, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);
        var mail = await fixture.Mails.Next(email, Ct);

        Assert.Equal(before, await Row(email));
        Assert.NotNull((await fixture.Reader.Get(mail.Link("preferences"))).Is(HttpStatusCode.OK).Html().QuerySelector("form"));
        (await fixture.Reader.Get(last)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_that_was_tampered_with_or_is_for_something_else_opens_nothing()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);
        var before = await Row(email);
        var id = Guid.Parse((await fixture.Known(email))!.Member("id"));
        var leave = fixture.Service.Leave(id).Split('/')[^1];
        var token = page.Split('/')[^1];

        for (var i = 0; i < token.Length; i++)
        {
            var other = $"{page[..^token.Length]}{token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}";
            (await fixture.Reader.Get(other)).Is(HttpStatusCode.NotFound);
            (await Act(other, "erase", ("sure", "true"))).Is(HttpStatusCode.NotFound);
        }

        foreach (var other in new[] { leave, token[..^1], token + "A", "x" })
        {
            var answer = (await fixture.Reader.Get($"/newsletter/v1/preferences/{other}")).Is(HttpStatusCode.NotFound);
            Assert.NotEmpty(answer.Headline());
            (await Act($"/newsletter/v1/preferences/{other}", "leave")).Is(HttpStatusCode.NotFound);
        }

        (await fixture.Reader.Submit($"/newsletter/v1/unsubscribe/{token}")).Is(HttpStatusCode.NotFound);
        Assert.Equal(before, await Row(email));
    }

    [Fact]
    public async Task Forms_sent_at_the_same_moment_are_done_one_after_the_other()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? Act(page, "save", ("frequency", "weekly")) : Act(page, "pause")));

        Assert.All(answers, a => a.Is(HttpStatusCode.OK));
        Assert.Equal("paused", await Status(email));
    }

    [Fact]
    public async Task The_audit_knows_that_a_reader_changed_something_and_never_to_what()
    {
        var (email, fresh) = (Address(), Address("moved"));
        var page = await fixture.Subscribe(email);
        var id = (await fixture.Known(email))!.Member("id");
        await Act(page, "save", ("frequency", "weekly"), ("language", "ar"));
        await Act(page, "pause");
        await Act(page, "change-address", ("newEmail", fresh));
        await fixture.Reader.Submit((await fixture.Mails.Next(fresh, Ct)).Link());
        await fixture.Reader.Submit(fixture.Service.Leave(Guid.Parse(id)));
        await Act(page, "erase", ("sure", "true"));

        var rows = (string?)await fixture.Service.Sql("SELECT string_agg(action || ' ' || array_to_string(members, ','), '; ' ORDER BY id) FROM cms.audit WHERE resource_id = $1 AND actor = 'reader'", id);

        Assert.EndsWith("changePreferences frequency,language; changePreferences status; confirmSignUp email; leave status; changePreferences ", rows, StringComparison.Ordinal);
        Assert.StartsWith("confirmSignUp consent,", rows, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("act=nonsense", 400)]
    [InlineData("", 400)]
    [InlineData("act=save&frequency=hourly", 400)]
    [InlineData("act=pause&act=leave", 400)]
    [InlineData("act=%FF", 400)]
    public async Task A_form_that_no_page_of_ours_sends_is_refused(string form, int status)
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        (await fixture.Reader.Ask(HttpMethod.Post, page, form, "application/x-www-form-urlencoded", ("Accept", "text/html"))).Is((HttpStatusCode)status);

        Assert.Equal("active", await Status(email));
    }

    private Task<object?> Later(string email) => fixture.Service.Later(email);

    private static async Task<string> Ledger(TestService service, string email) =>
        (string?)await service.Sql("SELECT string_agg(kind, ' ' ORDER BY id) FROM cms.consents WHERE address_hash = $1", Hash(email)) ?? "";
}
