using System.Globalization;
using System.Security.Cryptography;
using Cms.Domain;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>Development's sender: each mail is a file, which any mail program opens.</summary>
internal sealed class EmlFolder(string folder, TimeProvider time, ILogger<EmlFolder> log) : IMailSender
{
    private static readonly FormatOptions OnTheWire = new() { NewLineFormat = NewLineFormat.Dos };

    private int isTold;

    /// <inheritdoc/>
    public int Connections => 1;

    /// <inheritdoc/>
    public string Destination => folder;

    /// <inheritdoc/>
    public async Task<MailOutcome> Send(OutgoingMail mail, CancellationToken ct)
    {
        if (mail.MayGo is { } mayGo && !await mayGo(ct)) return new(MailResult.Withdrawn);
        // They hold addresses and live links: nobody else on the machine reads them.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.Now():yyyyMMdd'T'HHmmss'.'fff'Z'}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.eml");
        var (part, whole) = (Path.Combine(folder, name + ".part"), Path.Combine(folder, name));
        await using (var file = File.Create(part)) await mail.Message.WriteToAsync(OnTheWire, file, ct);
        File.Move(part, whole); // whoever watches the folder sees no half of a mail
        if (Interlocked.Exchange(ref isTold, 1) == 0) log.LogInformation("Mails are files here, since Cms__Mail__Host is not set: the first is {File}.", whole);
        return MailOutcome.Accepted;
    }
}

/// <summary>Where no server is configured: mails wait until one is. It has no connections, so nobody asks it.</summary>
internal sealed class NoMail : IMailSender
{
    /// <inheritdoc/>
    public int Connections => 0;

    /// <inheritdoc/>
    public string Destination => "nowhere";

    /// <inheritdoc/>
    public Task<MailOutcome> Send(OutgoingMail mail, CancellationToken ct) => Task.FromResult(new MailOutcome(MailResult.Deferred));
}
