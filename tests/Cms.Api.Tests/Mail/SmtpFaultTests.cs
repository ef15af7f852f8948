using Cms.Infrastructure.Mail;
using Microsoft.Extensions.Logging;

namespace Cms.Api.Tests.Mail;

/// <summary>Servers that break off, hang, or lack what a mail needs.</summary>
public sealed class SmtpFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_hangs_up_before_the_mail_surely_has_it_not()
    {
        await using var server = await MailServer.Start();
        server.OnRecipient = _ => MailAnswer.HangUp;
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(MailResult.Deferred, (await sender.Send(Mails.To("reader@example.org"), Ct)).Result);
    }

    [Fact]
    public async Task A_server_that_falls_amid_a_mail_surely_has_it_not()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeEnvelope();
            await client.Hear();
            client.Reset();
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org", padding: 300_000), Ct));
    }

    [Fact]
    public async Task A_server_that_hangs_up_after_the_final_dot_leaves_the_mail_in_doubt()
    {
        await using var server = await MailServer.Start();
        server.OnMail = (_, _) => Task.FromResult<MailAnswer?>(MailAnswer.HangUp);
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.InDoubt), await sender.Send(Mails.To("reader@example.org"), Ct));
    }

    [Fact]
    public async Task A_server_that_falls_after_the_final_dot_leaves_the_mail_in_doubt()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250-PIPELINING\r\n250 SIZE 10000000");
            await client.TakeMail();
            client.Reset();
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.InDoubt), await sender.Send(Mails.To("reader@example.org", padding: 1_000), Ct));
    }

    [Theory]
    [InlineData("554 5.7.1 Spam", MailResult.Refused, 554, "5.7.1")]
    [InlineData("421 4.3.2 Going down", MailResult.Deferred, 421, "4.3.2")]
    internal async Task A_refusal_counts_though_the_server_hangs_up_with_it(string reply, MailResult result, int code, string status)
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeMail();
            await client.Say(reply);
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(result, code, status), await sender.Send(Mails.To("reader@example.org"), Ct));
    }

    [Theory]
    [InlineData("")]
    [InlineData("421 4.4.2 Idle for too long")]
    public async Task A_connection_that_died_while_it_was_idle_is_replaced_unseen(string farewell)
    {
        var dead = new TaskCompletionSource();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250 PIPELINING");
            await client.TakeMail();
            await client.Say("250 2.0.0 Queued");
            if (client.Number > 1) await client.Hear();
            else if (farewell.Length > 0) await client.Say(farewell);
            if (client.Number == 1) client.Reset();
            dead.TrySetResult();
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("first@example.org"), Ct));
        await dead.Task.WaitAsync(Ct);
        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("second@example.org"), Ct));
    }

    [Fact]
    public async Task A_connection_without_work_is_closed_after_its_time_with_QUIT()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var farewell = new TaskCompletionSource<string?>();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeMail();
            await client.Say("250 2.0.0 Queued");
            farewell.SetResult(await client.Hear());
            await client.Say("221 2.0.0 Bye");
        });
        await using var sender = Mails.Sender(server.Port, o => o with { IdleSeconds = 30 }, time);
        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));

        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("QUIT", await farewell.Task.WaitAsync(Ct));
    }

    [Fact]
    public async Task At_shutdown_every_connection_says_QUIT()
    {
        var farewell = new TaskCompletionSource<string?>();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeMail();
            await client.Say("250 2.0.0 Queued");
            farewell.SetResult(await client.Hear());
            await client.Say("221 2.0.0 Bye");
        });
        await using (var sender = Mails.Sender(server.Port)) Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));

        Assert.Equal("QUIT", await farewell.Task.WaitAsync(Ct));
    }

    [Fact]
    public async Task Where_STARTTLS_is_not_offered_nothing_is_said_in_clear()
    {
        var heard = new TaskCompletionSource<List<string>>();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250 AUTH PLAIN LOGIN");
            while (await client.Hear() is not null) await client.Say("250 Ok");
            heard.SetResult(client.Heard);
        });
        await using var sender = Mails.Sender(server.Port, o => o with { Security = MailSecurity.StartTls, UserName = "cms", Password = "a secret" });

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.All(await heard.Task.WaitAsync(Ct), line => Assert.Matches("^(EHLO|QUIT)", line));
    }

    [Theory]
    [InlineData("250-SMTPUTF8\r\n250 8BITMIME", true)]
    [InlineData("250 8BITMIME", false)]
    public async Task An_international_recipient_goes_as_SMTPUTF8_or_not_at_all(string extensions, bool goes)
    {
        var heard = new List<string>();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet(extensions);
            await client.TakeMail();
            heard.AddRange(client.Heard);
            await client.Say("250 2.0.0 Queued");
        });
        await using var sender = Mails.Sender(server.Port);

        var outcome = await sender.Send(Mails.To("rené@example.org"), Ct);

        Assert.Equal(goes ? MailOutcome.Accepted : new(MailResult.Refused, 0, "5.6.7"), outcome);
        Assert.Equal(goes, heard.Any(line => line.StartsWith("MAIL", StringComparison.Ordinal) && line.Contains("SMTPUTF8", StringComparison.Ordinal)));
        Assert.Equal(goes, heard.Contains("RCPT TO:<rené@example.org>"));
    }

    [Fact]
    public async Task A_plain_recipient_needs_no_SMTPUTF8()
    {
        var heard = new List<string>();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250-SMTPUTF8\r\n250 8BITMIME");
            await client.TakeMail();
            heard.AddRange(client.Heard);
            await client.Say("250 2.0.0 Queued");
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.DoesNotContain(heard, line => line.Contains("SMTPUTF8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_a_command_in_time_surely_has_no_mail()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            while (await client.Hear() is not null) { }
        });
        await using var sender = Mails.Sender(server.Port, o => o with { CommandSeconds = 1 });

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));
    }

    [Fact]
    public async Task A_whole_mail_has_a_longer_time_than_a_command_and_then_is_in_doubt()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeMail();
            await client.Hear();
        });
        await using var sender = Mails.Sender(server.Port, o => o with { CommandSeconds = 1, DataSeconds = 2 });
        var begun = TimeProvider.System.GetTimestamp();

        Assert.Equal(new(MailResult.InDoubt), await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.True(TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task Who_gives_up_a_mail_is_told_so()
    {
        var taken = new TaskCompletionSource();
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.TakeMail();
            taken.SetResult();
            await client.Hear();
        });
        await using var sender = Mails.Sender(server.Port);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var sending = sender.Send(Mails.To("reader@example.org"), giveUp.Token);
        await taken.Task.WaitAsync(Ct);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_refused_password_puts_mails_off_and_is_told_once_without_it()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250 AUTH PLAIN");
            await client.Answer("AUTH", "535 5.7.8 Wrong: a-secret");
            await client.Hear();
        });
        using var logs = new CollectedLogs();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(logs));
        await using var sender = new SmtpSender(Mails.Options(server.Port) with { UserName = "cms", Password = "a-secret" }, TimeProvider.System, loggers.CreateLogger<SmtpSender>());

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));

        var line = Assert.Single(logs.Lines);
        Assert.Contains("Cms__Mail__Password", line, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_wants_a_user_puts_mails_off()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet();
            await client.Answer("MAIL", "530 5.7.0 Authentication required");
            await client.Answer("RSET", "250 2.0.0 Ok");
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));
    }

    [Fact]
    public async Task A_refused_sender_is_not_the_recipients_fault()
    {
        await using var server = new SmtpScript(async client =>
        {
            await client.Greet("250 PIPELINING");
            await client.Answer("MAIL", "550 5.1.1 Who are you?");
            await client.Answer("RCPT", "503 5.5.1 No sender");
            await client.Answer("RSET", "250 2.0.0 Ok");
        });
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.Refused, 550, "5.1.1"), await sender.Send(Mails.To("reader@example.org"), Ct));
    }
}
