using System.Globalization;
using Cms.Domain;
using Cms.Domain.Access;
using Cms.Domain.Text;
using Cms.Infrastructure;

namespace Cms.Api.Commands;

/// <summary>The first token of a newsroom comes from here: whoever runs commands is the operator.</summary>
internal static class TokenCreate
{
    public static async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        var (name, scopes, days, rest) = Read(args);
        return await CommandLine.With(rest, TextWriter.Null, async (app, token) =>
        {
            var secret = await Issue(app.Services, name, scopes, days, token);
            await output.WriteLineAsync(secret.Reveal());
            return 0;
        }, ct);
    }

    /// <summary>Makes a token and stores what proves it.</summary>
    public static async Task<TokenSecret> Issue(IServiceProvider services, string name, IReadOnlyList<string> scopes, int days, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<CmsDbContext>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().Now();
        var secret = TokenSecret.Make();
        db.Add(AccessToken.Issue(secret, name, scopes, createdBy: null, now, now.AddDays(days)));
        await db.SaveChangesAsync(ct);
        return secret;
    }

    private static (string Name, string[] Scopes, int Days, string[] Others) Read(string[] args)
    {
        string? name = null;
        var (scopes, days, rest) = (new List<string>(), AccessToken.DefaultDays, new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--name":
                    (name, i) = (value, i + 1);
                    break;
                case "--scope":
                    // One value may hold several, and the option may stand several times.
                    scopes.AddRange((value ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));
                    i++;
                    break;
                case "--days" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days is >= 1 and <= AccessToken.MaxDays:
                    i++;
                    break;
                case "--days":
                    throw new CommandException($"--days takes a number from 1 to {AccessToken.MaxDays}.", CommandLine.Misused);
                default:
                    rest.Add(args[i]);
                    break;
            }
        }

        CommandLine.OnlySettings([.. rest]);
        if (string.IsNullOrWhiteSpace(name) || name.Length > AccessToken.NameMaxLength || TextRules.Fault(name, TextKind.SingleLine) is not null)
            throw new CommandException("--name is missing: say who or what will use the token, such as --name \"Web frontend\".", CommandLine.Misused);
        var all = scopes is ["all"] ? [.. Scope.All] : scopes.Distinct().ToArray();
        if (all.Length == 0 || all.Except(Scope.All).Any())
            throw new CommandException($"--scope takes some of: {string.Join(", ", Scope.All)}; or all.", CommandLine.Misused);
        return (name, all, days, [.. rest]);
    }
}
