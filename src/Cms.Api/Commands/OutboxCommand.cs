using Cms.Domain;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Commands;

/// <summary>Work left for the background: how much waits, what was given up, and how to have that tried again.</summary>
internal static class OutboxCommand
{
    private const int Shown = 100;

    public static async Task<int> Run(WebApplication app, TextWriter output, CancellationToken ct)
    {
        await using var db = app.Services.GetRequiredService<JobContexts>().Open();
        var (waiting, dead) = (await db.Outbox.CountAsync(e => !e.Dead, ct), await db.Outbox.CountAsync(e => e.Dead, ct));
        await output.WriteLineAsync($"{waiting} events wait, {dead} were given up.");
        foreach (var e in await db.Outbox.AsNoTracking().Where(e => e.Dead).OrderBy(e => e.Id).Take(Shown).ToListAsync(ct))
            await output.WriteLineAsync($"  {e.Id}  {e.Kind}  {e.Target ?? e.Subject.ToString()}  of {e.CreatedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, {e.Attempts} tries");
        if (dead > 0) await output.WriteLineAsync("The log says why. When that is mended: outbox retry.");
        return 0;
    }

    public static async Task<int> Retry(WebApplication app, TextWriter output, CancellationToken ct)
    {
        await using var db = app.Services.GetRequiredService<JobContexts>().Open();
        var now = app.Services.GetRequiredService<TimeProvider>().Now();
        var again = await db.Outbox.Where(e => e.Dead)
            .ExecuteUpdateAsync(e => e.SetProperty(x => x.Dead, false).SetProperty(x => x.Attempts, 0).SetProperty(x => x.NotBefore, now), ct);
        await output.WriteLineAsync($"{again} events will be tried again.");
        return 0;
    }
}
