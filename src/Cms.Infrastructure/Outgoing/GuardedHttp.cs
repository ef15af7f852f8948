using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Cms.Infrastructure.Outgoing;

/// <summary>
/// Makes every outgoing client: no redirect, no proxy of the environment, no cookie, no trace header, and bounds of time and size. Targets
/// that the operator configured may stand anywhere, in private networks too.
/// </summary>
internal sealed class GuardedHttp : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024, MaxHeaderKilobytes = 16;

    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(5), Whole = TimeSpan.FromSeconds(10), Kept = TimeSpan.FromMinutes(2);

    /// <summary>For targets that the operator configured.</summary>
    public HttpClient Configured { get; } = Make();

    public void Dispose() => Configured.Dispose();

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one factory.")]
    private static HttpClient Make() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = Connecting,
        PooledConnectionLifetime = Kept, // a name that moved is found anew
        MaxResponseDrainSize = MaxAnswerBytes,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
    })
    {
        Timeout = Whole,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };
}
