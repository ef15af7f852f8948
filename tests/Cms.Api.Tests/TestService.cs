using System.Net.Http.Headers;
using Cms.Api.Commands;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests;

/// <summary>The real service on a real port, as its own process would run it: Kestrel, the whole pipeline, a database.</summary>
public sealed class TestService : IAsyncDisposable
{
    private readonly CmsHost host;

    private TestService(CmsHost host, string connectionString, Uri address) => (this.host, ConnectionString, Address) = (host, connectionString, address);

    /// <summary>The owner's login.</summary>
    public string ConnectionString { get; }

    public Uri Address { get; }

    public IServiceProvider Services => host.App.Services;

    /// <summary>Migrates the database and serves it.</summary>
    public static async Task<TestService> Start(string connectionString, CancellationToken ct, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var host = await CmsHost.Build(["--environment", "Testing", "--urls", "http://127.0.0.1:0"], TextWriter.Null, ct, builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ConnectionStrings:Cms"] = connectionString,
                ["Cms:PublicUrl"] = "https://cms.example.org",
                ["Cms:SuppressionKey"] = Convert.ToBase64String(new byte[32]),
                ["Cms:Limits:RequestsPerMinute"] = "1000000",
                ["Cms:Limits:WritesPerMinute"] = "1000000",
                ["Cms:Limits:SignUpsPerHour"] = "1000000",
                ["Cms:Newsletter:CheckDomains"] = "false",
                ["Cms:Delivery:LogOneOf"] = "1",
                ["Logging:Console:LogLevel:Default"] = Environment.GetEnvironmentVariable("CMS_TEST_LOG") ?? "None",
            });
            builder.Configuration.AddInMemoryCollection(settings ?? []);
            configure?.Invoke(builder);
        });
        await host.App.Services.GetRequiredService<Migrator>().Migrate(ct);
        await SiteSetup.Render(host.App.Services, ct);
        await host.App.StartAsync(ct);
        var address = host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Single() ?? throw new InvalidOperationException("It listens nowhere.");
        return new(host, connectionString, new Uri(address));
    }

    /// <summary>A client without a token. It follows no redirects and decodes nothing: tests see what is on the wire.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };

    /// <summary>A client with a fresh token of these scopes.</summary>
    public async Task<HttpClient> Client(CancellationToken ct, params string[] scopes)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token(ct, scopes));
        return client;
    }

    /// <summary>A fresh token of these scopes, as its holder knows it.</summary>
    public async Task<string> Token(CancellationToken ct, params string[] scopes) =>
        (await TokenCreate.Issue(Services, "Test", scopes, Domain.Access.AccessToken.MaxDays, ct)).Reveal();

    /// <summary>As SIGTERM does.</summary>
    public Task Stop() => host.App.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.App.StopAsync();
        await host.DisposeAsync();
    }
}
