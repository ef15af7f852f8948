using System.Net.Sockets;
using Cms.Api.Delivery;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Postgres;
using Cms.Infrastructure.Purging;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cms.Api.Commands;

/// <summary>Serves until told to stop. Development sets itself up; elsewhere the schema must be right already.</summary>
internal static class Serve
{
    // What an editor may put up with after a withdrawal.
    private const int MostUnpurgedSeconds = 60;

    private const string NewestSlug = """
        SELECT a.slug FROM delivery.listings l JOIN delivery.articles a ON a.id = l.article_id
        WHERE l.target = '00000000-0000-0000-0000-000000000000' AND l.language = '' ORDER BY l.updated_at DESC, l.article_id DESC LIMIT 1
        """;

    public static async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        await using var cms = await CmsHost.Build(args, output, ct);
        var app = cms.App;
        CheckOptions(app.Services);
        if (app.Environment.IsDevelopment())
        {
            await app.Services.GetRequiredService<Migrator>().Migrate(ct);
            await SiteSetup.Render(app.Services, ct);
            if (await IsEmpty(app.Services, ct)) await Seed.Run(app, output, ct);
            var token = await DevelopmentToken.Ensure(app.Services, cms.DataFolder, ct);
            var example = await Example(app.Services, ct);
            app.Lifetime.ApplicationStarted.Register(() => Welcome(app, token, example, cms.DataFolder, output));
        }
        else
        {
            await RefuseOldSchema(app.Services, ct);
            Warn(app.Services);
        }

        await Listen(app, ct);
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    // The host would find these faults too, but only at its start, and throws some of them as it finds them.
    private static void CheckOptions(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (InvalidOperationException e) when (e.InnerException is ArgumentException or FormatException)
        {
            throw new CommandException(e.Message); // the binder's: it names the setting
        }
    }

    private static async Task Listen(WebApplication app, CancellationToken ct)
    {
        const string Elsewhere = "Choose another address: --urls http://localhost:8081, or ASPNETCORE_URLS=http://localhost:8081.";
        try
        {
            await app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandException($"{e.Message} Does another Cms run there? {Elsewhere}");
        }
        catch (Exception e) when (e is SocketException || (e is FormatException && e.Message.StartsWith("Invalid url", StringComparison.Ordinal)))
        {
            throw new CommandException($"It cannot listen as it is told to: {e.Message}. {Elsewhere}");
        }
    }

    private static async Task<bool> IsEmpty(IServiceProvider services, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CmsDbContext>();
        return !await db.Sections.AnyAsync(ct) && !await db.Articles.AnyAsync(ct);
    }

    private static async Task RefuseOldSchema(IServiceProvider services, CancellationToken ct)
    {
        var pending = await services.GetRequiredService<Migrator>().Pending(ct);
        if (pending.Count > 0)
            throw new CommandException($"The database's schema is {pending.Count} migrations behind. Run `dotnet Cms.Api.dll migrate` once, then start again.");
    }

    // What weakens a defence without breaking anything: the operator should have chosen it.
    private static void Warn(IServiceProvider services)
    {
        var (strings, log) = (services.GetRequiredService<Databases>().Strings, services.GetRequiredService<ILoggerFactory>().CreateLogger("Cms.Start"));
        var logins = new[] { strings.Cms, strings.Owner, strings.CmsDelivery ?? strings.Cms }.Select(s => new NpgsqlConnectionStringBuilder(s)).ToList();
        if (logins.Select(l => l.Username).Distinct(StringComparer.Ordinal).Count() == 1)
            log.LogWarning("Owner, service and delivery share one database login, which one RESET ROLE leads back to. Give ConnectionStrings__CmsOwner and __CmsDelivery logins of their own.");
        if (services.GetRequiredService<IOptions<DeliveryOptions>>().Value.CdnSeconds > MostUnpurgedSeconds && services.GetRequiredService<PurgeTargets>().All.Count == 0)
            log.LogWarning("CDNs may hold answers for Cms__Delivery__CdnSeconds, and none is told of changes (Cms__Purge__…). Where one in front honours CDN-Cache-Control, set purges or a short time; where there is none, set 0.");
        logins.AddRange(strings.Replicas().Select(r => new NpgsqlConnectionStringBuilder(r.ConnectionString)));
        if (logins.Any(l => l.Host?.StartsWith('/') == false && l.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA)))
            log.LogWarning("The connection to PostgreSQL does not verify whom it talks to. Unless the network is the service's own, add SSL Mode=VerifyFull.");
    }

    // The list where nothing is published: whatever is printed as an example works.
    private static async Task<string> Example(IServiceProvider services, CancellationToken ct)
    {
        await using var newest = services.GetRequiredService<Databases>().Delivery.CreateCommand(NewestSlug);
        return await newest.ExecuteScalarAsync(ct) is string slug ? $"articles/{slug}" : "articles";
    }

    private static void Welcome(WebApplication app, TokenSecret token, string example, string dataFolder, TextWriter output)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = (addresses.FirstOrDefault() ?? "").Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).TrimEnd('/');
        output.WriteLine($"""

              Cms runs.
                docs       {address}/docs
                delivery   {address}/delivery/v1/articles
                try        curl -s {address}/delivery/v1/{example}
                token      {token.Reveal()}
                           (all scopes, for development; kept in {Path.Combine(dataFolder, DevelopmentToken.FileName)})
                drafts     curl -s -H "Authorization: Bearer {token.Reveal()}" {address}/management/v1/articles
                mails      {app.Services.GetRequiredService<IMailSender>().Destination}

            """);
    }
}
