using System.IO.Compression;
using System.Xml;
using Cms.Api.Delivery;
using Cms.Infrastructure.Delivery;

namespace Cms.Api.Syndication.Sitemaps;

/// <summary>Sends a shard a thousand articles at a time, each read by a query of its own: neither the shard nor a connection is held while a crawler reads slowly.</summary>
internal static class SitemapStream
{
    private const int Batch = 1_000;

    public static async Task Send(HttpContext context, SitemapMonth month, int part, SitemapStore store, string contentType, CancellationToken ct)
    {
        var (from, to) = month.Span;
        var after = part == 1 ? (from, Guid.Empty) : await store.EndOf(month, (part - 1) * SitemapXml.MaxArticles, ct) ?? (to, Guid.Empty);
        var coding = AcceptedCoding.Of(context.Request);
        context.Response.ContentType = contentType;
        if (coding != Coding.Plain) context.Response.Headers.ContentEncoding = coding == Coding.Brotli ? "br" : "gzip";
        if (HttpMethods.IsHead(context.Request.Method)) return;

        var first = await store.After(after, to, Batch, ct); // before the head is sent: a database that is away is a 503
        await using var output = Coded(context.Response.Body, coding);
        using var buffer = new MemoryStream(256 * 1024);
        using var xml = XmlWriter.Create(buffer, XmlOutput.Settings);
        SitemapXml.Begin(xml);
        for (var (rows, left) = (first, SitemapXml.MaxArticles); rows.Count > 0; rows = left > 0 ? await store.After((rows[^1].At, rows[^1].Id), to, Math.Min(Batch, left), ct) : [])
        {
            foreach (var row in rows) SitemapXml.Article(xml, SitemapArticle.Of(row));
            left -= rows.Count;
            await Flush();
        }

        xml.WriteEndElement();
        await Flush();

        async Task Flush()
        {
            xml.Flush();
            await output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), ct);
            buffer.SetLength(0);
        }
    }

    private static Stream Coded(Stream body, Coding coding) => coding switch
    {
        Coding.Brotli => new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true),
        Coding.Gzip => new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true),
        _ => body,
    };
}
