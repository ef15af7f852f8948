using Cms.Infrastructure.Postgres;
using Microsoft.Extensions.Options;

namespace Cms.Api.Commands;

/// <summary>What the operator asked for could not be done; the message says what to do.</summary>
internal sealed class CommandException(string message, int exitCode = CommandLine.Failed) : Exception(message)
{
    public int ExitCode => exitCode;
}

/// <summary>The first word says what to do; without one, the service serves.</summary>
internal static class CommandLine
{
    public const int Failed = 1, Misused = 2;

    // Of the framework's own settings, what an operator of this service has a use for. All others have a section: `--Cms:PublicUrl=…`.
    private static readonly string[] Settings = ["urls", "http_ports", "https_ports", "environment"];

    private const string Help = """
        Cms, a headless CMS for newsrooms.

          (no command)                         serve
          migrate                              bring the database's schema up to date
          seed                                 load the sample newsroom into an empty database
          token create --name N --scope S …    make a token; it is shown once
                       [--days D]              how long it lives: 90 unless said, 365 at most
          health [PORT]                        ask the service on this machine whether it is ready; 8080 unless said
          outbox                               tell what work waits in the background, and what was given up
          outbox retry                         have what was given up tried again
          roles                                print the SQL that makes the database roles, for an administrator
          --help                               this

        Settings may follow: --urls http://localhost:8081, --environment Production, --Cms:PublicUrl=https://cms.example.org.
        All of them: docs/configuration.md. Through `dotnet run`, commands follow `--`.

        """;

    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error, CancellationToken ct)
    {
        try
        {
            return args switch
            {
                ["help", ..] => await Print(output, Help),
                _ when args.Any(a => a is "--help" or "-h") => await Print(output, Help),
                ["migrate", .. var rest] => await With(rest, output, (app, token) => Migrate.Run(app, output, token), ct),
                ["seed", .. var rest] => await With(rest, output, (app, token) => Seed.Run(app, output, token), ct),
                ["token", "create", .. var rest] => await TokenCreate.Run(rest, output, ct),
                ["token", ..] => throw new CommandException("Type `token create --name N --scope S`. Tokens are listed and revoked on /management/v1/tokens.", Misused),
                ["health", .. var rest] => await HealthProbe.Run(rest, output, ct),
                ["outbox", "retry", .. var rest] => await With(rest, output, (app, token) => OutboxCommand.Retry(app, output, token), ct),
                ["outbox", .. var rest] => await With(rest, output, (app, token) => OutboxCommand.Run(app, output, token), ct),
                ["roles", .. var rest] => await With(rest, output, (app, _) => Print(output, app.Services.GetRequiredService<Migrator>().RolesSql()), ct),
                [] or [['-', ..], ..] => await Serve.Run(OnlySettings(args), output, ct),
                _ => throw new CommandException($"There is no command \"{args[0]}\". `--help` lists them.", Misused),
            };
        }
        catch (CommandException e)
        {
            await error.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures) await error.WriteLineAsync(Sentence(failure));
            return Failed;
        }
        catch (Exception e) when (e is MigrationException or EmbeddedPostgresException)
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
        await using var cms = await CmsHost.Build(OnlySettings(args), output, ct);
        return await act(cms.App, ct);
    }

    /// <summary>The arguments, when all are settings. What nobody reads is refused: it was meant to do something.</summary>
    public static string[] OnlySettings(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            var (argument, name) = (args[i], args[i].Split('=')[0]);
            if (!name.StartsWith("--", StringComparison.Ordinal) || !(name.Contains(':', StringComparison.Ordinal) || Settings.Contains(name[2..], StringComparer.OrdinalIgnoreCase)))
                throw new CommandException($"\"{argument}\" is not known here. `--help` lists commands and their options; settings are like --urls http://localhost:8081 or --Cms:PublicUrl=….", Misused);
            if (name.Length < argument.Length) continue;
            if (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal))
                throw new CommandException($"{argument} needs a value: {argument}=… or {argument} ….", Misused);
        }

        return args;
    }

    // Data annotations put the setting's own sentence in a frame of class names.
    private static string Sentence(string failure) =>
        failure.Split(" with the error: '", 2) is [_, var sentence] && sentence.EndsWith("'.", StringComparison.Ordinal) ? sentence[..^2] : failure;

    private static async Task<int> Print(TextWriter output, string text)
    {
        await output.WriteAsync(text);
        return 0;
    }
}
