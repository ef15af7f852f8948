using Cms.Domain.Sharing;

namespace Cms.Api.Delivery;

/// <summary>TDMRep's headers: what who mines texts asks of an answer itself.</summary>
internal static class ReuseHeaders
{
    public static void Set(HttpResponse response, ReuseTerms terms)
    {
        if (terms.TdmReservation is { } reserved) response.Headers["tdm-reservation"] = reserved ? "1" : "0";
        if (terms.TdmPolicyUrl is { } policy) response.Headers["tdm-policy"] = Ascii(new Uri(policy));
    }

    // As a header must be, whatever the host's and the path's letters are.
    private static string Ascii(Uri address) => new UriBuilder(address) { Host = address.IdnHost }.Uri.AbsoluteUri;
}
