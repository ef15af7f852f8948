namespace Cms.Api.Http;

/// <summary>A face of the service: its own documents, limits and headers.</summary>
/// <param name="Name">As in <c>/openapi/{name}.json</c>.</param>
internal sealed record Face(string Name)
{
    public static readonly Face Delivery = new("delivery"), Management = new("management"), Syndication = new("syndication"), Newsletter = new("newsletter");

    /// <summary>What anybody may read and caches may hold.</summary>
    public bool IsShared => this == Delivery || this == Syndication;

    /// <summary>What is for one person alone, and may stay in no cache.</summary>
    public bool IsPrivate => this == Management || this == Newsletter;

    /// <summary>Addresses that people share and services decorate (<c>utm_…</c>): what we do not know there is none of our business.</summary>
    public bool IgnoresUnknownParameters => this == Syndication || this == Newsletter;
}

internal static class Faces
{
    /// <summary>Every operation of the group belongs to the face: its document, time-out, CORS policy and limits.</summary>
    public static RouteGroupBuilder OfFace(this RouteGroupBuilder group, Face face) => group.WithGroupName(face.Name).WithMetadata(face).AddTimeoutAndCors(face);

    private static RouteGroupBuilder AddTimeoutAndCors(this RouteGroupBuilder group, Face face)
    {
        group.WithRequestTimeout(face.Name);
        group.RequireCors(face.Name);
        return group;
    }

    /// <summary>The statuses with which an operation may refuse, for OpenAPI.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses) => endpoint.WithMetadata(new Refusals(statuses));
}

/// <summary>Statuses of refusal that an operation declares; several add up.</summary>
internal sealed record Refusals(IReadOnlyList<int> Statuses);

/// <summary>The operation asks no database: it answers while that is away, and waits for nothing. Of the refusals that all of a face have, a full face (503) is left.</summary>
internal sealed record AsksNobody;
