
namespace Cms.Api.Delivery;

internal static class Verbs
{
    /// <summary>Whatever can be read can be asked about.</summary>
    public static readonly string[] Read = ["GET", "HEAD"];

    /// <summary>The client holds it already.</summary>
    public static RouteHandlerBuilder ProducesNotModified(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new AlsoAnswers(304, "The client holds it already."));

    /// <summary>Sends one of these media: a schema's type for JSON, none for XML and text.</summary>
    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder endpoint, params (string Name, Type? Type)[] media) =>
        endpoint.WithMetadata(new SendsMedia(media), new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(void), [.. media.Select(m => m.Name)]));

    /// <summary>A moved slug leads to the present one.</summary>
    public static RouteHandlerBuilder Moves(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new AlsoAnswers(301, "It moved: Location has the present address."));
}

/// <summary>A status without a body that an operation answers beside its own, for OpenAPI.</summary>
internal sealed record AlsoAnswers(int Status, string Description);

/// <summary>A 202 of the operation has a <c>Location</c>, for OpenAPI.</summary>
internal sealed record LeadsOn;

/// <summary>The media that an operation answers in, for OpenAPI.</summary>
internal sealed record SendsMedia(IReadOnlyList<(string Name, Type? Type)> Media);
