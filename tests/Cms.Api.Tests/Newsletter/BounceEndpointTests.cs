using System.Net;
using Cms.Api.Tests.Mail;
using Cms.Domain.Access;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What a mail server hands in, and what becomes of the reader.</summary>
public sealed class BounceEndpointTests(ApiFixture fixture)
{
    private const string Bounces = "/management/v1/bounces", Subscribers = "/management/v1/subscribers", Media = "message/rfc822", Domain = "bounces.example.org";

    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // As a service makes them whose bounces are received: the domain is not signed.
    private Envelopes Envelopes => new(fixture.Service.Services.GetRequiredService<NewsletterKeys>(), Options.Create(new MailOptions { ReturnPathDomain = Domain }));

    private static string Address() => $"{Wire.Unique("lea")}@example.org";

    private static string Sample(string name, string returnPath)
    {
        using var reader = new StreamReader(typeof(BounceEndpointTests).Assembly.GetManifestResourceStream($"bounces/{name}")!);
        return reader.ReadToEnd().Replace("RETURN-PATH", returnPath, StringComparison.Ordinal);
    }

    private async Task<Answer> Subscriber(string? email = null) => (await editor.Post(Subscribers, new
    {
        email = email ?? Address(),
        language = "fr",
        consent = new { at = "2026-11-24T09:00:00Z", source = "form", textVersion = "1" },
    })).Is(HttpStatusCode.Created);

    private string Path(Answer subscriber, long edition = 42) => Envelopes.ReturnPath(edition, subscriber.Id, "");

    private async Task<(string Kind, bool Matched)> HandIn(string mail)
    {
        var answer = (await editor.Ask(HttpMethod.Post, Bounces, mail, Media)).Is(HttpStatusCode.OK);
        Assert.Equal(["kind", "matched"], answer.Body.Select(m => m.Key).Order());
        return (answer.Member("kind"), answer.Body["matched"]!.GetValue<bool>());
    }

    private async Task<string> Status(Answer subscriber) => (await editor.Get($"{Subscribers}/{subscriber.Id}")).Is(HttpStatusCode.OK).Member("status");

    // What came after the consent with which they were added.
    private async Task<string[]> Ledger(Answer subscriber)
    {
        await using var scope = fixture.Service.Services.CreateAsyncScope();
        var (list, db) = (scope.ServiceProvider.GetRequiredService<SuppressionList>(), scope.ServiceProvider.GetRequiredService<Infrastructure.CmsDbContext>());
        var hash = list.Hash(subscriber.Member("email"));
        return [.. db.Consents.Where(c => c.AddressHash == hash).OrderBy(c => c.Id).Select(c => c.Kind).Skip(1)];
    }

    [Theory]
    [InlineData("postfix-user-unknown", "hard", "bounced", "bounced")]
    [InlineData("gmail", "hard", "bounced", "bounced")]
    [InlineData("qmail", "hard", "bounced", "bounced")]
    [InlineData("postfix-mailbox-full", "soft", "active", "")]
    [InlineData("yahoo-complaint", "complaint", "complained", "complained")]
    [InlineData("outlook-complaint", "complaint", "complained", "complained")]
    [InlineData("out-of-office", "none", "active", "")]
    [InlineData("exim-delayed", "none", "active", "")]
    public async Task A_mail_that_comes_back_changes_its_reader_once_however_often_it_comes(string sample, string kind, string status, string events)
    {
        var subscriber = await Subscriber();
        var mail = Sample(sample, Path(subscriber));

        var first = await HandIn(mail);
        var changed = await editor.Get($"{Subscribers}/{subscriber.Id}");
        var second = await HandIn(mail.ReplaceLineEndings("\r\n"));
        var again = await editor.Get($"{Subscribers}/{subscriber.Id}");

        Assert.Equal((kind, kind != "none"), first);
        Assert.Equal(first, second);
        Assert.Equal((status, changed.ETag), (again.Member("status"), again.ETag));
        Assert.Equal(events.Split(' ', StringSplitOptions.RemoveEmptyEntries), await Ledger(subscriber));
        Assert.Equal(kind == "soft" ? 1L : 0L, await fixture.Service.Sql("SELECT count(*) FROM cms.soft_bounces WHERE subscriber_id = $1", subscriber.Id));
    }

