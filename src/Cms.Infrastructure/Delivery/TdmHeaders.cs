using Cms.Domain.Sharing;

namespace Cms.Infrastructure.Delivery;

/// <summary>TDMRep's headers (W3C Community Group): what who mines texts asks of an answer itself. Stored beside an article's bytes, so that no answer has to look its terms up.</summary>
/// <param name="Reservation"><c>tdm-reservation</c>: 1 or 0.</param>
/// <param name="Policy"><c>tdm-policy</c>, in ASCII; null for none.</param>
internal sealed record TdmHeaders(string Reservation, string? Policy)
{
    // Percent-encoding makes up to nine letters of one, and proxies refuse an answer with a longer header. Its JSON and head name the policy still.
    private const int LongestPolicy = 4_000;

    private static readonly TdmHeaders Free = new("0", null), Reserved = new("1", null);

    /// <summary>As it is stored.</summary>
    public string Text => Policy is null ? Reservation : $"{Reservation} {Policy}";

    /// <summary>Null where the terms say nothing of mining.</summary>
    public static TdmHeaders? Of(ReuseTerms terms) => terms.TdmReservation switch
    {
        null => null,
        false => Free,
        true => terms.TdmPolicyUrl is { } policy && Ascii(policy) is { Length: <= LongestPolicy } ascii ? new("1", ascii) : Reserved,
    };

    /// <summary>From what is stored.</summary>
    public static TdmHeaders? Read(string? text) => text switch
    {
        null => null,
        "0" => Free,
        "1" => Reserved,
        _ => new(text[..1], text[2..]),
    };

    // As a header must be, whatever the host's and the path's letters are.
    private static string? Ascii(string policy)
    {
        try
        {
            var address = new Uri(policy);
            return new UriBuilder(address) { Host = address.IdnHost }.Uri.AbsoluteUri;
        }
        catch (UriFormatException)
        {
            return null; // a host that has no ASCII form leads nowhere
        }
    }
}
