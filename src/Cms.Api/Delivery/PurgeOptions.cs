using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Cms.Api.Http;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Outgoing;
using Cms.Infrastructure.Purging;

namespace Cms.Api.Delivery;

/// <summary>Caches in front that are told what changed; section <c>Cms:Purge</c>.</summary>
internal sealed record PurgeOptions : IValidatableObject
{
    private const int MaxVarnishes = 20;

    /// <summary>Addresses of every Varnish in front, comma-separated, such as <c>http://10.0.0.5:6081</c>.</summary>
    public string Varnish { get; init; } = "";

    /// <summary>The method that its VCL takes for a purge.</summary>
    public string VarnishMethod { get; init; } = "PURGE";

    /// <summary>Where a CDN takes purges by key, such as <c>https://api.fastly.com/service/ID/purge</c>.</summary>
    public string? Url { get; init; }

    /// <summary>With this method.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>The header that takes the keys, between spaces, such as <c>Surrogate-Key</c>; this or the next.</summary>
    public string? KeysHeader { get; init; }

    /// <summary>The member of a JSON body that takes the keys as an array, such as <c>tags</c>.</summary>
    public string? KeysMember { get; init; }

    /// <summary>Keys in one request of the CDN.</summary>
    [Range(1, 1_000)]
    public int KeysPerRequest { get; init; } = 30;

    /// <summary>The header of the CDN's credential, such as <c>Authorization</c> or <c>Fastly-Key</c>.</summary>
    public string? SecretHeader { get; init; }

    /// <summary>The credential, as it stands in that header, such as <c>Bearer …</c>. Never logged.</summary>
    public string? Secret { get; init; }

    private Uri[] Varnishes => [.. CmsOptions.Split(Varnish).Select(a => new Uri(a))];

    /// <summary>Says nothing: a record would print its secret.</summary>
    public override string ToString() => nameof(PurgeOptions);

    /// <summary>Everybody who is told.</summary>
    public PurgeTargets Targets(GuardedHttp http)
    {
        var targets = Varnishes.Select(a => new PurgeTarget(NameOf(a), new VarnishPurger(http.Configured, a, VarnishMethod))).ToList();
        if (Given(Url))
            targets.Add(new("cdn", new HttpPurger(http.Configured, new(new(Url ?? ""), Method, Null(KeysHeader), Null(KeysMember), KeysPerRequest, Null(SecretHeader), Secret))));
        return new(targets);
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var varnishes = CmsOptions.Split(Varnish);
        if (varnishes.Length > MaxVarnishes || !varnishes.All(a => Validation.IsWebAddress(a) && a.Length < OutboxEvent.TargetMaxLength - 20))
            yield return new($"Cms__Purge__Varnish is a list of at most {MaxVarnishes} addresses, such as http://10.0.0.5:6081,http://10.0.0.6:6081.");
        else if (Varnishes.Select(NameOf).Distinct(StringComparer.Ordinal).Count() < varnishes.Length)
            yield return new("Cms__Purge__Varnish names one Varnish twice.");
        if (!IsToken(VarnishMethod)) yield return new("Cms__Purge__VarnishMethod is an HTTP method, such as PURGE.");
        if (!Given(Url))
        {
            if (Given(KeysHeader) || Given(KeysMember) || Given(SecretHeader) || Given(Secret)) yield return new("The settings of a CDN need Cms__Purge__Url.");
            yield break;
        }

        if (!Validation.IsWebAddress(Url ?? "")) yield return new("Cms__Purge__Url is an absolute http or https address without user and password.");
        if (!IsToken(Method)) yield return new("Cms__Purge__Method is an HTTP method, such as POST.");
        if (Given(KeysHeader) == Given(KeysMember)) yield return new("Set one of Cms__Purge__KeysHeader, such as Surrogate-Key, and Cms__Purge__KeysMember, such as tags.");
        if (Given(KeysHeader) && !IsToken(KeysHeader)) yield return new("Cms__Purge__KeysHeader is a header's name, such as Surrogate-Key.");
        if (Given(SecretHeader) != Given(Secret)) yield return new("Set Cms__Purge__SecretHeader and Cms__Purge__Secret together, or neither.");
        if (Given(SecretHeader) && !IsToken(SecretHeader)) yield return new("Cms__Purge__SecretHeader is a header's name, such as Authorization.");
        // Never the value itself.
        if (Secret?.Any(c => c is < ' ' or > '~') == true) yield return new("Cms__Purge__Secret has a character that no header can carry, such as a line's end.");
    }

    // An address has no credential here, but its path or query might.
    private static string NameOf(Uri address) => string.Create(CultureInfo.InvariantCulture, $"varnish {address.Host}:{address.Port}");

    private static bool Given(string? value) => !string.IsNullOrEmpty(value);

    private static string? Null(string? value) => Given(value) ? value : null;

    // RFC 9110, 5.6.2.
    private static bool IsToken(string? text) => Given(text) && text?.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)) == true;
}
