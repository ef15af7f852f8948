using Cms.Api.Http;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

internal static class Documents
{
    /// <summary>Sends a document that always exists once the newsroom was set up.</summary>
    public static async Task Send(string key, string surrogate, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        if (!await TrySend(key, surrogate, context, store, ct)) await Problems.Send(context, Problems.NotFound());
    }

    /// <summary>Sends a document as it is stored in the coding that the client takes.</summary>
    /// <returns>False when there is none, and nothing is sent.</returns>
    public static async Task<bool> TrySend(string key, string surrogate, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        var coding = AcceptedCoding.Of(context.Request);
        if (await store.Document(key, coding, ct) is not { } document) return false;
        await DeliveryAnswers.Send(context, document with { ChangedAt = null }, coding, surrogate);
        return true;
    }
}
