using Cms.Infrastructure.Mail;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cms.Api.Tests.Mail;

/// <summary>What a service makes of its settings of mail.</summary>
public sealed class MailStartTests(ApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_sends_through_the_configured_server_and_says_who_must_sign()
    {
        await using var server = await MailServer.Start();
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(server.Settings, logs.Collect);

        Assert.Equal(MailOutcome.Accepted, await service.Services.GetRequiredService<IMailSender>().Send(Mails.To("reader@example.org"), Ct));

        Assert.Equal("bounce@bounces.example.org", (await server.Next("reader@example.org", Ct)).From);
        Assert.Single(logs.Lines, l => l.StartsWith("Information ", StringComparison.Ordinal) && l.Contains("(DKIM)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_server_the_service_runs_and_mails_wait()
    {
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);

        Assert.Equal(new(MailResult.Deferred), await service.Services.GetRequiredService<IMailSender>().Send(Mails.To("reader@example.org"), Ct));

        Assert.Single(logs.Lines, l => l.StartsWith("Warning ", StringComparison.Ordinal) && l.Contains("Cms__Mail__Host", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start()
    {
        var fault = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => fixture.StartService(new() { ["Cms:Mail:Host"] = "smtp.example.org" }));

        Assert.Contains("Cms__Mail__From", fault.Message, StringComparison.Ordinal);
    }
}
