using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>
/// One connection, which knows how far a mail came: that decides what a lost connection means. MailKit writes the final dot only after it has told
/// that all of the mail is written, so before <see cref="IsWhole"/> the server surely has no mail to deliver; after it, it may have one.
/// </summary>
internal sealed class SmtpConnection : SmtpClient, ITransferProgress
{
    private static readonly TimeSpan Dialling = TimeSpan.FromSeconds(30);

    private readonly LastReply reply;
    private readonly MailOptions options;

    private SmtpConnection(LastReply reply, MailOptions options) : base(reply)
    {
        (this.reply, this.options) = (reply, options);
        // As Npgsql and HttpClient: the chain and the name are verified, but a node in a closed network reaches no revocation list.
        CheckCertificateRevocation = false;
        if (!string.IsNullOrEmpty(options.HeloName)) LocalDomain = options.HeloName;
        Timeout = options.CommandSeconds * 1_000;
    }

    /// <summary>The server took the mail's sender.</summary>
    public bool IsSenderAccepted { get; private set; }

    /// <summary>The server took the mail's recipient.</summary>
    public bool IsRecipientAccepted { get; private set; }

    /// <summary>All of the mail is written, or as good as: the final dot may be out.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The last whole line that the server said while this mail was sent; empty when it said none.</summary>
    public string Reply => reply.Line;

    /// <summary>A mail has gone over it already.</summary>
    public bool IsReused { get; set; }

    /// <summary>When it fell idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Connects and signs in.</summary>
    /// <param name="options">To which server, and how.</param>
    /// <param name="verify">Verifies the server's certificate; null: as the machine does.</param>
    /// <param name="time">For how long to try.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<SmtpConnection> Open(MailOptions options, System.Net.Security.RemoteCertificateValidationCallback? verify, TimeProvider time, CancellationToken ct)
    {
        var host = options.Host ?? throw new InvalidOperationException("No mail server is configured.");
        var (connection, socket) = (new SmtpConnection(new LastReply(), options), new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            if (verify is not null) connection.ServerCertificateValidationCallback = verify;
            await Dial(socket, host, options.Port, time, ct);
            // A socket of our own: MailKit's waits 40 ms a mail for Nagle's algorithm and delayed acknowledgements.
            await connection.ConnectAsync(socket, host, options.Port, Of(options.Security), ct);
            // A mail in chunks has no final dot, and mails of seven bits need none of it.
            connection.Capabilities &= ~(SmtpCapabilities.Chunking | SmtpCapabilities.BinaryMime);
            connection.TakesUtf8 = connection.Capabilities.HasFlag(SmtpCapabilities.UTF8);
            if (!string.IsNullOrEmpty(options.UserName)) await connection.AuthenticateAsync(options.UserName, options.Password ?? "", ct);
            return connection;
        }
        catch
        {
            connection.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The server takes addresses in UTF-8 (RFC 6531).</summary>
    public bool TakesUtf8 { get; private set; }

    /// <summary>Sends one mail.</summary>
    public async Task Send(MimeMessage message, MailboxAddress sender, MailboxAddress recipient, CancellationToken ct)
    {
        // Only who needs it is told in UTF-8: a domain goes in A-labels, which every server on its further way knows.
        if (Ascii.IsValid(recipient.LocalPart)) Capabilities &= ~SmtpCapabilities.UTF8;
        else if (TakesUtf8) Capabilities |= SmtpCapabilities.UTF8;
        (IsSenderAccepted, IsRecipientAccepted, IsWhole) = (false, false, false);
        reply.Clear();
        Timeout = options.CommandSeconds * 1_000;
        await SendAsync(FormatOptions.Default, message, sender, [recipient], ct, this);
    }

    // What is sent is the mail with dots doubled, so it is never shorter than the mail: this is never late.
    void ITransferProgress.Report(long bytesTransferred, long totalSize)
    {
        if (bytesTransferred < totalSize || IsWhole) return;
        IsWhole = true;
        Timeout = options.DataSeconds * 1_000;
    }

    void ITransferProgress.Report(long bytesTransferred) => IsWhole = true; // of unknown length: it may be the end

    protected override void OnSenderAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => IsSenderAccepted = true;

    protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => IsRecipientAccepted = true;

    private static async Task Dial(Socket socket, string host, int port, TimeProvider time, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Dialling, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        await socket.ConnectAsync(host, port, either.Token);
    }

    private static SecureSocketOptions Of(MailSecurity security) => security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTls, // needed, not tried
    };

    /// <summary>Remembers what the server said last: a refusal counts even when the server hung up right after it. What we say is not looked at.</summary>
    private sealed class LastReply : IProtocolLogger
    {
        private const int Longest = 512; // RFC 5321, 4.5.3.1.5

        private readonly StringBuilder partial = new();

        public string Line { get; private set; } = "";

        public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

        public void Clear()
        {
            Line = "";
            partial.Clear();
        }

        public void LogConnect(Uri uri) => Clear();

        public void LogClient(byte[] buffer, int offset, int count)
        {
            // It holds passwords and mails.
        }

        public void LogServer(byte[] buffer, int offset, int count)
        {
            foreach (var one in buffer.AsSpan(offset, count))
            {
                if (one == '\n') (Line, _) = (partial.ToString().TrimEnd('\r'), partial.Clear());
                else if (partial.Length < Longest) partial.Append((char)one);
            }
        }

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
