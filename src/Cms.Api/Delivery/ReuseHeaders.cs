using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>An operation's answers say what who mines texts may do, for OpenAPI.</summary>
internal sealed record TellsReuse;

internal static class ReuseHeaders
{
    public const string Reservation = "tdm-reservation", Policy = "tdm-policy";

    /// <summary>Its answers carry TDMRep's headers where there are terms.</summary>
    public static RouteHandlerBuilder TellsReuse(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new TellsReuse());

    public static void Set(IHeaderDictionary headers, TdmHeaders terms)
    {
        headers[Reservation] = terms.Reservation;
        if (terms.Policy is not null) headers[Policy] = terms.Policy;
    }
}
