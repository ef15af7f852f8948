using Cms.Domain;
using Cms.Domain.Access;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Commands;

/// <summary>The one credential that exists without anybody's doing: in Development, random, readable by the owner alone, renewed before it ends.</summary>
internal static class DevelopmentToken
{
    public const string FileName = "development-token";

    private static readonly TimeSpan RenewedWithin = TimeSpan.FromDays(7);

    public static async Task<TokenSecret> Ensure(IServiceProvider services, string dataFolder, CancellationToken ct)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (File.Exists(path) && TokenSecret.TryParse((await File.ReadAllTextAsync(path, ct)).Trim(), out var kept) && await Works(services, kept, ct)) return kept;

        var fresh = await TokenCreate.Issue(services, "Development", Scope.All, AccessToken.DefaultDays, ct);
        PrivateFile.Write(path, fresh.Reveal());
        return fresh;
    }

    private static async Task<bool> Works(IServiceProvider services, TokenSecret secret, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CmsDbContext>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().Now();
        var token = await db.Tokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == secret.Id, ct);
        return token is not null && token.SecretHash.AsSpan().SequenceEqual(secret.Hash()) && token.IsLive(now + RenewedWithin) && Scope.All.All(token.Scopes.Contains);
    }
}
