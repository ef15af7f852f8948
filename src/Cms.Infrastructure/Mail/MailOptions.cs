using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Cms.Infrastructure.Mail;

/// <summary>How the connection to the mail server is kept from listeners.</summary>
internal enum MailSecurity
{
    /// <summary>By STARTTLS, without which nothing is sent (RFC 3207).</summary>
    StartTls,

    /// <summary>By TLS from the first byte (RFC 8314), mostly on port 465.</summary>
    Tls,

    /// <summary>Not at all: for a server on the same machine or in a closed network.</summary>
    None,
}

/// <summary>Through which server mails go and how fast, and how they are signed; section <c>Cms:Mail</c>.</summary>
internal sealed record MailOptions : IValidatableObject
{
    private const int LeastRsaBits = 1_024;

    /// <summary>The mail server (a relay) that takes all mails, such as <c>smtp.example.org</c>. None: Development writes mails to files, others send none.</summary>
    public string? Host { get; init; }

    /// <summary>Its port: mostly 587 with STARTTLS, 465 with TLS, 25 in a closed network.</summary>
    [Range(1, 65_535)]
    public int Port { get; init; } = 587;

    /// <summary>
    /// <c>StartTls</c> needs STARTTLS, <c>Tls</c> speaks TLS from the first byte; both verify the server's certificate. <c>None</c> sends in clear: only
    /// in a network of your own.
    /// </summary>
    public MailSecurity Security { get; init; } = MailSecurity.StartTls;

    /// <summary>The user that the server asks for; with a password.</summary>
    public string? UserName { get; init; }

    /// <summary>Its password. Never logged.</summary>
    public string? Password { get; init; }

    /// <summary>Whom mails are from, such as <c>La Gazette &lt;news@example.org&gt;</c>; needed with a host.</summary>
    public string? From { get; init; }

    /// <summary>The domain where bounces are received, such as <c>bounces.example.org</c>: each mail then has a return path of its own there. None: bounces are not received.</summary>
    public string? ReturnPathDomain { get; init; }

    /// <summary>The name by which this node greets the server (EHLO), such as <c>cms.example.org</c>. None: the machine's own.</summary>
    public string? HeloName { get; init; }

    /// <summary>Connections to the server at one time, per node.</summary>
    [Range(1, 64)]
    public int Connections { get; init; } = 4;

    /// <summary>Mails a second, per node; 0 has no limit.</summary>
    [Range(0, 10_000)]
    public int MailsPerSecond { get; init; }

    /// <summary>Mails a second to one domain of recipients, per node; 0 has no limit.</summary>
    [Range(0, 10_000)]
    public int MailsPerSecondToDomain { get; init; }

    /// <summary>Seconds that the server may take to answer a command (RFC 5321, 4.5.3.2).</summary>
    [Range(1, 3_600)]
    public int CommandSeconds { get; init; } = 300;

    /// <summary>Seconds that it may take to answer a whole mail (the final dot). Too few send mails twice.</summary>
    [Range(1, 3_600)]
    public int DataSeconds { get; init; } = 600;

    /// <summary>Seconds for which a connection without work is kept.</summary>
    [Range(1, 3_600)]
    public int IdleSeconds { get; init; } = 30;

    /// <summary>The domain that signs mails (DKIM, <c>d=</c>): From's own, or one above or below it. None: mails are not signed here, so the server must sign them.</summary>
    public string? DkimDomain { get; init; }

    /// <summary>The selector of the RSA key: its public half stands in DNS at <c>selector._domainkey.domain</c>.</summary>
    public string? DkimSelector { get; init; }

    /// <summary>A PEM file with the private RSA key, 2048 bits best, at least 1024.</summary>
    public string? DkimKeyFile { get; init; }

    /// <summary>The selector of the Ed25519 key (RFC 8463). Some receivers know only RSA, so sign with both.</summary>
    public string? DkimEd25519Selector { get; init; }

    /// <summary>A PEM file with the private Ed25519 key.</summary>
    public string? DkimEd25519KeyFile { get; init; }

    /// <summary>Whether mails are signed here.</summary>
    public bool IsSigning => Given(DkimDomain);

