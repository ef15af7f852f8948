using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>An article's page and its body's text.</summary>
/// <param name="Page">The article with its HTML and head.</param>
/// <param name="Text">The body's plain text, as JSON.</param>
/// <param name="Tdm">What who mines texts may do with it; null where nobody says anything.</param>
internal sealed record PageWithText(byte[] Page, byte[] Text, TdmHeaders? Tdm);

/// <summary>Reads the plain text of bodies, as <see cref="DeliveryStore"/> reads articles: both by one statement, so that they are of one version.</summary>
internal sealed class TextStore(DeliveryReading reading)
{
    private const string PageAndText = "SELECT p.body, t.body, p.tdm FROM delivery.pages p JOIN delivery.texts t ON t.id = p.id WHERE p.slug = $1";

    /// <summary>The article with its HTML and head, and the body's text as JSON.</summary>
    public Task<PageWithText?> Page(string slug, CancellationToken ct) => reading.Read<PageWithText?>(ReadPool.Delivery, async connection =>
    {
        await using var command = new NpgsqlCommand(PageAndText, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new PageWithText(reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1), TdmHeaders.Read(reader.IsDBNull(2) ? null : reader.GetString(2)))
            : null;
    }, ct);
}
