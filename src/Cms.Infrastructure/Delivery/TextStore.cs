using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>Reads the plain text of bodies, as <see cref="DeliveryStore"/> reads articles: both by one statement, so that they are of one version.</summary>
internal sealed class TextStore(DeliveryReading reading)
{
    private const string PageWithText = "SELECT p.body, t.body FROM delivery.pages p JOIN delivery.texts t ON t.id = p.id WHERE p.slug = $1";

    /// <summary>The article with its HTML and head, and the body's text as JSON.</summary>
    public Task<(byte[] Page, byte[] Text)?> Page(string slug, CancellationToken ct) => reading.Read<(byte[], byte[])?>(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(PageWithText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)) : null;
    }, ct);
}
