using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;

namespace Cms.Infrastructure.Purging;

/// <summary>How a CDN's own interface takes purges by key.</summary>
/// <param name="Url">Where.</param>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="KeysHeader">The header that takes the keys, between spaces; null when the body does.</param>
/// <param name="KeysMember">The member of a JSON body that takes the keys as an array; null when a header does.</param>
/// <param name="KeysPerRequest">As many as it takes at one time.</param>
/// <param name="SecretHeader">The header of the credential; null: none is sent.</param>
/// <param name="Secret">The credential, as it stands in the header. Never logged.</param>
internal sealed record PurgeInterface(Uri Url, string Method, string? KeysHeader, string? KeysMember, int KeysPerRequest, string? SecretHeader, string? Secret)
{
    /// <summary>Says nothing: a record would print its secret.</summary>
    public override string ToString() => nameof(PurgeInterface);
}

/// <summary>A CDN that is purged over HTTP, such as Fastly and Cloudflare.</summary>
internal sealed class HttpPurger(HttpClient http, PurgeInterface face) : IPurger
{
    private readonly HttpMethod method = new(face.Method);

    public async Task Purge(IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        foreach (var batch in KeyBatches.Of(keys, face.KeysPerRequest))
        {
            using var request = Request(batch);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            PurgeRefusedException.ThrowUnlessConfirmed(answer);
        }
    }

    private HttpRequestMessage Request(IReadOnlyList<string> keys)
    {
        var request = new HttpRequestMessage(method, face.Url);
        if (face.SecretHeader is not null) request.Headers.TryAddWithoutValidation(face.SecretHeader, face.Secret);
        if (face.KeysHeader is not null) request.Headers.TryAddWithoutValidation(face.KeysHeader, string.Join(' ', keys));
        if (face.KeysMember is null) return request;
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, IReadOnlyList<string>> { [face.KeysMember] = keys }));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
        return request;
    }
}
