using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Cms.Api.Http;

/// <summary>What every answer carries and every request must keep to, whatever its face.</summary>
internal static class Protection
{
    /// <summary>Names and values of all headers together, at most.</summary>
    public const int MaxHeaderBytes = 32 * 1024;

    private const int MaxUrl = 8 * 1024, MaxHeaders = 64;

    private const string LengthBesideEncoding = "X-Content-Length";

    /// <summary>Headers of every answer (OWASP ASVS 3.4), set last: what becomes a problem by an exception loses the headers set before. A page for people has a policy of its own.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            SecurityHeaders((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    public static void SecurityHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }

    /// <summary>Bounds of the request's head.</summary>
    public static void UseRequestBounds(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (Fault(context.Request, RawTarget(context)) is not var (type, detail)) return next(context);
        if (context.Request.Headers.ContainsKey(LengthBesideEncoding)) context.Response.Headers.Connection = "close";
        return Problems.Send(context, Problems.Of(type, detail));
    });

    /// <summary>The address as it was sent.</summary>
    public static string RawTarget(HttpContext context) => context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";

    /// <summary>What is wrong with the request's head, as a problem's type and detail.</summary>
    public static (string Type, string Detail)? Fault(HttpRequest request, string raw)
    {
        if (raw.Length > MaxUrl) return ("uri-too-long", $"The address is longer than {MaxUrl} bytes.");
        var (count, bytes, hasNul) = (0, 0, false);
        foreach (var (name, values) in request.Headers)
            foreach (var value in values)
            {
                (count, bytes) = (count + 1, bytes + name.Length + (value?.Length ?? 0));
                hasNul |= value?.Contains('\0', StringComparison.Ordinal) == true;
            }

        if (count > MaxHeaders || bytes > MaxHeaderBytes) return ("headers-too-large", $"Send at most {MaxHeaders} headers of {MaxHeaderBytes} bytes together.");
        if (hasNul || BrokenText(request, raw)) return ("malformed", "The address or a header holds a character that cannot be stored, or is not UTF-8.");
        // Kestrel's name for a length beside Transfer-Encoding: one of the two lies.
        return request.Headers.ContainsKey(LengthBesideEncoding) ? ("malformed", "Send Content-Length or Transfer-Encoding, not both.") : null;
    }

    /// <summary>Hosts that are not ours are refused: nothing may be cached or linked under a name that is not ours. Health takes any, for probes by address.</summary>
    public static void UseKnownHosts(this WebApplication app)
    {
        var hosts = app.Services.GetRequiredService<KnownHosts>();
        app.Use((context, next) => context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || hosts.Knows(context.Request)
            ? next(context)
            : Problems.Send(context, Problems.Of("unknown-host", "This service does not answer to that name. The operator lists names in Cms__Hosts.")));
    }

    private static bool BrokenText(HttpRequest request, string raw)
    {
        if (raw.Contains("%00", StringComparison.Ordinal) || request.Path.Value?.Contains('\0', StringComparison.Ordinal) == true) return true;
        return raw.Contains('%', StringComparison.Ordinal) && !IsUtf8(raw);
    }

    // Kestrel and the query reader turn broken percent-encoded UTF-8 into U+FFFD or leave it; a client should be told instead.
    public static bool IsUtf8(string raw)
    {
        var bytes = new List<byte>(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '%') bytes.Add(raw[i] < 128 ? (byte)raw[i] : (byte)'?');
            else if (i + 2 < raw.Length && byte.TryParse(raw.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value))
                (i, _) = (i + 2, Add(bytes, value));
            else return false;
        }

        return System.Text.Unicode.Utf8.IsValid(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }

    private static bool Add(List<byte> bytes, byte value)
    {
        bytes.Add(value);
        return true;
    }
}

/// <summary>What the operator says of this service; section <c>Cms</c>.</summary>
internal sealed record CmsOptions
{
    /// <summary>Characters of <see cref="PublicUrl"/>: a link on it fits a header's line (RFC 5322, 2.1.1).</summary>
    public const int MaxUrlLength = 200;

    /// <summary>The service's own address, absolute, http or https, at most 200 characters, its host in A-labels: under its name it is always reached. Production needs it.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Further names under which it is reached, comma-separated; but for these, the public one and localhost all are refused.</summary>
    public string Hosts { get; init; } = "";

    /// <summary>Origins whose pages may call management from a browser, comma-separated, exact.</summary>
    public string ManagementOrigins { get; init; } = "";

    /// <summary>Proxies whose <c>X-Forwarded-For</c> and <c>-Proto</c> count: addresses or networks, comma-separated.</summary>
    public string KnownProxies { get; init; } = "";

    /// <summary>
    /// Remembers addresses that may never be mailed, without the addresses: base64 of 32 bytes or more, kept for ever. Needed but in
    /// Development, which makes one in the data folder.
    /// </summary>
    public string? SuppressionKey { get; init; }

    /// <summary>Where people report a weakness, for <c>/.well-known/security.txt</c>: <c>mailto:</c>, <c>https:</c> or <c>tel:</c>. None: there is no such file.</summary>
    public string? SecurityContact { get; init; }

    /// <summary>Until when that is so, RFC 3339, such as <c>2027-06-30T00:00:00Z</c>; needed with a contact, and best within a year.</summary>
    public string? SecurityExpires { get; init; }

    /// <summary>The policy that holds for reports: absolute, https.</summary>
    public string? SecurityPolicy { get; init; }

    /// <summary>A folder of files named like settings, such as <c>Cms__SuppressionKey</c>, each holding one value.</summary>
    public string? SecretsFolder { get; init; }

    /// <summary>Where Development keeps its database, keys and token: unless given, <c>.data</c> in the clone.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Whether <c>security.txt</c> says nothing, or all that RFC 9116 asks for.</summary>
    public bool HasWholeSecurityContact => string.IsNullOrEmpty(SecurityContact)
        || (Uri.TryCreate(SecurityContact, UriKind.Absolute, out var contact) && contact.Scheme is "mailto" or "https" or "tel" && !SecurityContact.Any(char.IsControl)
            && Instant.TryParse(SecurityExpires, out _) && (string.IsNullOrEmpty(SecurityPolicy) || Validation.IsWebAddress(SecurityPolicy)));

    public static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The names under which this service answers: the public address's, those that are configured, and localhost.</summary>
internal sealed class KnownHosts(IOptions<CmsOptions> options)
{
    private readonly FrozenSet<string> names = new[] { "localhost", "127.0.0.1", "[::1]" }
        .Concat(Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var own) ? [own.Host] : [])
        .Concat(CmsOptions.Split(options.Value.Hosts)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public bool Knows(HttpRequest request) => names.Contains(request.Host.Host);
}
