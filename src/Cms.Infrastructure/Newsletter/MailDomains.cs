using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace Cms.Infrastructure.Newsletter;

/// <summary>Whether a domain takes mail at all.</summary>
internal sealed class MailDomains
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lazy<LookupClient> dns;

    /// <param name="server">The name server to ask; null: the machine's own.</param>
    public MailDomains(IPEndPoint? server)
    {
        // Not at the start: it looks for the machine's own name servers.
        dns = new(() => Client(server));
    }

    private static LookupClient Client(IPEndPoint? server)
    {
        var options = server is null ? new LookupClientOptions() : new LookupClientOptions(server);
        (options.Timeout, options.Retries, options.UseCache, options.ThrowDnsErrors) = (Patience, 1, true, false);
        return new(options);
    }

    /// <summary>
    /// No, when the domain does not exist, says that it takes none (RFC 7505), or has neither an MX nor an address (RFC 5321, 5.1). A name server that
    /// does not answer says nothing: yes, the mail itself will tell.
    /// </summary>
    /// <param name="domain">In A-labels.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<bool> TakesMail(string domain, CancellationToken ct)
    {
        try
        {
            var name = domain + "."; // rooted: a search list of the machine's is not asked
            var mx = await dns.Value.QueryAsync(name, QueryType.MX, cancellationToken: ct);
            if (mx.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain) return false;
            if (mx.HasError) return true;
            if (mx.Answers.MxRecords().Any()) return mx.Answers.MxRecords().Any(r => r.Exchange.Value != ".");
            return await Has(name, QueryType.A, ct) || await Has(name, QueryType.AAAA, ct);
        }
        catch (DnsResponseException)
        {
            return true;
        }
    }

    private async Task<bool> Has(string name, QueryType type, CancellationToken ct)
    {
        var answer = await dns.Value.QueryAsync(name, type, cancellationToken: ct);
        return (answer.HasError && answer.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain) || answer.Answers.OfType<AddressRecord>().Any();
    }
}
