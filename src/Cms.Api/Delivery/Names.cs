using System.Buffers;
using System.Text.Json;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Delivery;

/// <summary>Authors and tags as readers get them: both are found by slug, listed by slug, and there only while a published article shows them.</summary>
internal static class Names
{
    /// <summary>Sends one, or where its slug moved to.</summary>
    public static async Task Send(string kind, string slug, HttpContext context, NameStore store, CancellationToken ct)
    {
        var key = DeliveryKey.Address(kind, slug);
        var isSlug = Slug.TryParse(slug, out _);
        if (isSlug && await store.Name(kind, slug, ct) is { } name) await DeliveryAnswers.SendPlain(context, name, DeliveryAnswers.Json, key);
        else if (isSlug && await store.Moved(kind, slug, ct) is { } present)
            await DeliveryAnswers.SendMoved(context, $"/delivery/v1/{kind}s/{Uri.EscapeDataString(present)}", key);
        else await DeliveryAnswers.SendNotFound(context, $"There is no {kind} with this slug in any published article.", key);
    }

    /// <summary>Sends a page of all.</summary>
    public static async Task SendPage(string kind, Query query, HttpContext context, NameStore store, CancellationToken ct)
    {
        var rows = await store.List(kind, query.After?.Text ?? "", query.Limit + 1, ct);
        var next = rows.Count > query.Limit ? Cursor.Write(query.Fingerprint, Position.Of(DateTimeOffset.MinValue, rows[query.Limit - 1].Slug)) : null;
        if (next is not null) context.Response.Headers.Link = Answers.Next(context.Request, next);
        await DeliveryAnswers.SendPlain(context, Join(rows.Take(query.Limit), next), DeliveryAnswers.Json, DeliveryKey.Names(kind));
    }

    private static byte[] Join(IEnumerable<NameRow> rows, string? next)
    {
        var buffer = new ArrayBufferWriter<byte>(8 * 1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var row in rows) writer.WriteRawValue(row.Json, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteString("next", next);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
