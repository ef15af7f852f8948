using System.Text;
using Cms.Infrastructure.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;

namespace Cms.Api.Tests.Mail;

/// <summary>Mails over a real mail server.</summary>
public sealed class SmtpSenderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_at_a_domain_in_A_labels_gets_mail_on_a_server_that_knows_no_UTF_8()
    {
        await using var server = await MailServer.Start();
        await using var sender = Mails.Sender(server.Port);

        var outcome = await sender.Send(Mails.To("lea@xn--mnchen-3ya.example"), Ct);

        Assert.Equal(Cms.Infrastructure.Mail.MailResult.Accepted, outcome.Result);
        Assert.Equal("lea@xn--mnchen-3ya.example", Assert.Single(server.Received).To);
    }

    [Fact]
    public async Task A_mail_arrives_whole_with_its_return_path()
    {
        await using var server = await MailServer.Start();
        await using var sender = Mails.Sender(server.Port);

        var outcome = await sender.Send(Mails.To("reader@example.org") with { ReturnPath = "b-1@bounces.example.org" }, Ct);

        Assert.Equal(MailOutcome.Accepted, outcome);
        var mail = await server.Next("reader@example.org", Ct);
        Assert.Equal("b-1@bounces.example.org", mail.From);
        Assert.Equal("L’été à Genève", mail.Message.Subject);
        Assert.Equal("Voilà : « ça »\n.\n..deux points\n", mail.Message.TextBody?.ReplaceLineEndings("\n"));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Message.Headers["List-Unsubscribe-Post"]);
    }

    [Fact]
    public async Task A_mail_whose_bounces_are_not_wanted_has_an_empty_return_path()
    {
        await using var server = await MailServer.Start();
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org") with { ReturnPath = "" }, Ct));

        Assert.Equal("", Assert.Single(server.Received).From);
    }

    [Fact]
    public async Task Many_mails_go_over_one_connection()
    {
        await using var server = await MailServer.Start();
        await using var sender = Mails.Sender(server.Port);

        for (var i = 0; i < 20; i++) Assert.Equal(MailResult.Accepted, (await sender.Send(Mails.To($"reader{i}@example.org"), Ct)).Result);

        Assert.Equal(20, server.Received.Count);
        Assert.Equal(1, server.Sessions);
    }

    [Fact]
    public async Task Several_mails_go_at_a_time_but_no_more_than_connections_are_allowed()
    {
        await using var server = await MailServer.Start();
        var (here, all) = (0, new TaskCompletionSource());
        server.OnMail = async (_, ct) =>
        {
            if (Interlocked.Increment(ref here) == 3) all.SetResult();
            await all.Task.WaitAsync(ct);
            return null;
        };
        await using var sender = Mails.Sender(server.Port, o => o with { Connections = 3 });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => sender.Send(Mails.To($"reader{i}@example.org"), Ct)));

        Assert.All(outcomes, o => Assert.Equal(MailResult.Accepted, o.Result));
        Assert.Equal(3, server.MostUnderWay);
        Assert.Equal(3, server.Sessions);
    }

    [Theory]
    [InlineData(450, "4.2.1 Try again later", MailResult.Deferred, "4.2.1", false)]
    [InlineData(452, "Too many recipients", MailResult.Deferred, null, false)]
    [InlineData(550, "5.1.1 No such user", MailResult.Refused, "5.1.1", true)]
    [InlineData(550, "No such user", MailResult.Refused, null, true)]
    [InlineData(553, "5.1.3 Bad address", MailResult.Refused, "5.1.3", true)]
    [InlineData(550, "5.2.1 Disabled", MailResult.Refused, "5.2.1", true)]
    [InlineData(552, "5.2.2 Mailbox full", MailResult.Refused, "5.2.2", false)]
    [InlineData(554, "5.7.1 Not from you", MailResult.Refused, "5.7.1", false)]
    [InlineData(550, "5.7.26 Unauthenticated mail", MailResult.Refused, "5.7.26", false)]
    [InlineData(550, "5.1.8 Bad sender's domain", MailResult.Refused, "5.1.8", false)]
    internal async Task What_the_server_says_of_a_recipient_is_the_outcome(int code, string text, MailResult result, string? status, bool isOfRecipient)
    {
        await using var server = await MailServer.Start();
        server.OnRecipient = to => to.StartsWith("odd", StringComparison.Ordinal) ? new(code, text) : null;
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(result, code, status, isOfRecipient), await sender.Send(Mails.To("odd@example.org"), Ct));
        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("even@example.org"), Ct));
        Assert.Equal(1, server.Sessions);
    }

    [Fact]
    public async Task What_the_server_says_of_a_whole_mail_is_never_the_recipients()
    {
        await using var server = await MailServer.Start();
        server.OnMail = (mail, _) => Task.FromResult<MailAnswer?>(mail.To.StartsWith("spam", StringComparison.Ordinal) ? new(550, "5.1.1 Looks like spam") : new(451, "4.3.0 Disk full"));
        await using var sender = Mails.Sender(server.Port);

        Assert.Equal(new(MailResult.Refused, 550, "5.1.1"), await sender.Send(Mails.To("spam@example.org"), Ct));
        Assert.Equal(new(MailResult.Deferred, 451, "4.3.0"), await sender.Send(Mails.To("other@example.org"), Ct));
    }

    [Fact]
    public async Task A_server_that_is_away_puts_mails_off_until_it_is_back()
    {
        var port = 0;
        await using (var gone = await MailServer.Start()) port = gone.Port;
        await using var sender = Mails.Sender(port);

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));

        await using var back = await MailServer.Start(port: port);
        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));
    }

    [Fact]
    public async Task Mails_go_over_STARTTLS_to_a_certificate_that_is_trusted()
    {
        await using var server = await MailServer.Start(offersTls: true);
        await using var sender = new SmtpSender(Mails.Options(server.Port) with { Host = "localhost", Security = MailSecurity.StartTls }, TimeProvider.System, NullLogger<SmtpSender>.Instance)
        {
            Verify = (_, certificate, _, _) => certificate?.GetCertHashString() == server.Certificate?.Thumbprint,
        };

        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_puts_mails_off()
    {
        await using var server = await MailServer.Start(offersTls: true);
        await using var sender = Mails.Sender(server.Port, o => o with { Host = "localhost", Security = MailSecurity.StartTls });

        Assert.Equal(new(MailResult.Deferred), await sender.Send(Mails.To("reader@example.org"), Ct));
        Assert.Empty(server.Received);
    }

    [Theory]
    [InlineData("no address")]
    [InlineData("reader")]
    [InlineData("a@example.org>\r\nRCPT TO:<b@example.org")]
    public async Task What_is_no_address_is_refused_here(string recipient)
    {
        await using var sender = Mails.Sender(1);

        Assert.Equal(new(MailResult.Refused, 0, "5.1.3", IsOfRecipient: true), await sender.Send(Mails.To("reader@example.org") with { Recipient = recipient }, Ct));
    }

    [Fact]
    public async Task Mails_keep_to_their_pace()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var pace = new MailPace(new() { MailsPerSecond = 10, MailsPerSecondToDomain = 2 }, time);

        await pace.Wait("example.org", Ct);
        var (same, other) = (pace.Wait("EXAMPLE.org", Ct), pace.Wait("example.net", Ct));
        Assert.False(same.IsCompleted || other.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(100));
        await other;
        Assert.False(same.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(400));
        await same;
    }

    [Fact]
    public async Task Waiting_for_ones_turn_can_be_given_up()
    {
        var pace = new MailPace(new() { MailsPerSecond = 1 }, new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        using var giveUp = new CancellationTokenSource();
        await pace.Wait("example.org", giveUp.Token);
        var second = pace.Wait("example.org", giveUp.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task In_Development_a_mail_is_a_file_that_can_be_read()
    {
        var folder = Directory.CreateTempSubdirectory("cms-mail-");
        try
        {
            var eml = new EmlFolder(Path.Combine(folder.FullName, "mail"), TimeProvider.System, NullLogger<EmlFolder>.Instance);

            Assert.Equal(MailOutcome.Accepted, await eml.Send(Mails.To("reader@example.org"), Ct));
            Assert.Equal(MailOutcome.Accepted, await eml.Send(Mails.To("reader@example.org"), Ct));

            var files = Directory.GetFiles(eml.Destination);
            Assert.Equal(2, files.Length);
            Assert.All(files, f => Assert.Equal("L’été à Genève", MimeMessage.Load(f, Ct).Subject));
            Assert.All(files, f => Assert.Matches("^[0-9]{8}T[0-9]{6}\\.[0-9]{3}Z-[0-9a-f]{8}\\.eml$", Path.GetFileName(f)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>Mails and senders for tests.</summary>
internal static class Mails
{
    public static MailOptions Options(int port) => new() { Host = "127.0.0.1", Port = port, Security = MailSecurity.None, From = "La Gazette <news@example.org>", HeloName = "cms.example.org" };

    public static SmtpSender Sender(int port, Func<MailOptions, MailOptions>? change = null, TimeProvider? time = null) =>
        new(change is null ? Options(port) : change(Options(port)), time ?? TimeProvider.System, NullLogger<SmtpSender>.Instance);

    public static OutgoingMail To(string recipient, int padding = 0)
    {
        var message = new MimeMessage { Subject = "L’été à Genève", MessageId = "1@example.org", Body = new TextPart("plain") { Text = "Voilà : « ça »\n.\n..deux points\n" + Padding(padding) } };
        message.From.Add(MailboxAddress.Parse("La Gazette <news@example.org>"));
        message.To.Add(new MailboxAddress("", recipient));
        message.Headers.Add(HeaderId.ListUnsubscribe, "<https://cms.example.org/newsletter/unsubscribe?t=abc>");
        message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        return new(message, "bounce@bounces.example.org", recipient);
    }

    private static string Padding(int lines) => new StringBuilder().Insert(0, "All work and no play makes a long mail, line after line after line.\n", lines).ToString();
}
