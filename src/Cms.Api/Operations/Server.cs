using System.Net;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Cms.Api.Operations;

/// <summary>How Kestrel listens, and how long a request and a shutdown may take.</summary>
internal static class Server
{
    private const string DefaultAddress = "http://localhost:8080";

    /// <summary>How long a request of delivery may take.</summary>
    public static readonly TimeSpan DeliveryTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ManagementTimeout = TimeSpan.FromSeconds(30), NewsletterTimeout = TimeSpan.FromSeconds(10),
        SyndicationTimeout = TimeSpan.FromSeconds(60), // a shard of a sitemap is some megabytes, and readers of it are slow
        ImportTimeout = TimeSpan.FromMinutes(10), ExportTimeout = TimeSpan.FromHours(1), // bounded by the client's line, not by our work
        Shutdown = TimeSpan.FromSeconds(25);

    /// <summary>Time-outs of operations that send or take a file.</summary>
    public const string Imports = "imports", Exports = "exports";

    public static void AddServer(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<CmsOptions>().BindConfiguration("Cms").Validate(
            o => !builder.Environment.IsProduction() || Validation.IsWebAddress(o.PublicUrl ?? ""),
            "Production needs Cms__PublicUrl: the service's own address, such as https://cms.example.org.")
            .Validate(o => o.PublicUrl is not { } url || (url.Length <= CmsOptions.MaxUrlLength && System.Text.Ascii.IsValid(url)),
                $"Cms__PublicUrl has at most {CmsOptions.MaxUrlLength} characters, its host in A-labels (xn--…): it stands in headers of mails.")
            .Validate(o => o.HasWholeSecurityContact, "Cms__SecurityContact is like mailto:security@example.org, and needs Cms__SecurityExpires, such as 2027-06-30T00:00:00Z.").ValidateOnStart();
        builder.Services.AddOptions<DeliveryOptions>().BindConfiguration("Cms:Delivery").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<PurgeOptions>().BindConfiguration("Cms:Purge").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<KnownHosts>();
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration("Cms:Limits").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = Shutdown);
        builder.Services.AddHostedService<Drain>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Twice what the service itself allows, so that the refusal is a problem and not a bare status.
            kestrel.Limits.MaxRequestLineSize = 16 * 1024 + 64;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 128;
        });
        if (!IsAddressConfigured(builder.Configuration)) builder.WebHost.UseUrls(DefaultAddress);
        builder.Services.AddRequestTimeouts(o =>
        {
            o.AddPolicy(Face.Delivery.Name, Policy(DeliveryTimeout));
            o.AddPolicy(Face.Management.Name, Policy(ManagementTimeout));
            o.AddPolicy(Face.Syndication.Name, Policy(SyndicationTimeout));
            o.AddPolicy(Face.Newsletter.Name, Policy(NewsletterTimeout));
            o.AddPolicy(Imports, Policy(ImportTimeout));
            o.AddPolicy(Exports, Policy(ExportTimeout));
        });
        builder.Services.Configure<RouteOptions>(o => o.AppendTrailingSlash = false);
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<CmsOptions>>(TrustProxies);
    }

    private static RequestTimeoutPolicy Policy(TimeSpan timeout) => new()
    {
        Timeout = timeout,
        TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        WriteTimeoutResponse = SendTimeout,
    };

    /// <summary>It took too long.</summary>
    public static Task SendTimeout(HttpContext context) => Problems.Send(context, Problems.Of("timeout", "The operation took too long and was given up. Try again."));

    /// <summary>
    /// Ends what takes too long. A cancellation can reach PostgreSQL before the statement does, which then waits until its lock's time is over:
    /// whatever a request fails with after its own time, it took too long.
    /// </summary>
    public static void UseTimeouts(this WebApplication app)
    {
        app.UseRequestTimeouts();
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception e) when (e is not OperationCanceledException && context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true })
            {
                throw new OperationCanceledException("The time of the request was over.", e);
            }
        });
    }

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    private static bool IsAddressConfigured(ConfigurationManager configuration) =>
        AddressKeys.Any(k => !string.IsNullOrEmpty(configuration[k])) || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    // None by default: a header that anybody can send says nothing of who sends it.
    private static void TrustProxies(ForwardedHeadersOptions options, IOptions<CmsOptions> cms)
    {
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in CmsOptions.Split(cms.Value.KnownProxies))
        {
            if (IPAddress.TryParse(proxy, out var address)) options.KnownProxies.Add(address);
            else options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }

        options.ForwardedHeaders = options.KnownProxies.Count + options.KnownIPNetworks.Count > 0
            ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
            : ForwardedHeaders.None;
    }
}

/// <summary>On SIGTERM the node is not ready at once, and goes on for five seconds, so that a load balancer can notice before connections close.</summary>
internal sealed class Drain(Readiness readiness, IHostEnvironment environment, TimeProvider time) : IHostedLifecycleService
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.Draining = true;
        if (environment.IsProduction()) await Task.Delay(Time, time, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
