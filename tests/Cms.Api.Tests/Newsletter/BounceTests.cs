using System.Globalization;
using System.Text;
using Cms.Infrastructure.Newsletter.Bounces;
using CsCheck;

namespace Cms.Api.Tests.Newsletter;

/// <summary>The mails under <c>bounces/</c> are written after what the named servers send; <c>RETURN-PATH</c> stands for one of ours.</summary>
public sealed class BounceTests
{
    private const string Lea = "lea@readers.example";
    private static readonly Guid Subscriber = new("0197f3c2-1111-7abc-8def-0123456789ab");
    private static readonly ReturnPaths Paths = new([(7, Key(7))]);
    private static readonly string Ours = Paths.Of(42, Subscriber, "bounces.courrier.example");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Samples =>
        [.. typeof(BounceTests).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("bounces/", StringComparison.Ordinal))];

    private static byte[] Key(byte of) => [.. Enumerable.Repeat(of, 32)];

    private static string Sample(string name)
    {
        using var reader = new StreamReader(typeof(BounceTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().Replace("RETURN-PATH", Ours, StringComparison.Ordinal);
    }

    private static Task<BounceReport> Read(string mail) => BounceMessage.Read(new MemoryStream(Encoding.UTF8.GetBytes(mail)), Ct);

    [Theory]
    [InlineData("postfix-user-unknown", "Hard", "5.1.1", Lea)]
    [InlineData("postfix-gave-up", "Soft", "4.4.1", Lea)]
    [InlineData("postfix-mailbox-full", "Soft", "5.2.2", Lea)]
    [InlineData("exim-user-unknown", "Hard", "5.0.0", Lea)]
    [InlineData("exim-spam", "Soft", "5.0.0", Lea)]
    [InlineData("exim-of-old", "Hard", null, Lea)]
    [InlineData("exim-delayed", "None", "4.2.0", null)]
    [InlineData("exchange-online", "Hard", "5.1.10", Lea)]
    [InlineData("exchange-edge", "Hard", "5.4.1", Lea)]
    [InlineData("exchange-text-only", "Hard", "5.1.10", null)]
    [InlineData("gmail", "Hard", "5.1.1", "lea@gmail.com")]
    [InlineData("gmail-policy", "Soft", "5.7.26", "lea@gmail.com")]
    [InlineData("amazon-ses", "Hard", "5.1.1", Lea)]
    [InlineData("sendmail-delayed", "None", "4.2.0", Lea)]
    [InlineData("sendmail-relayed", "None", "2.6.0", Lea)]
    [InlineData("domino-disabled", "Hard", "5.2.1", Lea)]
    [InlineData("qmail", "Hard", "5.1.1", Lea)]
    [InlineData("qmail-full", "Soft", null, Lea)]
    [InlineData("qmail-without-status", "Hard", null, Lea)]
    [InlineData("yahoo-complaint", "Complaint", null, "lea@yahoo.fr")]
    [InlineData("outlook-complaint", "Complaint", null, "lea@outlook.com")]
    [InlineData("outlook-complaint-of-old", "Complaint", null, "lea@outlook.com")]
    [InlineData("headers-only-complaint", "Complaint", null, Lea)]
    [InlineData("not-spam", "None", null, Lea)]
    [InlineData("dmarc-failure", "None", null, Lea)]
    [InlineData("out-of-office", "None", null, null)]
    [InlineData("reply-of-a-reader", "None", null, null)]
    public async Task What_comes_back_is_understood(string sample, string kind, string? status, string? recipient)
    {
        var mail = Sample($"bounces/{sample}");

        foreach (var form in new[] { mail, mail.ReplaceLineEndings("\r\n") })
        {
            var report = await Read(form);

            Assert.Equal((Enum.Parse<BounceKind>(kind), status, recipient), (report.Kind, report.Status, report.Recipient));
            Assert.Equal(Ours, report.ReturnPath);
            Assert.True(Paths.TryRead(report.ReturnPath, out var of));
            Assert.Equal((42, Subscriber), of);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_returned_mail_is_named_where_it_was_returned(string sample)
    {
        var mail = Sample(sample);

        var report = await Read(mail);

        var returns = mail.Contains("Feedback-ID", StringComparison.Ordinal);
        Assert.Equal(returns ? "edition-42.7f3a@courrier.example" : null, report.MessageId);
        Assert.Equal(returns ? "42:daily:digest:courrier" : null, report.FeedbackId);
        Assert.Equal(returns ? "https://courrier.example/newsletter/unsubscribe/x7" : null, report.ListUnsubscribe);
        Assert.DoesNotContain("lea", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.1.1", "", "Hard")]
    [InlineData("5.1.2", "", "Hard")]
    [InlineData("5.1.3", "", "Hard")]
    [InlineData("5.1.6", "", "Hard")]
    [InlineData("5.1.10", "", "Hard")]
    [InlineData("5.2.1", "", "Hard")]
    [InlineData("5.4.4", "", "Hard")]
    [InlineData("5.1.0", "550 5.1.0 Address rejected", "Hard")]
    [InlineData("5.1.0", "550 5.1.0 sender rejected", "Soft")]
    [InlineData("5.1.7", "", "Soft")]
    [InlineData("5.1.8", "", "Soft")]
    [InlineData("5.2.2", "user unknown", "Soft")]
    [InlineData("5.2.3", "", "Soft")]
    [InlineData("5.3.4", "", "Soft")]
    [InlineData("5.4.1", "connection timed out", "Soft")]
    [InlineData("5.4.6", "", "Soft")]
    [InlineData("5.5.0", "", "Soft")]
    [InlineData("5.7.1", "user unknown", "Soft")]
    [InlineData("4.4.7", "", "Soft")]
    [InlineData("5.3.0", "550 5.1.1 user unknown", "Hard")]
    [InlineData("5.0.0", "550 5.2.2 over quota", "Soft")]
    [InlineData("5.0.0", "550 account is disabled", "Hard")]
    [InlineData("5.0.0", "550 The recipient's mailbox doesn't exist here", "Hard")]
    [InlineData("5.0.0", "550 unknown user or blocked by policy", "Soft")]
    [InlineData("5.0.0", "", "Soft")]
    [InlineData(null, "553 sorry, that domain isn't in my list", "Soft")]
    public void Hard_is_only_a_mailbox_or_domain_that_is_not_there(string? status, string said, string kind) =>
        Assert.Equal(Enum.Parse<BounceKind>(kind), Failure.Of(status, said).Kind);

    [Fact]
    public async Task A_report_is_attributed_by_its_own_address_before_what_it_quotes()
    {
        var another = Paths.Of(41, Subscriber, "bounces.courrier.example");
        var mail = Sample("bounces/gmail").Replace($"Return-Path: <{Ours}>", $"Return-Path: <{another}>", StringComparison.Ordinal);

        Assert.Equal(Ours, (await Read(mail)).ReturnPath);
    }

    [Fact]
    public async Task A_report_of_an_address_in_UTF_8_is_understood() // RFC 6533
    {
        var mail = Sample("bounces/amazon-ses").Replace("message/delivery-status", "message/global-delivery-status", StringComparison.Ordinal)
            .Replace("message/rfc822", "message/global", StringComparison.Ordinal).Replace("rfc822; lea@", "utf-8; léa@", StringComparison.Ordinal);

        var report = await Read(mail);

        Assert.Equal((BounceKind.Hard, "léa@readers.example", Ours), (report.Kind, report.Recipient, report.ReturnPath));
        Assert.Equal("edition-42.7f3a@courrier.example", report.MessageId);
    }

    [Fact]
    public async Task A_mail_that_is_forwarded_is_no_report_of_what_it_holds()
    {
        var mail = $"From: lea@readers.example\nTo: desk@courrier.example\nContent-Type: multipart/mixed; boundary=fwd\n\n--fwd\n\nSee below.\n"
            + $"--fwd\nContent-Type: message/rfc822\n\n{Sample("bounces/gmail")}\n--fwd--\n";

        Assert.Equal(BounceKind.None, (await Read(mail)).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0")]
    [InlineData("no mail at all")]
    [InlineData("From: MAILER-DAEMON@x.example\n\n")]
    [InlineData("From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; boundary=\"\"\n\n----\n")]
    [InlineData("Content-Type: message/delivery-status\n\n")]
    [InlineData("Content-Type: message/feedback-report\n\n")]
    [InlineData("Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!\n")]
    [InlineData("Content-Type: message/delivery-status\n\nAction\nStatus 5.1.1\n: x\n")]
    [InlineData("Content-Type: text/plain; charset=none-such\nFrom: mailer-daemon@x.example\n\n\u00ff\n")]
    [InlineData("Content-Type: message/rfc822\n\n")]
    public async Task What_is_no_report_is_nothing_to_act_on(string mail) => Assert.Equal(BounceKind.None, (await Read(mail)).Kind);

    [Fact]
    public async Task Neither_depth_nor_length_does_harm()
    {
        var nested = new StringBuilder("From: MAILER-DAEMON@x.example\n");
        for (var i = 0; i < 20_000; i++) nested.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
        Assert.Equal(BounceKind.None, (await Read(nested.ToString())).Kind);

        var messages = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", 30_000));
        Assert.Equal(BounceKind.None, (await Read(messages)).Kind);

        var parts = "Content-Type: multipart/report; boundary=b\n\n"
            + string.Concat(Enumerable.Repeat("--b\nContent-Type: message/delivery-status\n\nAction: x\n\n", 15_000));
        Assert.Equal(BounceKind.None, (await Read(parts)).Kind);

        var words = "From: MAILER-DAEMON@x.example\n\n" + string.Concat(Enumerable.Repeat("user account domain b-5.1. ", 38_000));
        Assert.Equal(BounceKind.None, (await Read(words)).Kind);

        var header = Sample("bounces/gmail").Replace("lea@gmail.com", new string('l', 500_000), StringComparison.Ordinal);
        Assert.Null((await Read(header)).Recipient);
    }

    [Fact]
    public void A_mail_that_was_cut_or_scrambled_is_read_without_harm()
    {
        var samples = Samples.Select(s => Sample(s.Data)).ToArray();

        Gen.Select(Gen.Int[0, samples.Length - 1], Gen.Int[0, 9_999], Gen.Int[0, 9_999], Gen.Int[0, 40], Gen.String[0, 20]).Sample(
            (which, at, from, length, noise) =>
            {
                var mail = samples[which];
                (at, from) = (at % mail.Length, from % mail.Length);
                var moved = mail.Substring(from, Math.Min(length, mail.Length - from));
                _ = Read(mail[..at]).GetAwaiter().GetResult();
                _ = Read(mail.Insert(at, noise + moved)).GetAwaiter().GetResult();
                _ = Read(mail.Remove(from, moved.Length)).GetAwaiter().GetResult();
            },
            iter: 2_000);
    }

    [Fact]
    public void A_return_path_carries_its_mail_there_and_back() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Guid).Sample((edition, subscriber) =>
    {
        var path = Paths.Of(edition, subscriber, "bounces.courrier.example");

        Assert.True(path.IndexOf('@', StringComparison.Ordinal) <= 64);
        Assert.Equal(path.ToLowerInvariant(), path);
        foreach (var form in new[] { path, path.ToUpperInvariant(), $"B{path[1..]}" })
        {
            Assert.True(Paths.TryRead(form, out var mail));
            Assert.Equal((edition, subscriber), mail);
        }
    });

    [Fact]
    public void A_return_path_with_any_letter_changed_is_not_ours()
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyz234567";
        for (var i = 0; i < ReturnPaths.LocalPartLength; i++)
            foreach (var letter in Letters.Where(l => l != Ours[i]))
                Assert.False(Paths.TryRead($"{Ours[..i]}{letter}{Ours[(i + 1)..]}", out _));
    }

    [Fact]
    public void What_is_cut_longer_or_foreign_is_not_ours()
    {
        Assert.All(Enumerable.Range(0, Ours.IndexOf('@', StringComparison.Ordinal) + 2), length => Assert.False(Paths.TryRead(Ours[..length], out _)));
        Assert.False(Paths.TryRead(null, out _));
        Assert.False(Paths.TryRead($"x{Ours}", out _));
        Assert.False(Paths.TryRead(Ours.Replace("@", "a@", StringComparison.Ordinal), out _));
        Assert.False(Paths.TryRead(Ours.Replace('a', '\u00e4').Replace('k', '\u212a'), out _));
        Assert.False(new ReturnPaths([(7, Key(8))]).TryRead(Ours, out _));
        Assert.False(new ReturnPaths([(8, Key(7))]).TryRead(Ours, out _));
    }

    [Fact]
    public void After_a_change_of_keys_the_new_one_signs_and_the_old_one_verifies()
    {
        var rotated = new ReturnPaths([(8, Key(8)), (7, Key(7))]);

        Assert.True(rotated.TryRead(Ours, out var mail));
        Assert.Equal((42, Subscriber), mail);
        Assert.True(rotated.TryRead(rotated.Of(0, Subscriber, "b.example"), out mail));
        Assert.Equal((0, Subscriber), mail);
        Assert.False(Paths.TryRead(rotated.Of(0, Subscriber, "b.example"), out _));
    }

    [Fact]
    public void Keys_are_long_and_their_ids_differ()
    {
        Assert.Throws<ArgumentException>(() => new ReturnPaths([]));
        Assert.Throws<ArgumentException>(() => new ReturnPaths([(1, new byte[31])]));
        Assert.Throws<ArgumentException>(() => new ReturnPaths([(1, Key(1)), (1, Key(2))]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Paths.Of(-1, Subscriber, "b.example"));
    }
}
