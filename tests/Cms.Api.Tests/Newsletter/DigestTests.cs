using System.Net;
using Cms.Api.Tests.Mail;
using Cms.Infrastructure.Newsletter;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Newsletter;

public sealed class DigestTests(ApiFixture fixture)
{
    private const string Digests = "/management/v1/digests";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_get_the_days_articles_of_their_sections_once_and_leave_with_one_click()
    {
        await using var news = await Newsroom.Open(fixture);
        var (world, sport) = (await news.Section("International"), await news.Section("Sport"));
        await news.Publish("Le pont rouvre", world);
        await news.Publish("La finale", sport);
        await news.Reader("all@example.org");
        await news.Reader("sport@example.org", sport);
        await news.Reader("weekly@example.org", frequency: "weekly");

        await news.MakeDue();
        var all = await news.Mails.Next("all@example.org", Ct);
        var one = await news.Mails.Next("sport@example.org", Ct);
        await news.Finished();
        await news.MakeDue(); // again: nothing is due

        Assert.Contains("Le pont rouvre", all.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("La finale", all.Message.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("Le pont rouvre", one.Message.HtmlBody + one.Message.TextBody, StringComparison.Ordinal);
        Assert.Equal("La finale", one.Message.Subject);
        Assert.Equal(2, news.Mails.Received.Count(m => m.Message.Headers.Contains("List-Unsubscribe")));
        Assert.Equal("List-Unsubscribe=One-Click", all.Message.Headers["List-Unsubscribe-Post"]);
        Assert.Matches(@"^\d+\.[0-9a-f]{32}@example\.org$", all.Message.MessageId);
        Assert.Equal("<daily.example.org>", all.Message.Headers["List-Id"]);
        Assert.Matches(@"^\d+:daily:digest:example\.org$", all.Message.Headers["Feedback-ID"]);

        var link = all.Message.Headers["List-Unsubscribe"]!.Trim('<', '>')["https://cms.example.org".Length..];
        (await news.Anonymous.Ask(HttpMethod.Post, link, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")).Is(HttpStatusCode.OK);
        Assert.Equal("Unsubscribed", await news.Service.Sql("SELECT status FROM cms.subscribers WHERE email = 'all@example.org'"));
        Assert.Equal("1", (await news.Report())["counts"]!.Member("unsubscribed"));
    }

    [Fact]
    public async Task An_edition_tells_what_became_of_its_mails_and_goes_on_with_those_that_a_server_put_off()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        foreach (var name in new[] { "good", "later", "gone", "left" }) await news.Reader($"{name}@example.org");
        var later = 0;
        news.Mails.OnMail = (mail, _) => Task.FromResult(mail.To.StartsWith("later", StringComparison.Ordinal) && later++ == 0 ? new MailAnswer(451, "4.7.1 Later") : null);
        news.Mails.Refuse("gone@example.org", new(550, "5.1.1 No such user"));

        await news.Freeze();
        await news.Service.Sql("UPDATE cms.subscribers SET status = 'Unsubscribed' WHERE email = 'left@example.org'");
        await news.Send();
        var before = await news.Report();
        await news.Service.Sql("UPDATE cms.digest_deferred SET not_before = now()");
        await news.Send();
        await news.Send(); // there is nothing left: it ends
        var after = await news.Report();

        Assert.Equal(("sending", 4, 1, 1, 1, 1), Counts(before));
        Assert.Equal(("sent", 4, 2, 0, 1, 1), Counts(after));
        Assert.Equal("Bounced", await news.Service.Sql("SELECT status FROM cms.subscribers WHERE email = 'gone@example.org'"));
        Assert.Single(news.Mails.Received.Where(m => m.To == "later@example.org").Select(m => m.Message.MessageId).Distinct());
        var failures = (await news.Editor.Get($"{Digests}/{after["digest"]!.Member("id")}/failures")).Is(HttpStatusCode.OK);
        Assert.Contains(",failed,1,550,5.1.1,", failures.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await news.Service.Sql("SELECT count(*) FROM cms.digest_leases"));
    }

    [Fact]
    public async Task Mails_that_came_back_later_are_among_those_that_did_not_arrive()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:ReturnPathDomain"] = "bounces.example.org" });
        await news.Publish("Le pont rouvre", await news.Section("International"));
        var (back, full, gone) = (await news.Reader("back@example.org"), await news.Reader("full@example.org"), await news.Reader("gone@example.org"));
        foreach (var name in new[] { "good", "spam" }) await news.Reader($"{name}@example.org");
        news.Mails.Refuse("gone@example.org", new(550, "5.1.1 No such user"));
        await news.MakeDue();
        await news.Finished();
        foreach (var (to, sample) in new[] { ("back@example.org", "postfix-user-unknown"), ("full@example.org", "postfix-mailbox-full"), ("spam@example.org", "yahoo-complaint") })
        {
            using var reader = new StreamReader(typeof(DigestTests).Assembly.GetManifestResourceStream($"bounces/{sample}")!);
            var report = (await reader.ReadToEndAsync(Ct)).Replace("RETURN-PATH", news.Mails.Received.Single(m => m.To == to).From, StringComparison.Ordinal);
            Assert.Equal("true", (await news.Editor.Ask(HttpMethod.Post, "/management/v1/bounces", report, "message/rfc822")).Is(HttpStatusCode.OK).Member("matched"));
        }

        var edition = await news.Report();
        var lines = (await news.Editor.Get($"{Digests}/{edition["digest"]!.Member("id")}/failures")).Is(HttpStatusCode.OK).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(("2", "1", "1"), (edition["counts"]!.Member("bounced"), edition["counts"]!.Member("failed"), edition["counts"]!.Member("complained")));
        Assert.Equal("subscriberId,state,attempts,code,status,at", lines[0]);
        Assert.Equal(new[] { $"{back},bounced,1,0,", $"{full},bounced,1,0,", $"{gone},failed,1,550,5.1.1" }.Order(StringComparer.Ordinal), lines[1..].Select(l => l[..l.LastIndexOf(',')]));
        Assert.All(lines[1..], l => Assert.Matches(@",2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$", l));
    }

    [Fact]
    public async Task Nothing_new_is_no_mail_and_an_article_is_in_one_edition_alone()
    {
        await using var news = await Newsroom.Open(fixture);
        var world = await news.Section("International");
        await news.Publish("Le pont rouvre", world);
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Mails.Next("lea@example.org", Ct);
        await news.Finished();

        await news.NextDay();
        await news.MakeDue();
        var empty = (await news.Editor.Get(Digests)).Body["items"]![0]!;
        await news.NextDay();
        await news.Publish("La finale", world);
        await news.MakeDue();
        var next = await news.Mails.Next("lea@example.org", Ct);

        Assert.Equal("empty", empty.Member("status"));
        Assert.Equal("La finale", next.Message.Subject);
        Assert.DoesNotContain("Le pont rouvre", next.Message.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Editors_order_drop_add_and_hold_the_next_edition_and_see_it_before_it_goes()
    {
        await using var news = await Newsroom.Open(fixture);
        var world = await news.Section("International");
        var (first, second, third) = (await news.Publish("Un", world), await news.Publish("Deux", world), await news.Publish("Trois", world));
        await news.Reader("lea@example.org");

        var seen = (await news.Editor.Get($"{Digests}/next")).Is(HttpStatusCode.OK);
        (await news.Editor.Patch($"{Digests}/next", new { held = true }, "\"ffff\"")).Refuses(HttpStatusCode.PreconditionFailed, "stale");
        var changed = (await news.Editor.Patch($"{Digests}/next", new { subject = "Trois choses", intro = "Bonjour & bienvenue", articleIds = new[] { third, first }, droppedIds = new[] { second }, held = true }, seen.ETag)).Is(HttpStatusCode.OK);
        await news.MakeDue();
        var held = (await news.Editor.Get(Digests)).Body["items"]![0]!.Member("status");
        (await news.Editor.Patch($"{Digests}/next", new { held = false }, (await news.Editor.Get($"{Digests}/next")).ETag)).Is(HttpStatusCode.OK);
        await news.MakeDue();
        var mail = await news.Mails.Next("lea@example.org", Ct);

        Assert.Equal(["Trois", "Deux", "Un"], seen.Body["articles"]!.AsArray().Select(a => a!.Member("headline")));
        Assert.Equal(["Trois", "Un"], changed.Body["articles"]!.AsArray().Select(a => a!.Member("headline")));
        Assert.Equal(("Deux", "dropped"), (changed.Body["leftOut"]![0]!.Member("headline"), changed.Body["leftOut"]![0]!.Member("reason")));
        Assert.Contains("Bonjour &amp; bienvenue", changed.Body["preview"]!.Member("html"), StringComparison.Ordinal);
        Assert.Equal(("planned", "Trois choses"), (held, mail.Message.Subject));
        Assert.True(mail.Message.TextBody!.IndexOf("Trois", StringComparison.Ordinal) < mail.Message.TextBody.IndexOf("\nUn", StringComparison.Ordinal));
        var planned = (await news.Editor.Get($"{Digests}/next")).Is(HttpStatusCode.OK);
        (await news.Editor.Patch($"{Digests}/next", new { articleIds = new[] { Guid.CreateVersion7(fixture.Now()) } }, planned.ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation");
    }

    [Fact]
    public async Task What_an_editor_puts_first_is_first_in_the_mail_whatever_its_section()
    {
        await using var news = await Newsroom.Open(fixture);
        var (world, sport) = (await news.Section("International"), await news.Section("Sport"));
        await news.Publish("Le pont rouvre", world);
        var final = await news.Publish("La finale", sport);
        var site = await news.Editor.Get("/management/v1/site");
        (await news.Editor.Patch("/management/v1/site", new { publisher = new { name = "La Gazette SA", postalAddress = "12 quai des Bateliers, Strasbourg" } }, site.ETag)).Is(HttpStatusCode.OK);
        await news.Reader("lea@example.org");

        var next = await news.Editor.Get($"{Digests}/next");
        (await news.Editor.Patch($"{Digests}/next", new { articleIds = new[] { final } }, next.ETag)).Is(HttpStatusCode.OK);
        await news.MakeDue();

        var mail = (await news.Mails.Next("lea@example.org", Ct)).Message;
        Assert.Equal("La finale", mail.Subject);
        Assert.Matches("(?s)La finale.*Le pont rouvre", mail.TextBody);
        Assert.Contains("La Gazette SA, 12 quai des Bateliers, Strasbourg", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("La Gazette SA, 12 quai des Bateliers, Strasbourg", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_correction_reaches_exactly_those_whose_edition_carried_the_error()
    {
        await using var news = await Newsroom.Open(fixture);
        var (world, sport) = (await news.Section("International"), await news.Section("Sport"));
        var wrong = await news.Publish("Le pont rouvre lundi", world);
        await news.Publish("La finale", sport);
        await news.Reader("world@example.org", world);
        await news.Reader("sport@example.org", sport);
        await news.MakeDue();
        await news.Mails.Next("world@example.org", Ct);
        await news.Mails.Next("sport@example.org", Ct);
        await news.Finished();

        await news.NextDay();
        await news.Publish("La revanche", sport);
        await news.Reader("new@example.org");
        (await news.Editor.Patch($"{Digests}/next", new { corrections = new[] { new { articleId = wrong, text = "Le pont rouvre mardi." } } }, (await news.Editor.Get($"{Digests}/next")).ETag)).Is(HttpStatusCode.OK);
        await news.MakeDue();
        var corrected = await news.Mails.Next("world@example.org", Ct);
        var others = new[] { await news.Mails.Next("sport@example.org", Ct), await news.Mails.Next("new@example.org", Ct) };

        Assert.Contains("Le pont rouvre mardi.", corrected.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("Le pont rouvre mardi.", corrected.Message.TextBody, StringComparison.Ordinal);
        Assert.All(others, m => Assert.DoesNotContain("mardi", m.Message.HtmlBody + m.Message.TextBody, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_test_of_the_next_edition_goes_to_an_editor_who_need_not_subscribe()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));

        (await news.Editor.Post($"{Digests}/next/test", new { email = "desk@example.org", language = "ar" })).Is(HttpStatusCode.Accepted);
        var mail = await news.Mails.Next("desk@example.org", Ct);
        await news.Reader("desk@example.org");
        var link = mail.Message.Headers["List-Unsubscribe"]!.Trim('<', '>');
        var path = link["https://cms.example.org".Length..];
        var page = (await news.Anonymous.Get(path)).Is(HttpStatusCode.OK);
        (await news.Anonymous.Ask(HttpMethod.Post, path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")).Is(HttpStatusCode.OK);

        Assert.StartsWith("[test] ", mail.Message.Subject, StringComparison.Ordinal);
        Assert.Contains("dir=\"rtl\"", mail.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains(link, mail.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains(link, mail.Message.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("/newsletter/v1/preferences/", mail.Message.HtmlBody, StringComparison.Ordinal);
        Assert.Equal(("List-Unsubscribe=One-Click", "<daily.example.org>"), (mail.Message.Headers["List-Unsubscribe-Post"], mail.Message.Headers["List-Id"]));
        Assert.Single(page.Html().QuerySelectorAll("form")); // as readers see it
        Assert.Equal("Active", await news.Service.Sql("SELECT status FROM cms.subscribers WHERE email = 'desk@example.org'")); // and nobody left
    }

    [Fact]
    public async Task A_test_for_readers_who_would_get_nothing_is_refused_with_why()
    {
        await using var news = await Newsroom.Open(fixture);
        var (world, sport) = (await news.Section("International"), await news.Section("Sport"));

        var nothing = (await news.Editor.Post($"{Digests}/next/test", new { email = "desk@example.org" })).Refuses(HttpStatusCode.Conflict, "nothing-new");
        await news.Publish("Le pont rouvre", world);
        var others = (await news.Editor.Post($"{Digests}/next/test", new { email = "desk@example.org", sectionIds = new[] { sport } })).Refuses(HttpStatusCode.Conflict, "nothing-new");
        (await news.Editor.Post($"{Digests}/next/test", new { email = "desk@example.org", sectionIds = new[] { world } })).Is(HttpStatusCode.Accepted);

        Assert.Contains("Nothing new was published", nothing.Member("detail"), StringComparison.Ordinal);
        Assert.Contains("nothing new in these sections", others.Member("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_old_for_the_first_edition_says_so_and_comes_in_when_an_editor_wants_it()
    {
        await using var news = await Newsroom.Open(fixture);
        var world = await news.Section("International");
        var (old, older) = (await news.Publish("Vieux", world), await news.Publish("Plus vieux", world));
        await news.Service.Sql("UPDATE delivery.listings SET first_published_at = first_published_at - interval '3 days' WHERE article_id = $1", old);
        await news.Service.Sql("UPDATE delivery.listings SET first_published_at = first_published_at - interval '4 days' WHERE article_id = $1", older);
        await news.Publish("Neuf", world);
        await news.Reader("lea@example.org");

        var seen = (await news.Editor.Get($"{Digests}/next")).Is(HttpStatusCode.OK);
        var weekly = (await news.Editor.Get($"{Digests}/next?frequency=weekly")).Is(HttpStatusCode.OK).Body;
        var changed = (await news.Editor.Patch($"{Digests}/next", new { articleIds = new[] { older } }, seen.ETag)).Is(HttpStatusCode.OK).Body;
        await news.MakeDue();
        var mail = await news.Mails.Next("lea@example.org", Ct);
        await news.Finished();
        await news.NextDay();
        var next = (await news.Editor.Get($"{Digests}/next")).Is(HttpStatusCode.OK).Body;

        Assert.Equal(["Neuf"], Names(seen.Body, "articles"));
        Assert.Equal([("Vieux", "tooOld"), ("Plus vieux", "tooOld")], seen.Body["leftOut"]!.AsArray().Select(a => (a!.Member("headline"), a!.Member("reason"))));
        Assert.Equal(["Neuf", "Vieux", "Plus vieux"], Names(weekly, "articles"));
        Assert.Equal(["Plus vieux", "Neuf"], Names(changed, "articles"));
        Assert.Equal(["Vieux"], Names(changed, "leftOut"));
        Assert.Equal("Plus vieux", mail.Message.Subject);
        Assert.Empty(next["leftOut"]!.AsArray()); // the second edition looks back to the first

        static string[] Names(System.Text.Json.Nodes.JsonNode from, string list) => [.. from[list]!.AsArray().Select(a => a!.Member("headline"))];
    }

    [Fact]
    public async Task An_address_that_was_barred_beside_its_import_gets_no_edition()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("barred@example.org");
        await news.Reader("other@example.org");
        var hash = Convert.ToHexString(news.Service.Services.GetRequiredService<SuppressionKey>().Hash("barred@example.org"));
        await news.Service.Sql($"INSERT INTO cms.suppressions (hash, reason, at) VALUES (decode('{hash}', 'hex'), 'barred', now())"); // an import's batch did not see it

        await news.MakeDue();
        await news.Mails.Next("other@example.org", Ct);
        await news.Finished();

        Assert.Equal("1", (await news.Report())["counts"]!.Member("skipped"));
        Assert.DoesNotContain(news.Mails.Received, m => m.Message.To.Mailboxes.Any(t => t.Address == "barred@example.org"));
    }

    [Fact]
    public async Task A_sender_with_letters_of_its_own_in_its_domain_has_headers_that_every_server_reads()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:From"] = "Zoé <news@bücher.example>" });
        await news.Publish("Le pont rouvre à midi", await news.Section("International"));
        await news.Reader("lea@example.org");

        await news.MakeDue();
        var mail = await news.Mails.Next("lea@example.org", Ct);

        var headers = mail.Raw[..mail.Raw.AsSpan().IndexOf("\r\n\r\n"u8)];
        Assert.True(System.Text.Ascii.IsValid(headers), System.Text.Encoding.UTF8.GetString(headers));
        Assert.Equal(("Zoé", "Le pont rouvre à midi", "<daily.xn--bcher-kva.example>"), (mail.Message.From[0].Name, mail.Message.Subject, mail.Message.Headers["List-Id"]));
        Assert.EndsWith("@xn--bcher-kva.example", mail.Message.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_everybody_suppresses_a_few_and_the_rest_get_theirs_when_it_is_mended()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:Connections"] = "1" });
        await news.Publish("Le pont rouvre", await news.Section("International"));
        for (var i = 0; i < 24; i++) await news.Reader($"r{i}@example.org");
        var (isBroken, refused) = (true, 0);
        news.Mails.OnRecipient = _ => isBroken && ++refused <= 22 ? new(550, "relay not permitted") : null;

        await news.Freeze();
        await news.Send();
        isBroken = false;
        await news.Service.Sql("UPDATE cms.digest_deferred SET not_before = now()");
        await news.Finished();

        Assert.Equal(20L, await news.Service.Sql("SELECT count(*) FROM cms.subscribers WHERE status = 'Bounced'"));
        Assert.Equal(("sent", 24, 4, 0, 20, 0), Counts(await news.Report()));
    }

    [Fact]
    public async Task An_edition_of_which_nothing_went_in_half_a_day_is_skipped_and_its_articles_are_in_the_next_one()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.Freeze();
        await news.NextDay();

        await news.Send();
        var late = (await news.Report())["digest"]!;
        await news.MakeDue();
        var mail = await news.Mails.Next("lea@example.org", Ct);

        Assert.Equal(("skipped", "late"), (late.Member("status"), late.Member("skippedBecause")));
        Assert.Equal("Le pont rouvre", mail.Message.Subject);
        Assert.Single(news.Mails.Received);
    }

    [Fact]
    public async Task After_ninety_days_an_edition_is_its_numbers_alone()
    {
        await using var news = await Newsroom.Open(fixture);
        await news.Publish("Le pont rouvre", await news.Section("International"));
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();
        var before = await news.Report();
        await news.Service.Sql("UPDATE cms.editions SET finished_at = now() - interval '91 days'");

        await news.Service.Services.GetRequiredService<Infrastructure.Retention.Sweeper>().RunOnce(Ct);
        var after = await news.Report();

        Assert.Equal(0L, await news.Service.Sql("SELECT (SELECT count(*) FROM cms.digest_mails) + (SELECT count(*) FROM cms.digest_sets)"));
        Assert.Equal(before["counts"]!.ToJsonString(), after["counts"]!.ToJsonString());
        Assert.Equal("1", after["counts"]!.Member("sent"));
    }

    private static (string Status, int Due, int Sent, int Deferred, int Failed, int Skipped) Counts(System.Text.Json.Nodes.JsonNode report)
    {
        int Of(string name) => report["counts"]![name]!.GetValue<int>();
        return (report["digest"]!.Member("status"), Of("due"), Of("sent"), Of("deferred"), Of("failed"), Of("skipped"));
    }
}
