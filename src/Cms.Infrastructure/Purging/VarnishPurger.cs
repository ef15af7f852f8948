namespace Cms.Infrastructure.Purging;

/// <summary>One Varnish with vmod xkey, as docs/varnish/default.vcl sets it up: a method of its own, and the keys in a header.</summary>
internal sealed class VarnishPurger(HttpClient http, Uri address, string method) : IPurger
{
    private const int KeysPerRequest = 100;

    private readonly HttpMethod purge = new(method);

    public async Task Purge(IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        foreach (var batch in KeyBatches.Of(keys, KeysPerRequest))
        {
            using var request = new HttpRequestMessage(purge, address);
            request.Headers.TryAddWithoutValidation("xkey", string.Join(' ', batch));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            PurgeRefusedException.ThrowUnlessConfirmed(answer);
        }
    }
}
