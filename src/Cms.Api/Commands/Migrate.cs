using Cms.Infrastructure.Postgres;

namespace Cms.Api.Commands;

/// <summary>Brings the schema up to date; outside Development nothing else does.</summary>
internal static class Migrate
{
    public static async Task<int> Run(WebApplication app, TextWriter output, CancellationToken ct)
    {
        var migrator = app.Services.GetRequiredService<Migrator>();
        var pending = await migrator.Pending(ct);
        await migrator.Migrate(ct);
        await SiteSetup.Render(app.Services, ct);
        await output.WriteLineAsync(pending.Count == 0 ? "The schema was up to date." : $"Applied {pending.Count} migrations: {string.Join(", ", pending)}.");
        return 0;
    }
}
