using System.Net;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>Addresses that an editor bars, and lets go again.</summary>
public sealed class SuppressionTests(ApiFixture fixture)
{
    private const string Suppressions = "/management/v1/suppressions", Subscribers = "/management/v1/subscribers";

    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static object Consent => new { at = "2026-11-24T09:00:00Z", source = "form", textVersion = "1" };

    private static string Address() => $"{Wire.Unique("lea")}@example.org";

    private async Task Bar(string email) => (await editor.Post(Suppressions, new { email })).Is(HttpStatusCode.NoContent);

    private async Task Lift(string email) => (await editor.Post($"{Suppressions}/lift", new { email })).Is(HttpStatusCode.NoContent);

    private async Task<string> Check(string email)
    {
        var answer = (await editor.Post($"{Suppressions}/check", new { email })).Is(HttpStatusCode.OK);
        Assert.Equal(answer.Body["suppressed"]!.GetValue<bool>(), answer.Body["reason"] is not null);
        return answer.Member("reason");
    }

    private async Task<string?> Status(string email) => (await fixture.Known(email))?.Member("status");

    [Fact]
    public async Task A_barred_address_gets_no_mail_cannot_be_added_and_is_known_in_any_case()
    {
        var email = Address();
        await Bar(email.ToUpperInvariant());
        await Bar(email);

        (await fixture.Reader.Post(Subscriptions, new { email })).Is(HttpStatusCode.Accepted);
        await fixture.Service.Mailed();

        Assert.DoesNotContain(fixture.Mails.Received, m => m.To == email);
        (await editor.Post(Subscribers, new { email })).Refuses(HttpStatusCode.Conflict, "email-suppressed");
        Assert.Equal("barred", await Check(email));
        Assert.Null(await Status(email));
    }

    [Fact]
    public async Task Whoever_has_a_barred_address_is_unsubscribed_and_an_erasure_does_not_free_it()
    {
        var email = Address();
        var subscriber = (await editor.Post(Subscribers, new { email, consent = Consent })).Is(HttpStatusCode.Created);
        await Bar(email);

        Assert.Equal("unsubscribed", await Status(email));
        (await editor.Delete($"{Subscribers}/{subscriber.Id}", "*")).Is(HttpStatusCode.NoContent);
        Assert.Equal("barred", await Check(email));
        (await editor.Post(Subscribers, new { email })).Refuses(HttpStatusCode.Conflict, "email-suppressed");
        await fixture.Reader.Post(Subscriptions, new { email });
        await fixture.Service.Mailed();
        Assert.DoesNotContain(fixture.Mails.Received, m => m.To == email);
    }

    [Fact]
    public async Task A_link_that_was_mailed_before_an_address_was_barred_confirms_nothing()
    {
        var email = Address();
        await fixture.Reader.Post(Subscriptions, new { email });
        var link = (await fixture.Mails.Next(email, Ct)).Link();
        await Bar(email);

        (await fixture.Reader.Submit(link)).Is(HttpStatusCode.NotFound);

        Assert.Equal("unsubscribed", await Status(email));
    }

    [Fact]
    public async Task A_lifted_address_can_sign_up_again()
    {
        var email = Address();
        await Bar(email);
        await Lift(email);

        await fixture.Subscribe(email);

        Assert.Equal(("active", ""), (await Status(email), await Check(email)));
        (await editor.Post($"{Suppressions}/lift", new { email })).Refuses(HttpStatusCode.NotFound, "not-found");
    }

    [Theory]
    [InlineData("Bounced", true, "active")]
    [InlineData("Bounced", false, "pending")]
    [InlineData("Complained", true, "unsubscribed")]
    public async Task A_lifted_bounce_leaves_the_consent_and_a_lifted_complaint_does_not(string status, bool consented, string after)
    {
        var email = Address();
        var subscriber = (await editor.Post(Subscribers, new { email, consent = consented ? Consent : null })).Is(HttpStatusCode.Created);
        await fixture.Service.Sql($"UPDATE cms.subscribers SET status = '{status}' WHERE id = $1", subscriber.Id);
        await fixture.Service.Sql("INSERT INTO cms.soft_bounces VALUES ($1, current_date)", subscriber.Id);
        Assert.Equal(status, await Check(email), ignoreCase: true);
        await Bar(email);
        Assert.Equal(status, await Status(email), ignoreCase: true);
        Assert.Equal("barred", await Check(email));

        await Lift(email);

        Assert.Equal((after, ""), (await Status(email), await Check(email)));
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.soft_bounces WHERE subscriber_id = $1", subscriber.Id));
    }

    [Fact]
    public async Task An_erased_address_can_be_added_again_once_that_is_lifted()
    {
        var email = Address();
        var subscriber = (await editor.Post(Subscribers, new { email })).Is(HttpStatusCode.Created);
        (await editor.Delete($"{Subscribers}/{subscriber.Id}", subscriber.ETag)).Is(HttpStatusCode.NoContent);
        Assert.Equal("erased", await Check(email));
        (await editor.Post(Subscribers, new { email })).Refuses(HttpStatusCode.Conflict, "email-suppressed");

        await Lift(email);

        (await editor.Post(Subscribers, new { email })).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_audit_tells_who_barred_and_who_lifted_and_not_whom()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        var email = Address();
        (await client.Post(Suppressions, new { email })).Is(HttpStatusCode.NoContent);
        (await client.Post($"{Suppressions}/check", new { email })).Is(HttpStatusCode.OK);
        (await client.Post($"{Suppressions}/lift", new { email })).Is(HttpStatusCode.NoContent);

        var rows = (await client.Get("/management/v1/audit")).Body["items"]!.AsArray().Where(r => r!.Member("resource") == "suppression").ToList();

        Assert.Equal(["liftSuppression", "barAddress"], rows.Select(r => r!.Member("action")));
        Assert.All(rows, r => Assert.Equal("", r!.Member("resourceId")));
    }
}