    [Fact]
    public async Task The_case_of_a_return_path_does_not_matter_and_its_signature_does()
    {
        var subscriber = await Subscriber();
        var path = Path(subscriber);
        var forged = (path[3] == 'a' ? path[..3] + 'b' : path[..3] + 'a') + path[4..];
        var foreign = new ReturnPaths([(0, new byte[32])]).Of(42, subscriber.Id, Domain);

        Assert.Equal(("hard", false), await HandIn(Sample("gmail", forged)));
        Assert.Equal(("hard", false), await HandIn(Sample("gmail", foreign)));
        Assert.Equal(("hard", false), await HandIn(Sample("gmail", $"bounces@{Domain}")));
        Assert.Equal(("complaint", false), await HandIn(Sample("yahoo-complaint", forged)));
        Assert.Equal(("hard", false), await HandIn(Sample("gmail", Envelopes.ReturnPath(42, Guid.CreateVersion7(), ""))));
        Assert.Equal("active", await Status(subscriber));
        Assert.Equal(("hard", true), await HandIn(Sample("gmail", path.ToUpperInvariant())));
        Assert.Equal("bounced", await Status(subscriber));
    }

    [Fact]
    public async Task A_complaint_says_more_than_a_bounce_and_stays()
    {
        var subscriber = await Subscriber();

        await HandIn(Sample("gmail", Path(subscriber)));
        await HandIn(Sample("yahoo-complaint", Path(subscriber)));
        await HandIn(Sample("gmail", Path(subscriber, 43)));

        Assert.Equal("complained", await Status(subscriber));
        Assert.Equal(["bounced", "complained"], await Ledger(subscriber));
    }

