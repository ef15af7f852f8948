using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>Reads the plain text of bodies, as <see cref="DeliveryStore"/> reads articles: both by one statement, so that they are of one version.</summary>
internal sealed class TextStore(Databases databases)
{
    private const string PageWithText = "SELECT p.body, t.body FROM delivery.pages p JOIN delivery.texts t ON t.id = p.id WHERE p.slug = $1";

    /// <summary>The article with its HTML and head, and the body's text as JSON.</summary>
    public Task<(byte[] Page, byte[] Text)?> Page(string slug, CancellationToken ct) => DatabaseFault.ReadTwice<(byte[], byte[])?>(databases.Delivery, async () =>
    {
        await using var command = databases.Delivery.CreateCommand(PageWithText);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = slug });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)) : null;
    });
}
