using System.Net;
using AngleSharp.Html.Dom;
using Cms.Api.Tests.Mail;
using Cms.Domain.Access;
using Npgsql;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

public sealed class SignUpTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_signs_up_by_a_plain_form_and_is_subscribed_when_they_press_the_button_behind_the_mailed_link()
    {
        var email = Address();

        var sent = (await fixture.Reader.Submit(Subscriptions, ("email", email), ("language", "fr"), ("frequency", "weekly"), ("textVersion", "2026-11"), ("website", ""))).Is(HttpStatusCode.SeeOther);
        var next = (await fixture.Reader.Get(sent.Message.Headers.Location!.ToString(), ("Accept-Language", "fr"))).Is(HttpStatusCode.OK);
        var mail = await fixture.Mails.Next(email, Ct);
        var pending = await fixture.Known(email);
        var page = (await fixture.Reader.Get(mail.Link())).Is(HttpStatusCode.OK);
        (await fixture.Reader.Ask(HttpMethod.Head, mail.Link(), null, null)).Is(HttpStatusCode.OK);
        var opened = await fixture.Known(email);
        var confirmed = (await fixture.Reader.Submit(((IHtmlFormElement)page.Html().QuerySelector("form")!).GetAttribute("action")!)).Is(HttpStatusCode.OK);
        var active = await fixture.Known(email);

        Assert.Equal("fr", next.Html().DocumentElement.GetAttribute("lang"));
        Assert.DoesNotContain(email, next.Text, StringComparison.Ordinal);
        Assert.Equal(("pending", "pending", "active"), (pending!.Member("status"), opened!.Member("status"), active!.Member("status")));
        Assert.Equal(("weekly", "fr", "2026-11", "sign-up form"), (active!.Member("frequency"), active!.Member("language"), active!["consent"]!.Member("textVersion"), active!["consent"]!.Member("source")));
        Assert.True(active!["optIn"]!["signedUpAt"]!.GetValue<DateTimeOffset>() < active!["optIn"]!["confirmedAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal("127.0.0.1", active!["optIn"]!.Member("clientAddress"));
        Assert.Contains("/preferences/", confirmed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_used_link_says_that_it_is_confirmed_already_and_brings_nobody_back_who_left()
    {
        var email = Address();
        await fixture.Reader.Submit(Subscriptions, ("email", email));
        var link = (await fixture.Mails.Next(email, Ct)).Link();
        (await fixture.Reader.Submit(link)).Is(HttpStatusCode.OK);
        var known = await fixture.Known(email);
        var read = await fixture.Editor.Get($"/management/v1/subscribers/{known!["id"]}");
        (await fixture.Editor.Act($"/management/v1/subscribers/{known["id"]}/unsubscribe", read.ETag)).Is(HttpStatusCode.OK);

        var shown = (await fixture.Reader.Get(link, ("Accept-Language", "en"))).Is(HttpStatusCode.OK);
        var again = (await fixture.Reader.Submit(link)).Is(HttpStatusCode.OK);

        Assert.Empty(shown.Html().QuerySelectorAll("form"));
        Assert.Equal(shown.Headline(), again.Headline());
        Assert.Equal("unsubscribed", (await fixture.Known(email))!.Member("status"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // as after seven days, or an erasure: there is no row to wait at
    public async Task Two_links_of_one_reader_pressed_at_one_moment_both_confirm(bool isKnown)
    {
        var email = Address();
        await fixture.Reader.Submit(Subscriptions, ("email", email));
        var first = (await fixture.Mails.Next(email, Ct)).Link();
        await fixture.Service.Later(email);
        await fixture.Reader.Submit(Subscriptions, ("email", email), ("frequency", "weekly"));
        var second = (await fixture.Mails.Next(email, Ct)).Link();
        if (!isKnown) await fixture.Service.Sql("DELETE FROM cms.subscribers WHERE email = $1", email);
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var holder = await source.OpenConnectionAsync(Ct);
        await using var held = await holder.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand(isKnown ? "SELECT pg_backend_pid() FROM cms.subscribers WHERE email = $1 FOR UPDATE" : "INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at) VALUES (gen_random_uuid(), $1, 'en', 'Daily', '{}', 'Active', now(), now()) RETURNING pg_backend_pid()", holder, held);
        hold.Parameters.AddWithValue(email);
        var pid = (int)(await hold.ExecuteScalarAsync(Ct) ?? 0);

        var one = fixture.Reader.Submit(first);
        var waiter = await source.WaiterFor(pid);
        var other = fixture.Reader.Submit(second);
        await source.WaiterFor(waiter);
        await held.RollbackAsync(Ct);
        var answers = await Task.WhenAll(one, other, fixture.Reader.Submit(second));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(("active", "weekly"), ((await fixture.Known(email))!.Member("status"), (await fixture.Known(email))!.Member("frequency"))); // the later one's
        Assert.Equal(4L, await fixture.Service.Sql("SELECT count(*) FROM cms.consents WHERE address_hash = $1", Hash(email))); // two sign-ups, each confirmed once
    }

    [Fact]
    public async Task What_a_new_sign_up_leaves_out_stays_as_the_reader_had_it_and_what_it_says_replaces_that()
    {
        var (email, section) = (Address(), await fixture.Editor.OpenSection());
        var page = await fixture.Subscribe(email, ("language", "en"), ("frequency", "weekly"), ("sectionIds", $"{section.Id}"), ("name", "Léa"));
        await fixture.Act(page, "pause");

        await fixture.Service.Later(email);
        await fixture.Subscribe(email);
        var same = await fixture.Known(email);
        await fixture.Service.Later(email);
        await fixture.Subscribe(email, ("language", "ar"), ("frequency", "daily"), ("sectionIds", ""));
        var changed = await fixture.Known(email);

        Assert.Equal(("active", "weekly", "en", "Léa"), (same!.Member("status"), same!.Member("frequency"), same!.Member("language"), same!.Member("name")));
        Assert.Equal([$"{section.Id}"], same!["sectionIds"]!.AsArray().Select(s => $"{s}"));
        Assert.Equal(("active", "daily", "ar", "Léa"), (changed!.Member("status"), changed!.Member("frequency"), changed!.Member("language"), changed!.Member("name")));
        Assert.Empty(changed!["sectionIds"]!.AsArray()); // a field that is there and empty says all
    }

    [Fact]
    public async Task What_a_script_leaves_out_stays_and_its_empty_list_of_sections_says_all()
    {
        var (email, section) = (Address(), await fixture.Editor.OpenSection());
        await fixture.Subscribe(email, ("frequency", "weekly"), ("sectionIds", $"{section.Id}"));

        var kept = new List<int>();
        foreach (var body in new object[] { new { email }, new { email, sectionIds = Array.Empty<Guid>() } })
        {
            await fixture.Service.Later(email);
            (await fixture.Reader.Post(Subscriptions, body)).Is(HttpStatusCode.Accepted);
            (await fixture.Reader.Submit((await fixture.Mails.Next(email, Ct)).Link())).Is(HttpStatusCode.OK);
            kept.Add((await fixture.Known(email))!["sectionIds"]!.AsArray().Count);
        }

        Assert.Equal([1, 0], kept);
        Assert.Equal("weekly", (await fixture.Known(email))!.Member("frequency"));
    }

    [Fact]
    public async Task What_was_typed_and_not_confirmed_chooses_nothing_for_the_reader_who_confirms_another_sign_up()
    {
        var email = Address();
        await fixture.Reader.Submit(Subscriptions, ("email", email), ("frequency", "weekly"), ("language", "ar"), ("name", "Somebody else"));
        await fixture.Mails.Next(email, Ct);
        await fixture.Service.Later(email);

        await fixture.Subscribe(email);

        var known = await fixture.Known(email);
        var site = (await fixture.Editor.Get("/management/v1/site")).Member("language");
        Assert.Equal(("active", "daily", site, ""), (known!.Member("status"), known!.Member("frequency"), known!.Member("language"), known!.Member("name")));
    }

    [Fact]
    public async Task A_reader_whom_an_editor_added_keeps_the_editors_choices_when_the_sign_up_makes_none()
    {
        var email = Address();
        (await fixture.Editor.Post("/management/v1/subscribers", new { email, name = "Léa", frequency = "weekly", language = "ar" })).Is(HttpStatusCode.Created);

        await fixture.Subscribe(email);

        var known = await fixture.Known(email);
        Assert.Equal(("active", "weekly", "ar", "Léa"), (known!.Member("status"), known!.Member("frequency"), known!.Member("language"), known!.Member("name")));
    }

    [Theory]
    [InlineData("fr", "Nous n’avons pas pu accepter")]
    [InlineData("en", "We could not take")]
    [InlineData("ar", "لم نتمكن من قبول")]
    public async Task A_page_tells_of_wrong_fields_in_its_own_language(string language, string told)
    {
        var page = (await fixture.Reader.Submit(Subscriptions, ("email", Address()), ("language", language), ("frequency", "hourly"), ("sectionIds", "x"), ("sectionIds", "y"))).Is(HttpStatusCode.UnprocessableEntity);

        var alert = page.Html().QuerySelector("[role=alert]")!.TextContent;
        Assert.StartsWith(told, alert, StringComparison.Ordinal);
        Assert.Contains("frequency, sectionIds", alert, StringComparison.Ordinal);
        Assert.DoesNotContain("Give", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mail_is_whole_in_HTML_and_text_says_nothing_that_was_typed_and_comes_from_a_machine()
    {
        var email = Address();
        (await fixture.Reader.Post(Subscriptions, new { email, name = "Visit evil.example now", language = "ar" })).Is(HttpStatusCode.Accepted);

        var mail = await fixture.Mails.Next(email, Ct);

        Assert.Equal("auto-generated", mail.Message.Headers["Auto-Submitted"]);
        Assert.Equal(("news@example.org", "news@example.org"), (mail.From, mail.Message.From.Mailboxes.Single().Address));
        Assert.EndsWith("@example.org", mail.Message.MessageId, StringComparison.Ordinal);
        Assert.Contains("dir=\"rtl\"", mail.Message.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", mail.Message.TextBody + mail.Message.HtmlBody + mail.Message.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain("<", mail.Message.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_is_the_same_for_every_address_and_suppressed_ones_get_nothing()
    {
        var (fresh, active, bounced, had) = (Address(), Address(), Address(), Address());
        await fixture.Subscribe(active);
        await fixture.Subscribe(bounced);
        await fixture.Service.Sql("UPDATE cms.subscribers SET status = 'Bounced' WHERE email = $1", bounced);
        await fixture.Reader.Post(Subscriptions, new { email = had });
        await fixture.Mails.Next(had, Ct);

        var answers = new List<Answer>();
        foreach (var email in new[] { bounced, had, active, fresh }) answers.Add(await fixture.Reader.Post(Subscriptions, new { email }));
        await fixture.Mails.Next(fresh, Ct);
        await fixture.Service.Mailed();

        Assert.All(answers, a => Assert.Equal((HttpStatusCode.Accepted, answers[0].Text), (a.Status, a.Text)));
        Assert.All(answers, a => Assert.Equal(answers[0].Message.Headers.Select(h => h.Key), a.Message.Headers.Select(h => h.Key)));
        Assert.Equal(1, fixture.Mails.Received.Count(m => m.To == bounced)); // its first
        Assert.Equal(1, fixture.Mails.Received.Count(m => m.To == had));
        Assert.Equal("active", (await fixture.Known(active))!.Member("status"));
        Assert.Equal("bounced", (await fixture.Known(bounced))!.Member("status"));
    }

    [Fact]
    public async Task An_address_that_is_bombed_gets_one_mail_in_a_quarter_of_an_hour_three_a_day_and_ten_in_thirty_days()
    {
        var email = Address();
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(server.Settings);
        using var reader = service.Anonymous();
        for (var i = 0; i < 3; i++) (await reader.Post(Subscriptions, new { email })).Is(HttpStatusCode.Accepted);
        await service.Mailed();
        var atOnce = server.Received.Count;

        var counts = new List<int>();
        foreach (var hours in new[] { 1, 1, 1, 24, 1, 1, 1, 24, 1, 1, 1, 24, 1, 24, 720, 1 })
        {
            await service.Sql("UPDATE cms.asked_mails SET at = at - $1", TimeSpan.FromHours(hours)); // as if time went on
            await reader.Post(Subscriptions, new { email });
            await service.Mailed();
            counts.Add(server.Received.Count);
        }

        Assert.Equal(1, atOnce);
        Assert.Equal([2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 10, 10, 11, 12], counts);
    }

    [Theory]
    [InlineData("{\"email\":\"lea@gmial.com\"}", "/email suggestion")]
    [InlineData("{\"email\":\"lea@mailinator.com\"}", "/email disposable")]
    [InlineData("{\"email\":\"nobody\"}", "/email email")]
    [InlineData("{}", "/email required")]
    [InlineData("{\"email\":\"lea@example.org\",\"sectionIds\":[\"0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f\"]}", "/sectionIds/0 notFound")]
    [InlineData("{\"email\":\"lea@example.org\",\"clientAddress\":\"192.0.2.1\"}", "/clientAddress notAllowed")]
    public async Task What_the_text_alone_decides_is_refused_with_what_to_change(string body, string error)
    {
        var refused = (await fixture.Reader.Post(Subscriptions, body)).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        Assert.Equal([error], refused.Errors);
        (await fixture.Reader.Post(Subscriptions, "{\"email\":\"lea@example.org\",\"status\":\"active\"}")).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task A_form_with_a_slip_comes_back_as_a_page_that_offers_the_address_that_was_meant()
    {
        var local = Wire.Unique("lea");

        var page = (await fixture.Reader.Submit(Subscriptions, ("email", $"{local}@gmial.com"), ("frequency", "weekly"), ("language", "fr"))).Is(HttpStatusCode.UnprocessableEntity);
        var take = page.Html().QuerySelector("button[name=suggested]")!.GetAttribute("value")!;
        (await fixture.Reader.Submit(Subscriptions, ("email", $"{local}@gmial.com"), ("suggested", take))).Is(HttpStatusCode.SeeOther);
        (await fixture.Reader.Submit(Subscriptions, ("email", $"{local}@gmial.com"), ("asTyped", "true"))).Is(HttpStatusCode.SeeOther);
        var wrong = (await fixture.Reader.Submit(Subscriptions, ("email", "<script>\"x\""), ("language", "fr"))).Is(HttpStatusCode.UnprocessableEntity);

        Assert.Equal($"{local}@gmail.com", take);
        Assert.Equal("fr", page.Html().DocumentElement.GetAttribute("lang"));
        Assert.True(((IHtmlInputElement)page.Html().QuerySelector("input[value=weekly]")!).IsChecked);
        Assert.Equal("<script>\"x\"", ((IHtmlInputElement)wrong.Html().QuerySelector("#email")!).Value);
        Assert.NotNull(wrong.Html().QuerySelector("#email-fault"));
        Assert.Equal($"{local}@gmail.com", (await fixture.Mails.Next($"{local}@gmail.com", Ct)).To);
        await fixture.Mails.Next($"{local}@gmial.com", Ct);
    }

    [Fact]
    public async Task Whoever_fills_the_field_that_no_person_sees_is_answered_like_everybody_and_forgotten()
    {
        var email = Address();

        var robot = (await fixture.Reader.Submit(Subscriptions, ("email", email), ("website", "https://spam.example"))).Is(HttpStatusCode.SeeOther);
        await fixture.Service.Mailed();

        Assert.Equal("/newsletter/v1/check-inbox", robot.Message.Headers.Location!.ToString());
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email = $1", email));
        Assert.DoesNotContain(fixture.Mails.Received, m => m.To == email);
    }

    [Fact]
    public async Task A_client_signs_up_five_readers_an_hour_and_a_frontends_server_as_many_as_it_passes_addresses_of()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:SignUpsPerHour"] = "5" });
        using var reader = service.Anonymous();
        using var server = await service.Client(Ct, Scope.SubscriptionsWrite);
        using var narrow = await service.Client(Ct, Scope.ContentRead);
        for (var i = 0; i < 5; i++) (await reader.Post(Subscriptions, new { email = Address() })).Is(HttpStatusCode.Accepted);

        var refused = (await reader.Post(Subscriptions, new { email = Address() })).Refuses(HttpStatusCode.TooManyRequests, "rate-limited");
        var page = (await reader.Submit(Subscriptions, ("email", Address()))).Is(HttpStatusCode.TooManyRequests);
        var email = Address();
        (await server.Post(Subscriptions, new { email, clientAddress = "192.0.2.77" })).Is(HttpStatusCode.Accepted);
        (await narrow.Post(Subscriptions, new { email })).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        reader.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer cms_wrong");
        (await reader.Post(Subscriptions, new { email })).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");

        Assert.NotNull(refused.Message.Headers.RetryAfter);
        Assert.Single(page.Html().QuerySelectorAll("h1"));
        Assert.Equal("192.0.2.77", await service.Sql("SELECT origin->>'clientAddress' FROM cms.sign_ups WHERE email = $1", email));
    }

    [Fact]
    public async Task Links_that_are_wrong_or_too_old_confirm_nothing()
    {
        var email = Address();
        await fixture.Reader.Submit(Subscriptions, ("email", email));
        var link = (await fixture.Mails.Next(email, Ct)).Link();
        await fixture.Service.Sql("UPDATE cms.confirmation_links SET created_at = created_at - interval '49 hours' WHERE sign_up_id = (SELECT id FROM cms.sign_ups WHERE email = $1)", email);

        (await fixture.Reader.Get(link)).Is(HttpStatusCode.Gone);
        (await fixture.Reader.Submit(link)).Is(HttpStatusCode.Gone);
        (await fixture.Reader.Get(link[..^1] + "_")).Is(HttpStatusCode.NotFound);
        (await fixture.Reader.Submit("/newsletter/v1/confirmations/nonsense")).Is(HttpStatusCode.NotFound);

        Assert.Equal("pending", (await fixture.Known(email))!.Member("status"));
    }

    [Fact]
    public async Task A_mail_that_the_server_puts_off_goes_again_under_the_same_name_and_each_of_its_links_confirms()
    {
        var (email, tries) = (Address(), 0);
        await using var server = await MailServer.Start();
        server.OnMail = (mail, _) => Task.FromResult(mail.To == email && tries++ == 0 ? new MailAnswer(451, "4.3.0 Later") : null);
        await using var service = await fixture.StartService(server.Settings);
        using var reader = service.Anonymous();
        (await reader.Post(Subscriptions, new { email })).Is(HttpStatusCode.Accepted);

        while (await service.Sql("UPDATE cms.outbox SET not_before = now() WHERE kind = 'asked-mail' AND attempts = 1 RETURNING 1") is null) await Task.Yield();
        var mail = await server.Next(email, Ct);
        (await reader.Submit(mail.Link())).Is(HttpStatusCode.OK);

        Assert.Equal(2, tries);
        Assert.Equal(2L, await service.Sql("SELECT count(*) FROM cms.confirmation_links"));
        Assert.StartsWith($"{await service.Sql("SELECT id FROM cms.sign_ups")}@", mail.Message.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_the_server_refuses_for_good_is_bounced_and_asked_no_more()
    {
        var email = Address();
        fixture.Mails.Refuse(email, new MailAnswer(550, "5.1.1 No such user"));
        await fixture.Reader.Post(Subscriptions, new { email });
        await fixture.Service.Mailed();

        Assert.Equal("bounced", (await fixture.Known(email))!.Member("status"));
    }
}
