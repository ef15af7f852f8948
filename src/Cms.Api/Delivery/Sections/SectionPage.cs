using System.Buffers;
using System.Text;
using System.Text.Json;
using Cms.Api.Delivery.Articles;
using Cms.Api.Http;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Slugs;

namespace Cms.Api.Delivery.Sections;

/// <summary>A section's page in one request: the section as it is stored, with its newest articles, its list, or both.</summary>
internal static class SectionPage
{
    private const string Articles = "articles", List = "list";

    public static readonly WordsParameter Include = new(
        "include", "`articles`: the newest, of the sections below it too; `list`: the list that is its front.", [Articles, List], Several: true);

    /// <summary>Puts the page together, and sends it.</summary>
    public static async Task Send(string slug, byte[] section, Query query, HttpContext context, DeliveryStore store, ListStore lists, CancellationToken ct)
    {
        var (fields, included) = (query.Values(ArticleParts.SummaryFields), query.Values(Include));
        using var document = JsonDocument.Parse(section);
        var id = document.RootElement.GetProperty("id").GetGuid();
        if (fields.Length > 0) DeliveryCaching.IsRare(context);
        var keys = new List<string> { DeliveryKey.Address(SlugRegistry.Sections, slug) };
        var rows = included.Contains(Articles) ? (await store.List(Newest(slug), ct)).Rows : null;
        var front = included.Contains(List) ? await lists.Front(id, ct) : null;
        if (rows is not null) keys.Add(DeliveryKey.Listing(id));
        if (front is not null) keys.Add(DeliveryKey.Address(SlugRegistry.Lists, front.Name.Slug));
        if (front?.Tail is { } tail) keys.Add(DeliveryKey.Listing(tail));

        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        buffer.Write(section.AsSpan()[..^1]); // a whole object but for its end
        if (rows is not null) Member(buffer, Articles, writer => WriteArticles(writer, rows, fields, Next(slug, rows, query)));
        if (included.Contains(List)) Member(buffer, List, writer => WriteFront(writer, front, fields));
        buffer.Write("}"u8);
        await DeliveryAnswers.SendPlain(context, buffer.WrittenSpan.ToArray(), DeliveryAnswers.Json, [.. keys.Distinct()]);
    }

    private static ListQuestion Newest(string section) => new((SlugRegistry.Sections, section), [ListQuestion.AllLanguages], ListOrder.Newest, null, null, null, Page.DefaultLimit + 1);

    // The list of articles goes on from here, asked with the section and the same fields.
    private static string? Next(string slug, IReadOnlyList<ListRow> rows, Query query) => rows.Count <= Page.DefaultLimit ? null : Cursor.Write(
        Query.FingerprintOf(ArticleEndpoints.ListName, (ArticleEndpoints.Section, slug), (ArticleParts.SummaryFields, query.Text(ArticleParts.SummaryFields))),
        new(rows[Page.DefaultLimit - 1].At, rows[Page.DefaultLimit - 1].Id));

    private static void Member(ArrayBufferWriter<byte> buffer, string name, Action<Utf8JsonWriter> write)
    {
        buffer.Write(Encoding.UTF8.GetBytes($",\"{name}\":"));
        using var writer = new Utf8JsonWriter(buffer, ArticleRenderer.Json);
        write(writer);
    }

    private static void WriteArticles(Utf8JsonWriter writer, IReadOnlyList<ListRow> rows, string[] fields, string? next)
    {
        writer.WriteStartObject();
        Summaries.Write(writer, rows.Take(Page.DefaultLimit).Select(r => r.Json), fields);
        writer.WriteString("next", next);
        writer.WriteEndObject();
    }

    private static void WriteFront(Utf8JsonWriter writer, ShownList? front, string[] fields)
    {
        if (front is null) writer.WriteNullValue();
        else Summaries.Write(writer, front, fields);
    }
}
