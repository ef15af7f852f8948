using System.ComponentModel.DataAnnotations;

namespace Cms.Infrastructure.Newsletter;

/// <summary>How readers sign up; section <c>Cms:Newsletter</c>.</summary>
internal sealed record NewsletterOptions
{
    /// <summary>A page of your own site to which the sign-up form leads: absolute, http or https. None: a plain page of this service.</summary>
    public string? CheckInboxUrl { get; init; }

    /// <summary>Origins whose pages may sign readers up by script, comma-separated, exact. A plain HTML form needs none.</summary>
    public string Origins { get; init; } = "";

    /// <summary>The wording of consent that your form shows, when a sign-up does not say which.</summary>
    public string TextVersion { get; init; } = "1";

    /// <summary>A folder of templates and texts that take the place of ours.</summary>
    public string? TemplatesFolder { get; init; }

    /// <summary>A file of domains, one a line, whose throw-away addresses are refused; `!domain` takes one out of the built-in list.</summary>
    public string? DisposableDomainsFile { get; init; }

    /// <summary>Whether a domain is asked by DNS if it takes mail, before a mail goes there.</summary>
    public bool CheckDomains { get; init; } = true;

    /// <summary>The name server that is asked, such as `10.0.0.2` or `10.0.0.2:5353`. None: the machine's own.</summary>
    public string? NameServer { get; init; }

    /// <summary>Mails that sign-ups may cause in an hour, all together. Past them they wait, and the log alarms.</summary>
    [Range(1, 10_000_000)]
    public int AskedMailsPerHour { get; init; } = 5_000;

    /// <summary>The largest number that a reader's browser may have to try before a sign-up counts, 1,000 to 5,000,000; half of it on average. 0: none. A form without JavaScript cannot do it.</summary>
    [Range(0, 5_000_000)]
    public int ProofOfWork { get; init; }

    /// <summary>Roots of the keys of readers' links, comma-separated, each as `number:base64 of 32 random bytes or more`, numbers 1 to 255; the first signs, the others still open old links. None: the suppression key is the root.</summary>
    public string? LinkKeys { get; init; }
}
