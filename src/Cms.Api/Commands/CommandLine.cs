using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Options;

namespace Cms.Api.Commands;

/// <summary>What the operator asked for could not be done; the message says what to do.</summary>
internal sealed class CommandException(string message) : Exception(message);

/// <summary>The first word says what to do; without one, the service serves.</summary>
internal static class CommandLine
{
    private const int Failed = 1, Misused = 2;

    private const string Help = """
        Cms, a headless CMS for newsrooms.

          (no command)                         serve
          migrate                              bring the database's schema up to date
          seed                                 load the sample newsroom into an empty database
          token create --name N --scope S …    make a token; it is shown once
                       [--days D]              how long it lives: 90 unless said, 365 at most
          health [PORT]                        ask the service on this machine whether it is ready; 8080 unless said
          roles                                print the SQL that makes the database roles, for an administrator
          --help                               this

        Configuration: docs/configuration.md. Through `dotnet run`, commands follow `--`.

        """;

    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error, CancellationToken ct)
    {
        try
        {
            return args switch
            {
                ["--help" or "-h" or "help", ..] => await Print(output, Help),
                ["migrate", .. var rest] => await With(rest, output, (app, token) => Migrate.Run(app, output, token), ct),
                ["seed", .. var rest] => await With(rest, output, (app, token) => Seed.Run(app, output, token), ct),
                ["token", "create", .. var rest] => await TokenCreate.Run(rest, output, ct),
                ["health", .. var rest] => await HealthProbe.Run(rest, output, ct),
                ["roles", .. var rest] => await With(rest, output, (app, _) => Print(output, app.Services.GetRequiredService<Migrator>().RolesSql()), ct),
                [] or [['-', ..], ..] => await Serve.Run(args, output, ct),
                _ => await Misuse(error, args[0]),
            };
        }
        catch (Exception e) when (e is CommandException or MigrationException or EmbeddedPostgresException or OptionsValidationException)
        {
            await error.WriteLineAsync(e.Message);
            return Failed;
        }
        catch (Npgsql.NpgsqlException e)
        {
            await error.WriteLineAsync($"The database does not answer as it should: {e.Message}");
            return Failed;
        }
    }

    /// <summary>Builds the service without serving, does one thing with it, and takes it down.</summary>
    public static async Task<int> With(string[] args, TextWriter output, Func<WebApplication, CancellationToken, Task<int>> act, CancellationToken ct)
    {
        await using var cms = await CmsHost.Build(args, output, ct);
        return await act(cms.App, ct);
    }

    private static async Task<int> Print(TextWriter output, string text)
    {
        await output.WriteAsync(text);
        return 0;
    }

    private static async Task<int> Misuse(TextWriter error, string command)
    {
        await error.WriteLineAsync($"There is no command \"{command}\". `--help` lists them.");
        return Misused;
    }
}
