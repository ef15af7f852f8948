using Cms.Domain.Access;
using Cms.Infrastructure;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Commands;

/// <summary>Serves until told to stop. Development sets itself up; elsewhere the schema must be right already.</summary>
internal static class Serve
{
    private const string SampleSlug = "en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine";

    public static async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        await using var cms = await CmsHost.Build(args, output, ct);
        var app = cms.App;
        if (app.Environment.IsDevelopment())
        {
            await app.Services.GetRequiredService<Migrator>().Migrate(ct);
            await SiteSetup.Render(app.Services, ct);
            if (await IsEmpty(app.Services, ct)) await Seed.Run(app, output, ct);
            var token = await DevelopmentToken.Ensure(app.Services, cms.DataFolder, ct);
            app.Lifetime.ApplicationStarted.Register(() => Welcome(app, token, cms.DataFolder, output));
        }
        else
        {
            await RefuseOldSchema(app.Services, ct);
        }

        await app.RunAsync(ct);
        return 0;
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

    private static void Welcome(WebApplication app, TokenSecret token, string dataFolder, TextWriter output)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = (addresses.FirstOrDefault() ?? "").Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).TrimEnd('/');
        output.WriteLine($"""

              Cms runs.
                docs       {address}/docs
                delivery   {address}/delivery/v1/articles
                try        curl -s {address}/delivery/v1/articles/{SampleSlug}
                token      {token.Reveal()}
                           (all scopes, for development; kept in {Path.Combine(dataFolder, DevelopmentToken.FileName)})
                drafts     curl -s -H "Authorization: Bearer {token.Reveal()}" {address}/management/v1/articles

            """);
    }
}
