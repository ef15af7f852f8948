using Cms.Api.Http;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

internal static class Documents
{
    /// <summary>Sends a document that always exists once the newsroom was set up.</summary>
    public static async Task Send(string key, HttpContext context, DeliveryStore store, CancellationToken ct)
    {
        if (await store.Document(key, ct) is { } document) await DeliveryAnswers.SendPlain(context, document.Body, document.ModifiedAt);
        else await Problems.Send(context, Problems.NotFound());
    }
}
