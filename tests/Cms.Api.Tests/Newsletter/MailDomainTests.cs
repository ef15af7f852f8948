using System.Net;
using Cms.Api.Tests.Mail;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>Whose domain takes no mail gets none, and nobody learns it from the answer.</summary>
public sealed class MailDomainTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_goes_where_DNS_does_not_say_that_none_is_taken_and_every_answer_is_the_same()
    {
        await using var dns = NameServer.Start();
        await using var server = await MailServer.Start();
        await using var service = await fixture.StartService(new(server.Settings) { ["Cms:Newsletter:CheckDomains"] = "true", ["Cms:Newsletter:NameServer"] = dns.Address });
        using var reader = service.Anonymous();
        string[] kinds = ["missing", "nullmx", "nothing", "mx", "onlya", "broken", "silent"];

        var answers = new List<string>();
        foreach (var kind in kinds) answers.Add((await reader.Post(Subscriptions, new { email = $"lea@{kind}-domain.example" })).Is(HttpStatusCode.Accepted).Text);
        foreach (var taking in kinds[3..]) await server.Next($"lea@{taking}-domain.example", Ct);
        await service.Mailed();

        Assert.Single(answers.Distinct());
        Assert.Equal(kinds[3..].Select(k => $"lea@{k}-domain.example").Order(), server.Received.Select(m => m.To).Order());
        Assert.Equal(4L, await service.Sql("SELECT count(*) FROM cms.sign_ups")); // nothing is kept of the others
        Assert.Equal(kinds.Order(), dns.Asked.Select(n => n.Split('-')[0]).Distinct().Order());
    }
}
