using System.Net;
using AngleSharp.Html.Dom;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>A reader's own page, opened by a signed link.</summary>
public sealed class PreferenceTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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

        var saved = (await fixture.Act(page, "save", ("frequency", "weekly"), ("language", "ar"), ("sectionIds", $"{section.Id}"), ("sectionIds", $"{other.Id}"))).Is(HttpStatusCode.OK);

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

        var paused = (await fixture.Act(page, "pause")).Is(HttpStatusCode.OK);
        var between = await fixture.Status(email);
        var resumed = (await fixture.Act(page, "resume")).Is(HttpStatusCode.OK);

        Assert.Equal(("paused", "active"), (between, await fixture.Status(email)));
        Assert.NotNull(paused.Html().QuerySelector("input[value=resume]"));
        Assert.NotNull(resumed.Html().QuerySelector("input[value=pause]"));
    }

    [Fact]
    public async Task The_page_of_one_who_left_says_so_chooses_nothing_and_leads_to_the_form()
    {
        var email = Address();
        var page = await fixture.Subscribe(email, ("language", "en"));
        await fixture.Act(page, "leave");
        var row = await Row(email);

        var shown = (await fixture.Reader.Get(page)).Is(HttpStatusCode.OK);
        foreach (var (act, field) in new[] { ("save", "frequency=weekly"), ("pause", ""), ("resume", ""), ("change-address", $"newEmail={Address("fresh")}") }) // as a page does that was open before
            Assert.Equal(shown.Text, (await fixture.Act(page, act, [.. field.Split('=') is [var name, var value] ? [(name, value)] : Array.Empty<(string, string)>()])).Is(HttpStatusCode.OK).Text);
        var after = await Row(email);
        await fixture.Act(page, "data");
        var data = await fixture.Mails.Next(email, Ct);
        (await fixture.Act(page, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);

        Assert.Equal("You are unsubscribed", shown.Headline());
        Assert.DoesNotContain("@example.org", shown.Text, StringComparison.Ordinal); // it goes nowhere
        Assert.Equal(["data", "erase"], shown.Html().QuerySelectorAll("form > [name=act]").Select(e => e.GetAttribute("value")));
        Assert.Equal("/newsletter/v1/subscriptions", shown.Html().QuerySelector(".note a")!.GetAttribute("href"));
        Assert.Equal(row, after);
        Assert.Single(data.Message.Attachments);
        Assert.Equal("gone", await fixture.Status(email));
    }

    [Fact]
    public async Task A_reader_leaves_and_comes_back_by_signing_up()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        (await fixture.Act(page, "leave")).Is(HttpStatusCode.OK);
        var twice = (await fixture.Act(page, "leave")).Is(HttpStatusCode.OK);
        var left = await fixture.Status(email);
        await fixture.Service.Later(email);
        await fixture.Subscribe(email);

        Assert.Equal(("unsubscribed", "active"), (left, await fixture.Status(email)));
        Assert.Equal("/newsletter/v1/subscriptions", twice.Html().QuerySelector("main a")!.GetAttribute("href"));
        Assert.Equal("signed-up confirmed left signed-up confirmed", await fixture.Service.Ledger(email));
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
        (await fixture.Act(((IHtmlFormElement)shown.Html().QuerySelector("form")!).GetAttribute("action")!, "erase", ("sure", "true"))).Is(HttpStatusCode.OK);
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
            (await fixture.Act(other, "erase", ("sure", "true"))).Is(HttpStatusCode.NotFound);
        }

        foreach (var other in new[] { leave, token[..^1], token + "A", "x" })
        {
            var answer = (await fixture.Reader.Get($"/newsletter/v1/preferences/{other}")).Is(HttpStatusCode.NotFound);
            Assert.NotEmpty(answer.Headline());
            (await fixture.Act($"/newsletter/v1/preferences/{other}", "leave")).Is(HttpStatusCode.NotFound);
        }

        (await fixture.Reader.Submit($"/newsletter/v1/unsubscribe/{token}")).Is(HttpStatusCode.NotFound);
        Assert.Equal(before, await Row(email));
    }

    [Theory]
    [InlineData("en", "attached", "new address", "your choices")]
    [InlineData("fr", "pièce jointe", "nouvelle adresse", "préférences")]
    [InlineData("ar", "مرفق", "العنوان الجديد", "تفضيلاتكم")]
    public async Task The_answer_to_a_wish_says_which_mail_comes(string language, string attached, string address, string choices)
    {
        var email = Address();
        var page = await fixture.Subscribe(email, ("language", language));
        var old = fixture.Service.Preferences(Guid.Parse((await fixture.Known(email))!.Member("id")), days: -31);

        var signUp = Told(await fixture.Reader.Get("/newsletter/v1/check-inbox", ("Accept-Language", language)));
        var data = Told((await fixture.Act(page, "data")).Is(HttpStatusCode.OK));
        var moved = Told((await fixture.Act(page, "change-address", ("newEmail", Address("fresh")))).Is(HttpStatusCode.OK));
        var fresh = Told((await fixture.Act(old, "data")).Is(HttpStatusCode.OK));

        Assert.Contains(attached, data[0], StringComparison.Ordinal);
        Assert.Contains(address, moved[0], StringComparison.Ordinal);
        Assert.Contains(choices, fresh[0], StringComparison.Ordinal);
        Assert.Equal((3, 2, 3, 2), (signUp.Length, data.Length, moved.Length, fresh.Length)); // only a link that confirms holds for hours
        Assert.Equal(signUp[1..], moved[1..]);
        Assert.Equal(4, new[] { signUp[0], data[0], moved[0], fresh[0] }.Distinct().Count());

        static string[] Told(Answer answer) => [.. answer.Html().QuerySelectorAll("main p").Select(p => p.TextContent)];
    }

    [Theory]
    [InlineData("sectionIds=0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f")]
    [InlineData("sectionIds=nonsense")]
    [InlineData("language=xx")]
    [InlineData("language=tlh-Latn")]
    public async Task A_choice_that_there_is_not_is_told_and_nothing_is_saved(string wrong)
    {
        var (email, section) = (Address(), await fixture.Editor.OpenSection());
        var page = await fixture.Subscribe(email, ("sectionIds", $"{section.Id}"), ("language", "en"));
        var before = await Row(email);

        var refused = (await fixture.Act(page, "save", ("frequency", "weekly"), ("sectionIds", $"{section.Id}"), (wrong.Split('=')[0], wrong.Split('=')[1]))).Is(HttpStatusCode.UnprocessableEntity);

        Assert.Equal(before, await Row(email));
        Assert.StartsWith("Nothing was saved", refused.Html().QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.Null(refused.Html().QuerySelector("[role=status]"));
    }

    [Fact]
    public async Task More_sections_than_a_reader_may_have_are_told_and_not_cut()
    {
        var email = Address();
        var sections = new List<string>();
        for (var i = 0; i <= Cms.Domain.Newsletter.Subscriber.MaxSections; i++) sections.Add($"{(await fixture.Editor.OpenSection()).Id}");
        var page = await fixture.Subscribe(email);

        (await fixture.Act(page, "save", [.. sections.Select(s => ("sectionIds", s))])).Is(HttpStatusCode.UnprocessableEntity);
        (await fixture.Act(page, "save", [.. sections.Skip(1).Select(s => ("sectionIds", s))])).Is(HttpStatusCode.OK);

        Assert.Equal(sections.Count - 1, (await fixture.Known(email))!["sectionIds"]!.AsArray().Count);
    }

    [Fact]
    public async Task Forms_sent_at_the_same_moment_are_done_one_after_the_other()
    {
        var email = Address();
        var page = await fixture.Subscribe(email);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? fixture.Act(page, "save", ("frequency", "weekly")) : fixture.Act(page, "pause")));

        Assert.All(answers, a => a.Is(HttpStatusCode.OK));
        Assert.Equal("paused", await fixture.Status(email));
    }

    [Fact]
    public async Task The_audit_knows_that_a_reader_changed_something_and_never_to_what()
    {
        var (email, fresh) = (Address(), Address("moved"));
        var page = await fixture.Subscribe(email);
        var id = (await fixture.Known(email))!.Member("id");
        await fixture.Act(page, "save", ("frequency", "weekly"), ("language", "ar"));
        await fixture.Act(page, "pause");
        await fixture.Act(page, "change-address", ("newEmail", fresh));
        await fixture.Reader.Submit((await fixture.Mails.Next(fresh, Ct)).Link());
        await fixture.Reader.Submit(fixture.Service.Leave(Guid.Parse(id)));
        await fixture.Act(page, "erase", ("sure", "true"));

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

        Assert.Equal("active", await fixture.Status(email));
    }
}
