using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cms.Domain;
using MimeKit;
using SmtpServer;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using SmtpProtocol = SmtpServer.SmtpServer;

namespace Cms.Api.Tests.Mail;

/// <summary>A mail as the server got it.</summary>
/// <param name="From">The envelope's sender; empty: none.</param>
/// <param name="To">The envelope's recipient.</param>
/// <param name="Message">The mail.</param>
/// <param name="Raw">Its bytes.</param>
public sealed record ReceivedMail(string From, string To, MimeMessage Message, byte[] Raw);

/// <summary>What a mail server answers instead of yes.</summary>
/// <param name="Code">Such as 450 or 550.</param>
/// <param name="Text">Such as <c>5.1.1 No such user</c>.</param>
public sealed record MailAnswer(int Code, string Text)
{
    /// <summary>Hangs up without a word.</summary>
    public static MailAnswer HangUp { get; } = new(0, "");
}

/// <summary>
/// A real mail server on this machine, which keeps what it gets. <c>await using var server = await MailServer.Start();</c> then
/// <c>StartService(server.Settings)</c> and <c>await server.Next("reader@example.org", ct)</c>.
/// </summary>
public sealed class MailServer : IMessageStore, IMailboxFilter, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<ReceivedMail> received = [], unread = [];
    private readonly List<(Func<ReceivedMail, bool> Match, TaskCompletionSource<ReceivedMail> Mail)> waiting = [];
    private Task running = Task.CompletedTask;
    private int sessions, underWay, mostUnderWay;

    private MailServer(int port, X509Certificate2? certificate) => (Port, Certificate) = (port, certificate);

    public int Port { get; }

    /// <summary>Its own, which no machine trusts; null: it offers no STARTTLS.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>What it answers to RCPT TO; null: yes.</summary>
    public Func<string, MailAnswer?> OnRecipient { get; set; } = _ => null;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, MailAnswer> refused = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers this to RCPT TO of one recipient.</summary>
    public void Refuse(string recipient, MailAnswer answer) => refused[recipient] = answer;

    /// <summary>What it answers to a whole mail, before it keeps it; null: yes.</summary>
    public Func<ReceivedMail, CancellationToken, Task<MailAnswer?>> OnMail { get; set; } = (_, _) => Task.FromResult<MailAnswer?>(null);

    /// <summary>Connections so far.</summary>
    public int Sessions => Volatile.Read(ref sessions);

    /// <summary>Mails that were under way at one time, at most.</summary>
    public int MostUnderWay
    {
        get
        {
            lock (gate) return mostUnderWay;
        }
    }

    /// <summary>Every mail that it took, in order.</summary>
    public IReadOnlyList<ReceivedMail> Received
    {
        get
        {
            lock (gate) return [.. received];
        }
    }

    /// <summary>A service's settings that send mails here.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Cms:Mail:Host"] = "127.0.0.1",
        ["Cms:Mail:Port"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["Cms:Mail:Security"] = "None",
        ["Cms:Mail:From"] = "La Gazette <news@example.org>",
    };

    /// <param name="offersTls">It offers STARTTLS, with <see cref="Certificate"/>.</param>
    /// <param name="port">Where an earlier one stood; 0: anywhere.</param>
    public static async Task<MailServer> Start(bool offersTls = false, int port = 0)
    {
        var server = new MailServer(port == 0 ? FreePort() : port, offersTls ? SelfMade() : null);
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, server.Port)).AllowUnsecureAuthentication();
            if (server.Certificate is not null) endpoint.Certificate(server.Certificate);
        }).Build();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add((IMessageStore)server);
        services.Add((IMailboxFilter)server);
        var smtp = new SmtpProtocol(options, services);
        smtp.SessionCreated += (_, _) => Interlocked.Increment(ref server.sessions);
        server.running = smtp.StartAsync(server.stop.Token);
        if (server.running.IsFaulted) await server.running;
        return server;
    }

    /// <summary>The next mail to this recipient that no <c>Next</c> gave before, once it comes.</summary>
    public Task<ReceivedMail> Next(string recipient, CancellationToken ct) => Next(m => string.Equals(m.To, recipient, StringComparison.OrdinalIgnoreCase), ct);

    /// <summary>The next mail of this kind that no <c>Next</c> gave before, once it comes.</summary>
    public Task<ReceivedMail> Next(Func<ReceivedMail, bool> match, CancellationToken ct)
    {
        lock (gate)
        {
            if (unread.Find(m => match(m)) is { } mail)
            {
                unread.Remove(mail);
                return Task.FromResult(mail);
            }

            var coming = new TaskCompletionSource<ReceivedMail>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((match, coming));
            return coming.Task.WaitAsync(Patience, ct); // a mail that never comes fails one test, and not the run
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAny(running); // however it ends
        stop.Dispose();
        Certificate?.Dispose();
    }

    Task<bool> IMailboxFilter.CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) => Task.FromResult(true);

    Task<bool> IMailboxFilter.CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
        (refused.GetValueOrDefault(Address(to)) ?? OnRecipient(Address(to))) is { } answer ? throw Refusal(context, answer) : Task.FromResult(true);

    async Task<SmtpResponse> IMessageStore.SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] raw = [.. buffer.ToArray(), .. "\r\n"u8]; // the line's end before the dot is the mail's
        var mail = new ReceivedMail(Address(transaction.From), Address(transaction.To.Single()), await MimeMessage.LoadAsync(new MemoryStream(raw), cancellationToken), raw);
        lock (gate) mostUnderWay = Math.Max(mostUnderWay, ++underWay);
        try
        {
            if (await OnMail(mail, cancellationToken) is { } answer) return Refusal(context, answer).Response;
        }
        finally
        {
            lock (gate) underWay--;
        }

        Keep(mail);
        return SmtpResponse.Ok;
    }

    private static SmtpResponseException Refusal(ISessionContext context, MailAnswer answer)
    {
        if (answer != MailAnswer.HangUp) return new(new SmtpResponse((SmtpReplyCode)answer.Code, answer.Text));
        context.Pipe.Dispose();
        return new(new SmtpResponse((SmtpReplyCode)421, "Nobody hears it"), true);
    }

    private void Keep(ReceivedMail mail)
    {
        lock (gate)
        {
            received.Add(mail);
            var one = waiting.FindIndex(w => !w.Mail.Task.IsCompleted && w.Match(mail));
            if (one < 0)
            {
                unread.Add(mail);
                return;
            }

            waiting[one].Mail.SetResult(mail);
            waiting.RemoveAt(one);
        }
    }

    private static string Address(IMailbox? mailbox) => mailbox is { User: { Length: > 0 } user, Host: var host } ? $"{user}@{host}" : "";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 SelfMade()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.Now();
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
