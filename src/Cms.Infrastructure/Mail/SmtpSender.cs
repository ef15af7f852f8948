using System.Net.Security;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>
/// Hands mails to the configured server over a few connections that live as long as there is work. A connection that died while it was idle is
/// replaced unseen; any other fault is the mail's outcome.
/// </summary>
internal sealed class SmtpSender : IMailSender, IAsyncDisposable
{
    private const string AddressNotUnderstood = "5.1.3", NoInternationalMail = "5.6.7"; // RFC 3463; RFC 6531

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5), BetweenComplaints = TimeSpan.FromMinutes(1);

    private readonly MailOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<SmtpSender> log;
    private readonly DkimSigning? signing;
    private readonly MailPace pace;
    private readonly SemaphoreSlim free;
    private readonly SmtpIdle idle;
    private readonly Lock gate = new();
    private long? complained;

    public SmtpSender(MailOptions options, TimeProvider time, ILogger<SmtpSender> log)
    {
        (this.options, this.time, this.log) = (options, time, log);
        (signing, pace, free) = (DkimSigning.Of(options), new(options, time), new(options.Connections));
        idle = new(TimeSpan.FromSeconds(options.IdleSeconds), Farewell, time);
    }

    /// <inheritdoc/>
    public int Connections => options.Connections;

    /// <inheritdoc/>
    public string Destination => $"{options.Host}:{options.Port}";

    /// <summary>Verifies the server's certificate; null: as the machine does. A test trusts its own.</summary>
    public RemoteCertificateValidationCallback? Verify { get; init; }

    /// <inheritdoc/>
    public async Task<MailOutcome> Send(OutgoingMail mail, CancellationToken ct)
    {
        if (Address(mail.Recipient) is not { } recipient) return new(MailResult.Refused, 0, AddressNotUnderstood, IsOfRecipient: true);
        // An empty return path is one of its own: <> (RFC 5321, 4.5.5).
        if ((mail.ReturnPath.Length == 0 ? new MailboxAddress("", "") : Address(mail.ReturnPath)) is not { } sender) return new(MailResult.Refused, 0, AddressNotUnderstood);
        await pace.Wait(recipient.Domain, ct);
        await free.WaitAsync(ct);
        try
        {
            if (!await MayGo(mail, ct)) return new(MailResult.Withdrawn);
            signing?.Sign(mail.Message);
            if (idle.Take() is { } kept && await SendOver(kept, mail.Message, sender, recipient, ct) is { } outcome) return outcome;
            if (await Open(ct) is not { } fresh) return new(MailResult.Deferred);
            var mayGo = false;
            try
            {
                mayGo = await MayGo(mail, ct); // a server may be slow to greet
            }
            finally
            {
                if (!mayGo) idle.Put(fresh);
            }

            return mayGo ? await SendOver(fresh, mail.Message, sender, recipient, ct) ?? new(MailResult.Deferred) : new(MailResult.Withdrawn);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Says good-bye on every connection. Mails under way end by their tokens.</summary>
    public ValueTask DisposeAsync() => idle.DisposeAsync();

    private static Task<bool> MayGo(OutgoingMail mail, CancellationToken ct) => mail.MayGo?.Invoke(ct) ?? Task.FromResult(true);

    private async Task<SmtpConnection?> Open(CancellationToken ct)
    {
        try
        {
            return await SmtpConnection.Open(options, Verify, time, ct);
        }
        catch (Exception e) when (IsFault(e, ct))
        {
            Complain(e);
            return null;
        }
    }

    // Null: a kept connection was dead before the server took the sender, so nothing of the mail can be there.
    private async Task<MailOutcome?> SendOver(SmtpConnection connection, MimeMessage message, MailboxAddress sender, MailboxAddress recipient, CancellationToken ct)
    {
        // Each command has its time; this bounds a server that answers one letter at a time.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(options.CommandSeconds + options.DataSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        var isSound = true;
        try
        {
            if (NeedsUtf8(recipient) && !connection.TakesUtf8) return new(MailResult.Refused, 0, NoInternationalMail);
            isSound = false;
            await connection.Send(message, sender, recipient, either.Token);
            isSound = true;
            return MailOutcome.Accepted;
        }
        catch (Exception e) when (IsFault(e, ct))
        {
            var (code, text) = e is SmtpCommandException refused ? ((int)refused.StatusCode, refused.Message) : SmtpReply.Parse(connection.Reply);
            isSound = e is SmtpCommandException && code != SmtpReply.Closing && connection.IsConnected;
            if (connection is { IsReused: true, IsSenderAccepted: false } && !isSound && code is < 400 or SmtpReply.Closing) return null;
            return Outcome(connection, e, code, text);
        }
        finally
        {
            if (isSound) idle.Put(connection);
            else connection.Dispose();
        }
    }

    private MailOutcome Outcome(SmtpConnection connection, Exception e, int code, string text)
    {
        if (e is ServiceNotAuthenticatedException)
        {
            Complain(e);
            return new(MailResult.Deferred); // it wants a user: that is the operator's to mend, not the mail's fault
        }

        if (code >= 400) return SmtpReply.Outcome(code, text, connection is { IsSenderAccepted: true, IsRecipientAccepted: false });
        if (connection.IsWhole) return e is SmtpCommandException && code is >= 200 and < 300 ? MailOutcome.Accepted : new(MailResult.InDoubt);
        Complain(e);
        return new(MailResult.Deferred);
    }

    // Null: it is no address. The parser shows a domain's A-labels as what they mean; on the wire they are A-labels again.
    private static MailboxAddress? Address(string text) =>
        MailboxAddress.TryParse(text, out var address) && address.Domain.Length > 0 && (address.Address == text || address.GetAddress(idnEncode: true) == text) ? address : null;

    private static bool NeedsUtf8(MailboxAddress address) => !System.Text.Ascii.IsValid(address.LocalPart);

    // All that MailKit and the network may throw; what the caller cancelled is the caller's.
    private static bool IsFault(Exception e, CancellationToken ct) => e switch
    {
        OperationCanceledException => !ct.IsCancellationRequested,
        CommandException or ProtocolException or IOException or SocketException or TimeoutException => true,
        SslHandshakeException or System.Security.Authentication.AuthenticationException or MailKit.Security.AuthenticationException or SaslException => true,
        NotSupportedException or InvalidOperationException => true, // an extension that is not offered; not connected, not signed in
        _ => false,
    };

    private void Complain(Exception e)
    {
        lock (gate)
        {
            if (complained is { } last && time.GetElapsedTime(last) < BetweenComplaints) return;
            complained = time.GetTimestamp();
        }

        // Never the exception: a server may repeat what we said to it.
        log.LogWarning("Mails wait, because {Destination} does not take them: {Fault}. This is told once a minute at most.", Destination, Fault(e));
    }

    private string Fault(Exception e) => e switch
    {
        SocketException socket => $"it cannot be reached ({socket.SocketErrorCode})",
        SslHandshakeException or System.Security.Authentication.AuthenticationException => "its certificate is not trusted, or it speaks no TLS on this port (Cms__Mail__Security)",
        MailKit.Security.AuthenticationException or SaslException => "it refuses Cms__Mail__UserName and Cms__Mail__Password",
        ServiceNotAuthenticatedException => "it asks for Cms__Mail__UserName and Cms__Mail__Password",
        NotSupportedException => options.Security == MailSecurity.StartTls ? "it does not offer STARTTLS, or no way to sign in" : "it offers no way to sign in",
        OperationCanceledException or TimeoutException => "no answer in time",
        SmtpCommandException command => $"it said {(int)command.StatusCode}",
        _ => $"the connection was lost ({e.GetType().Name})",
    };
}