    [Fact]
    public async Task The_same_mail_eight_times_at_one_moment_is_one()
    {
        var (hard, soft) = (await Subscriber(), await Subscriber());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => HandIn(i % 2 == 0 ? Sample("gmail", Path(hard)) : Sample("qmail-full", Path(soft)))));

        Assert.All(answers, a => Assert.True(a.Matched));
        Assert.Equal(["bounced"], await Ledger(hard));
        Assert.Equal(1L, await fixture.Service.Sql("SELECT count(*) FROM cms.soft_bounces WHERE subscriber_id = $1", soft.Id));
    }

    [Theory]
    [InlineData(4, "active")]
    [InlineData(5, "bounced")]
    public async Task Six_days_of_soft_bounces_in_a_row_are_too_many(int before, string status)
    {
        var subscriber = await Subscriber();
        await fixture.Service.Sql("INSERT INTO cms.soft_bounces SELECT $1, (now() AT TIME ZONE 'UTC')::date - i FROM generate_series(1, $2) i", subscriber.Id, before);

        Assert.Equal(("soft", true), await HandIn(Sample("postfix-mailbox-full", Path(subscriber))));

        Assert.Equal(status, await Status(subscriber));
    }

    [Theory]
    [InlineData(30, 20, "active")] // 2 at most, in all eternity
    [InlineData(7, 7, "active")]
    [InlineData(7, 8, "bounced")]
    public async Task Soft_bounces_count_half_as_much_every_thirty_days(int every, int before, string status)
    {
        var subscriber = await Subscriber();
        await fixture.Service.Sql("INSERT INTO cms.soft_bounces SELECT $1, (now() AT TIME ZONE 'UTC')::date - i * $2 FROM generate_series(1, $3) i", subscriber.Id, every, before);

        await HandIn(Sample("postfix-mailbox-full", Path(subscriber)));

        Assert.Equal(status, await Status(subscriber));
    }

    [Fact]
    public async Task Soft_bounces_of_half_a_year_ago_are_forgotten()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        var subscriber = (await client.Post(Subscribers, new { email = Address(), language = "fr" })).Is(HttpStatusCode.Created);
        await service.Sql("INSERT INTO cms.soft_bounces SELECT $1, (now() AT TIME ZONE 'UTC')::date - i FROM unnest(ARRAY[1, 179, 182, 900]) i", subscriber.Id);

        await service.Services.GetRequiredService<Sweeper>().RunOnce(Ct);

        Assert.Equal(2L, await service.Sql("SELECT count(*) FROM cms.soft_bounces"));
    }

    [Theory]
    [InlineData("yahoo-complaint", "<LINK>")]
    [InlineData("outlook-complaint", "<LINK>,\n\t<mailto:news@example.org?subject=leave>")]
    [InlineData("headers-only-complaint", "<mailto:MAILBOX?subject=leave>,\n <https://courrier.example/elsewhere>")]
    [InlineData("outlook-complaint-of-old", "<mailto:news@example.org>, <LINK>")]
    public async Task A_complaint_without_a_return_path_is_known_by_the_unsubscribe_link_of_what_it_returns(string sample, string header)
    {
        var (subscriber, other) = (await Subscriber(), await Subscriber());
        var links = fixture.Service.Services.GetRequiredService<ReaderLinks>();
        string Mail(Answer of, string link) => Sample(sample, "news@example.org").Replace(
            "<https://courrier.example/newsletter/unsubscribe/x7>",
            header.Replace("LINK", link, StringComparison.Ordinal).Replace("MAILBOX", Envelopes.UnsubscribeMailbox(of.Id), StringComparison.Ordinal), StringComparison.Ordinal);

        if (header.Contains("LINK", StringComparison.Ordinal))
            Assert.Equal(("complaint", false), await HandIn(Mail(other, links.Preferences(other.Id).Replace("/preferences/", "/unsubscribe/", StringComparison.Ordinal))));
        Assert.Equal(("complaint", true), await HandIn(Mail(subscriber, links.Unsubscribe(subscriber.Id))));

        Assert.Equal(("complained", "active"), (await Status(subscriber), await Status(other)));
    }

    [Theory]
    [InlineData("To")]
    [InlineData("Delivered-To")]
    [InlineData("X-Original-To")]
    public async Task Whoever_writes_to_the_mailbox_of_List_Unsubscribe_leaves(string header)
    {
        var subscriber = await Subscriber();
        var mailbox = Envelopes.UnsubscribeMailbox(subscriber.Id)!;
        string Mail(string to) => $"From: somebody@example.net\n{header}: Gazette <{to}>\nSubject: leave\n\n";

        Assert.StartsWith("u-", mailbox, StringComparison.Ordinal);
        Assert.Equal(("unsubscribe", false), await HandIn(Mail("u" + Path(subscriber)[1..])));
        Assert.Equal(("none", false), await HandIn(Mail(Path(subscriber))));
        Assert.Equal("active", await Status(subscriber));
        Assert.Equal(("unsubscribe", true), await HandIn(Mail(mailbox.ToUpperInvariant())));
        Assert.Equal(("unsubscribe", true), await HandIn(Mail(mailbox)));
        Assert.Equal("unsubscribed", await Status(subscriber));
        Assert.Equal(["left"], await Ledger(subscriber));
    }

    [Fact]
    public async Task A_bounce_brings_nobody_back_who_left_and_bars_their_address()
    {
        var subscriber = await Subscriber();
        await HandIn($"To: {Envelopes.UnsubscribeMailbox(subscriber.Id)}\n\n");

        await HandIn(Sample("gmail", Path(subscriber)));
        var email = subscriber.Member("email");
        var check = (await editor.Post("/management/v1/suppressions/check", new { email })).Is(HttpStatusCode.OK);
        (await editor.Post("/management/v1/suppressions/lift", new { email })).Is(HttpStatusCode.NoContent);

        Assert.Equal("bounced", check.Member("reason"));
        Assert.Equal("unsubscribed", await Status(subscriber));
        Assert.Equal(["left", "bounced"], await Ledger(subscriber));
    }

    [Fact]
    public async Task A_late_bounce_of_the_old_address_does_not_end_mail_to_the_new_one()
    {
        var (before, after) = (Address(), Address());
        var preferences = await fixture.Subscribe(before);
        var subscriber = (await fixture.Known(before))!;
        (await fixture.Reader.Submit(preferences, ("act", "change-address"), ("newEmail", after))).Is(HttpStatusCode.OK);
        (await fixture.Reader.Submit((await fixture.Mails.Next(after, Ct)).Link())).Is(HttpStatusCode.OK);
        var mail = Sample("postfix-user-unknown", Envelopes.ReturnPath(42, Guid.Parse(subscriber.Member("id")), ""));

        Assert.Equal(("hard", false), await HandIn(mail.Replace("lea@readers.example", before, StringComparison.Ordinal)));
        Assert.Equal("active", (await fixture.Known(after))!.Member("status"));
        Assert.Equal(("hard", true), await HandIn(mail.Replace("lea@readers.example", after, StringComparison.Ordinal)));
        Assert.Equal("bounced", (await fixture.Known(after))!.Member("status"));
    }

    [Fact]
    public async Task Where_bounces_are_received_each_mail_has_a_return_path_of_its_own_and_a_bounced_reader_gets_no_other_by_any_way()
    {
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(new(server.Settings) { ["Cms:Mail:ReturnPathDomain"] = Domain });
        using var client = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        var email = Address();
        (await reader.Post(Subscriptions, new { email })).Is(HttpStatusCode.Accepted);
        var mail = await server.Next(email, Ct);
        var pending = (await client.Get($"{Subscribers}?email={email}")).Body["items"]![0]!;

        Assert.EndsWith($"@{Domain}", mail.From, StringComparison.Ordinal);
        Assert.Equal("news@example.org", mail.Message.From.Mailboxes.Single().Address);
        var bounce = (await client.Ask(HttpMethod.Post, Bounces, Sample("gmail", mail.From), Media)).Is(HttpStatusCode.OK);
        Assert.True(bounce.Body["matched"]!.GetValue<bool>());
        (await reader.Submit(mail.Link())).Is(HttpStatusCode.NotFound);
        await service.Sql("DELETE FROM cms.asked_mails");
        (await reader.Post(Subscriptions, new { email })).Is(HttpStatusCode.Accepted);
        (await reader.Submit(Subscriptions, ("email", email.ToUpperInvariant()))).Is(HttpStatusCode.SeeOther);
        (await client.Post(Subscribers, new { email })).Refuses(HttpStatusCode.Conflict, "email-taken");
        var preferences = new Uri(service.Services.GetRequiredService<ReaderLinks>().Preferences(Guid.Parse(pending.Member("id")))).AbsolutePath;
        (await reader.Submit(preferences, ("act", "data"))).Is(HttpStatusCode.OK);
        await service.Mailed();

        Assert.Single(server.Received);
        Assert.Equal("bounced", (await client.Get($"{Subscribers}/{pending.Member("id")}")).Member("status"));
    }

    [Fact]
    public async Task A_bounce_at_a_new_address_that_nobody_confirmed_does_not_end_mail_to_the_present_one()
    {
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(new(server.Settings) { ["Cms:Mail:ReturnPathDomain"] = Domain });
        using var client = await service.Client(Ct, [.. Scope.All]);
        using var reader = service.Anonymous();
        var (email, wrong) = (Address(), Address());
        var subscriber = (await client.Post(Subscribers, new { email, language = "fr", consent = new { at = "2026-11-24T09:00:00Z", source = "form", textVersion = "1" } })).Is(HttpStatusCode.Created);
        var preferences = new Uri(service.Services.GetRequiredService<ReaderLinks>().Preferences(subscriber.Id)).AbsolutePath;
        (await reader.Submit(preferences, ("act", "change-address"), ("newEmail", wrong))).Is(HttpStatusCode.OK);
        var mail = await server.Next(wrong, Ct);

        var bounce = (await client.Ask(HttpMethod.Post, Bounces, Sample("gmail", mail.From), Media)).Is(HttpStatusCode.OK);

        Assert.False(bounce.Body["matched"]!.GetValue<bool>());
        Assert.Equal("active", (await client.Get($"{Subscribers}/{subscriber.Id}")).Member("status"));
    }

    [Fact]
    public async Task An_edition_tells_which_of_its_mails_came_back()
    {
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:ReturnPathDomain"] = Domain });
        await news.Publish("Le pont rouvre", await news.Section("International"));
        foreach (var name in new[] { "good", "gone", "full", "angry", "hidden", "bye" }) await news.Reader($"{name}@example.org");
        await news.MakeDue();
        await news.Finished();
        var mails = news.Mails.Received.ToDictionary(m => m.To.Split('@')[0]);
        async Task HandIn(string mail) => (await news.Editor.Ask(HttpMethod.Post, Bounces, mail, Media)).Is(HttpStatusCode.OK);
        string Returned(string sample, ReceivedMail of, string path) => Sample(sample, path)
            .Replace("<https://courrier.example/newsletter/unsubscribe/x7>", of.Message.Headers["List-Unsubscribe"], StringComparison.Ordinal)
            .Replace("42:daily:digest:courrier", of.Message.Headers["Feedback-ID"], StringComparison.Ordinal);

        for (var i = 0; i < 2; i++)
        {
            await HandIn(Sample("gmail", mails["gone"].From));
            await HandIn(Sample("qmail-full", mails["full"].From));
            await HandIn(Returned("yahoo-complaint", mails["angry"], mails["angry"].From));
            await HandIn(Returned("outlook-complaint", mails["hidden"], "news@example.org"));
            await HandIn($"To: {mails["bye"].Message.Headers["List-Unsubscribe"]!.Split("<mailto:")[1].TrimEnd('>')}\n\n");
        }

        var counts = (await news.Report())["counts"]!;
        Assert.Equal((2, 2), (counts["bounced"]!.GetValue<int>(), counts["complained"]!.GetValue<int>()));
        Assert.Equal("Active,Complained,Active,Bounced,Complained,Unsubscribed", await news.Service.Sql("SELECT string_agg(status, ',' ORDER BY array_position(ARRAY['good', 'angry', 'full', 'gone', 'hidden', 'bye'], split_part(email, '@', 1))) FROM cms.subscribers"));
    }

    [Fact]
    public void Where_bounces_are_not_received_mails_go_from_the_sender_and_no_mailbox_is_offered()
    {
        var none = new Envelopes(fixture.Service.Services.GetRequiredService<NewsletterKeys>(), Options.Create(new MailOptions()));

        Assert.Equal(("news@example.org", null), (none.ReturnPath(1, Guid.Empty, "news@example.org"), none.UnsubscribeMailbox(Guid.Empty)));
    }

    [Fact]
    public async Task Only_a_whole_mail_of_a_bounded_size_from_a_pipe_with_its_scope_is_taken()
    {
        using var pipe = await fixture.Service.Client(Ct, Scope.BouncesWrite);
        using var narrow = await fixture.Service.Client(Ct, [.. Scope.All.Except([Scope.BouncesWrite])]);
        var large = new byte[(1024 * 1024) + 1];

        (await pipe.Ask(HttpMethod.Post, Bounces, "Subject: x\n\n", Media)).Is(HttpStatusCode.OK);
        (await pipe.Ask(HttpMethod.Post, Bounces, large[1..], Media)).Is(HttpStatusCode.OK);
        (await pipe.Get(Subscribers)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        (await fixture.Reader.Ask(HttpMethod.Post, Bounces, "Subject: x\n\n", Media)).Refuses(HttpStatusCode.Unauthorized, "unauthenticated");
        (await narrow.Ask(HttpMethod.Post, Bounces, "Subject: x\n\n", Media)).Refuses(HttpStatusCode.Forbidden, "insufficient-scope");
        (await pipe.Ask(HttpMethod.Post, Bounces, "{}", "application/json")).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await pipe.Ask(HttpMethod.Post, Bounces, large, Media)).Refuses(HttpStatusCode.RequestEntityTooLarge, "too-large");
        Assert.Equal([" required"], (await pipe.Ask(HttpMethod.Post, Bounces, Array.Empty<byte>(), Media)).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
    }

    [Fact]
    public async Task The_log_says_what_came_back_and_not_for_whom_and_the_audit_who_handed_it_in()
    {
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);
        using var client = await service.Client(Ct, [.. Scope.All]);
        var email = Address();
        var subscriber = (await client.Post(Subscribers, new { email, language = "fr" })).Is(HttpStatusCode.Created);
        var path = new Envelopes(service.Services.GetRequiredService<NewsletterKeys>(), Options.Create(new MailOptions { ReturnPathDomain = Domain })).ReturnPath(42, subscriber.Id, "");

        (await client.Ask(HttpMethod.Post, Bounces, Sample("postfix-user-unknown", path).Replace("lea@readers.example", email, StringComparison.Ordinal), Media)).Is(HttpStatusCode.OK);

        Assert.Contains(logs.Lines, l => l.Contains("A mail came back: Hard 5.1.1", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains(email, StringComparison.OrdinalIgnoreCase) || l.Contains(path[..20], StringComparison.OrdinalIgnoreCase));
        var audit = (await client.Get($"/management/v1/audit?resourceId={subscriber.Id}")).Body["items"]![0]!;
        Assert.Equal(("takeBounce", "subscriber", "[\"status\"]"), (audit.Member("action"), audit.Member("resource"), audit["members"]!.ToJsonString()));
    }
}
