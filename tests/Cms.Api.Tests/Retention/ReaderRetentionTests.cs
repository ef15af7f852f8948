using System.Net;
using Cms.Api.Tests.Newsletter;
using Cms.Infrastructure;
using Cms.Infrastructure.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cms.Api.Tests.Retention;

/// <summary>What of readers goes when, by a moved clock.</summary>
public sealed class ReaderRetentionTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Until it had its turn: the service's own timer may be at it.
    private static async Task In(TestService service, double days)
    {
        var timer = new Sweeper(
            service.Services.GetRequiredService<JobContexts>(), new FakeTimeProvider(TimeProvider.System.GetLocalNow().ToUniversalTime().AddDays(days)));
        await timer.RunOnce(Ct);
    }

    private static async Task<string> Emails(TestService service, string table) => (string?)await service.Sql($"SELECT coalesce(string_agg(split_part(email, '@', 1), ' ' ORDER BY email), '') FROM cms.{table}") ?? "";

    [Fact]
    public async Task After_seven_days_a_sign_up_goes_and_the_pending_subscriber_whom_it_alone_made()
    {
        await using var server = await Mail.MailServer.Start();
        await using var service = await fixture.StartService(server.Settings);
        using var reader = service.Anonymous();
        using var editor = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        (await editor.Post("/management/v1/subscribers", new { email = "known@example.org" })).Is(HttpStatusCode.Created); // pending, before any sign-up
        foreach (var name in new[] { "alone", "known", "read" }) (await reader.Post(Reading.Subscriptions, new { email = $"{name}@example.org" })).Is(HttpStatusCode.Accepted);
        (await reader.Submit((await server.Next("read@example.org", Ct)).Link())).Is(HttpStatusCode.OK);
        await service.Mailed();

        await In(service, 6.9);
        var before = (await Emails(service, "sign_ups"), await Emails(service, "subscribers"));
        await In(service, 7.1);

        Assert.Equal(("alone known read", "alone known read"), before);
        Assert.Equal(("", "known read"), (await Emails(service, "sign_ups"), await Emails(service, "subscribers")));
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.confirmation_links"));
        Assert.Equal(2L, await service.Sql("SELECT count(*) FROM cms.consents")); // the evidence stands in the ledger
        Assert.Equal(3L, await service.Sql("SELECT count(*) FROM cms.asked_mails"));
        await In(service, 30.1);
        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.asked_mails"));
    }

    [Fact]
    public async Task A_subscriber_stays_whom_a_second_sign_up_or_an_editor_made_more_than_pending()
    {
        await using var server = await Mail.MailServer.Start();
        await using var service = await fixture.StartService(server.Settings);
        using var reader = service.Anonymous();
        foreach (var name in new[] { "again", "edited" }) await reader.Post(Reading.Subscriptions, new { email = $"{name}@example.org" });
        await server.Next("again@example.org", Ct);
        await service.Mailed();
        await service.Later("again@example.org");
        await reader.Post(Reading.Subscriptions, new { email = "again@example.org" });
        (await reader.Submit((await server.Next("again@example.org", Ct)).Link())).Is(HttpStatusCode.OK);
        await service.Sql("UPDATE cms.subscribers SET consent = '{\"at\":\"2026-11-01T10:00:00Z\",\"source\":\"fair\",\"textVersion\":\"1\"}', status = 'Active' WHERE email = 'edited@example.org'");

        await In(service, 8);

        Assert.Equal(("", "again edited"), (await Emails(service, "sign_ups"), await Emails(service, "subscribers")));
    }

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.77", "192.0.2.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48")]
    [InlineData("fe80::1%3", "fe80::/48")]
    [InlineData(null, "")]
    public async Task After_thirty_days_a_network_address_is_cut_to_its_network(string? given, string cut)
    {
        await using var server = await Mail.MailServer.Start();
        await using var service = await fixture.StartService(server.Settings);
        using var frontend = await service.Client(Ct, Domain.Access.Scope.SubscriptionsWrite);
        using var reader = service.Anonymous();
        (await frontend.Post(Reading.Subscriptions, new { email = "lea@example.org", clientAddress = given })).Is(HttpStatusCode.Accepted);
        (await reader.Submit((await server.Next("lea@example.org", Ct)).Link())).Is(HttpStatusCode.OK);
        var kept = await Kept();

        await In(service, 29.9);
        var before = await Kept();
        await In(service, 30.1);
        var after = await Kept();
        await In(service, 60);

        Assert.Equal(kept, before);
        Assert.DoesNotContain("/", before, StringComparison.Ordinal);
        Assert.Equal($"{cut} {cut} {cut}".Trim(), after);
        Assert.Equal(after, await Kept());
        Assert.Equal(1L, await service.Sql("SELECT count(*) FROM cms.subscribers WHERE opt_in->>'confirmedAt' IS NOT NULL"));

        async Task<string> Kept() => ((string?)await service.Sql(
            "SELECT concat_ws(' ', (SELECT string_agg(client_address, ' ' ORDER BY id) FROM cms.consents), (SELECT opt_in->>'clientAddress' FROM cms.subscribers))") ?? "").Trim();
    }

    [Fact]
    public async Task Three_years_after_an_addresss_last_word_the_ledger_forgets_it_unless_that_word_was_yes()
    {
        await using var service = await fixture.StartService();
        await service.Sql("""
            INSERT INTO cms.consents (address_hash, kind, at) VALUES
              ('\x01', 'confirmed', now() - interval '9 years'), ('\x01', 'left', now() - interval '3 years 1 day'),
              ('\x02', 'confirmed', now() - interval '9 years'), ('\x02', 'left', now() - interval '2 years 364 days'),
              ('\x03', 'left', now() - interval '9 years'), ('\x03', 'confirmed', now() - interval '8 years')
            """);
        await service.Sql("INSERT INTO cms.consents (address_hash, kind, at) SELECT decode(lpad(to_hex(i), 8, '0'), 'hex'), 'erased', now() - interval '4 years' FROM generate_series(1, 2500) i");

        while (await service.Sql("SELECT 1 FROM cms.consents WHERE length(address_hash) = 4 OR address_hash = '\\x01' LIMIT 1") is not null) await In(service, 0);

        Assert.Equal(4L, await service.Sql("SELECT count(*) FROM cms.consents"));
    }

    [Fact]
    public async Task A_backlog_of_sign_ups_goes_in_portions()
    {
        await using var service = await fixture.StartService();
        await service.Sql("""
            INSERT INTO cms.sign_ups (id, email, choices, origin, created_at)
            SELECT gen_random_uuid(), 'r' || i || '@example.org', '{}', '{}', now() - interval '3 days' FROM generate_series(1, 2500) i
            """);

        await In(service, 5);

        Assert.Equal(0L, await service.Sql("SELECT count(*) FROM cms.sign_ups"));
    }
}