    /// <summary>Says nothing: a record would print its password.</summary>
    public override string ToString() => nameof(MailOptions);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Given(Host) && !IsName(Host) && !System.Net.IPAddress.TryParse(Host, out _))
            yield return new("Cms__Mail__Host is a server's name or address, such as smtp.example.org; the port stands in Cms__Mail__Port.");
        if (!Enum.IsDefined(Security)) yield return new("Cms__Mail__Security is StartTls, Tls or None.");
        if (Given(Host) && !Given(From)) yield return new("Cms__Mail__Host needs Cms__Mail__From, such as La Gazette <news@example.org>.");
        if (Given(From) && !IsMailbox(From)) yield return new("Cms__Mail__From is one address, such as La Gazette <news@example.org>.");
        if (Given(UserName) != Given(Password)) yield return new("Set Cms__Mail__UserName and Cms__Mail__Password together, or neither.");
        if (Given(Password) && Security == MailSecurity.None && Host is not ("localhost" or "127.0.0.1" or "::1"))
            yield return new("Cms__Mail__Security is None, which would send Cms__Mail__Password in clear: use StartTls or Tls.");
        if (Given(ReturnPathDomain) && !(IsName(ReturnPathDomain) && ReturnPathDomain.Contains('.', StringComparison.Ordinal)))
            yield return new("Cms__Mail__ReturnPathDomain is a domain in ASCII, such as bounces.example.org.");
        if (Given(HeloName) && !IsName(HeloName)) yield return new("Cms__Mail__HeloName is a name in ASCII, such as cms.example.org.");
        foreach (var fault in SigningFaults()) yield return new(fault);
    }

    private IEnumerable<string> SigningFaults()
    {
        if (Given(DkimDomain) && !IsName(DkimDomain)) yield return "Cms__Mail__DkimDomain is a domain in ASCII, such as example.org.";
        if (Given(DkimSelector) != Given(DkimKeyFile)) yield return "Set Cms__Mail__DkimSelector and Cms__Mail__DkimKeyFile together, or neither.";
        if (Given(DkimEd25519Selector) != Given(DkimEd25519KeyFile)) yield return "Set Cms__Mail__DkimEd25519Selector and Cms__Mail__DkimEd25519KeyFile together, or neither.";
        if (Given(DkimDomain) != (Given(DkimKeyFile) || Given(DkimEd25519KeyFile)))
            yield return "Set Cms__Mail__DkimDomain together with Cms__Mail__DkimKeyFile, Cms__Mail__DkimEd25519KeyFile or both.";
        if (Given(DkimSelector) && !IsName(DkimSelector)) yield return "Cms__Mail__DkimSelector is letters, digits, hyphens and dots, such as cms2027.";
        if (Given(DkimEd25519Selector) && !IsName(DkimEd25519Selector)) yield return "Cms__Mail__DkimEd25519Selector is letters, digits, hyphens and dots, such as cms2027e.";
        if (Given(DkimSelector) && string.Equals(DkimSelector, DkimEd25519Selector, StringComparison.OrdinalIgnoreCase))
            yield return "Cms__Mail__DkimSelector and Cms__Mail__DkimEd25519Selector are two: each key stands in DNS under its own.";
        if (Given(DkimKeyFile) && (DkimKey.Rsa(DkimKeyFile) is not { } rsa || rsa.Modulus.BitLength < LeastRsaBits))
            yield return $"Cms__Mail__DkimKeyFile is no readable PEM file with a private RSA key of {LeastRsaBits} bits or more, such as `openssl genrsa 2048` makes.";
        if (Given(DkimEd25519KeyFile) && DkimKey.Ed25519(DkimEd25519KeyFile) is null)
            yield return "Cms__Mail__DkimEd25519KeyFile is no readable PEM file with a private Ed25519 key, such as `openssl genpkey -algorithm ed25519` makes.";
    }

    private static bool Given([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? value) => !string.IsNullOrEmpty(value);

    private static bool IsMailbox(string text) => !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address.Contains('@', StringComparison.Ordinal);

    // Labels of letters, digits and hyphens, with the underscore that some selectors have.
    private static bool IsName(string text) => text.Length <= 253 && text.Split('.').All(l =>
        l is { Length: > 0 and <= 63 } and not ['-', ..] and not [.., '-'] && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
