using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Cms.Api.Http;

/// <summary>The service's own address, for links that lead back to it. Never a request's <c>Host</c>: whoever asks would choose where others are led.</summary>
internal sealed class OwnAddress(IOptions<CmsOptions> options, IServer server)
{
    /// <summary>Absolute, without a slash at its end.</summary>
    public string Value => options.Value.PublicUrl?.TrimEnd('/') ?? Listening;

    // Production is refused without a public URL; elsewhere it is where it listens.
    private string Listening => (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:8080")
        .Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
        .Replace("://+", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal).TrimEnd('/');
}
