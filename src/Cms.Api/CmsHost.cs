using Cms.Api.Commands;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Postgres;

namespace Cms.Api;

/// <summary>The service, built upon its databases: configured ones, or in Development one of its own.</summary>
internal sealed class CmsHost : IAsyncDisposable
{
    private readonly Databases databases;
    private readonly EmbeddedPostgres? embedded;

    private CmsHost(WebApplication app, Databases databases, EmbeddedPostgres? embedded, string dataFolder) =>
        (App, this.databases, this.embedded, DataFolder) = (app, databases, embedded, dataFolder);

    public WebApplication App { get; }

    /// <summary>Where Development keeps what it makes.</summary>
    public string DataFolder { get; }

    /// <param name="args">Configuration of the command line, such as <c>--urls</c>.</param>
    /// <param name="output">Where people read what was chosen for them.</param>
    /// <param name="ct">Cancels the start of a database.</param>
    /// <param name="configure">What a test sets before the service is built.</param>
    public static async Task<CmsHost> Build(string[] args, TextWriter output, CancellationToken ct, Action<WebApplicationBuilder>? configure = null)
    {
        // Settings stand beside the assembly, so that the service starts the same from whichever folder.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        configure?.Invoke(builder);
        if (builder.Configuration["Cms:SecretsFolder"] is { Length: > 0 } secrets) builder.Configuration.AddKeyPerFile(secrets, optional: false);
        var dataFolder = DataFolderOf(builder.Configuration);

        var (strings, embedded) = await Choose(builder, dataFolder, output, ct);
        var databases = new Databases(strings);
        builder.Services.AddSingleton(databases);
        builder.Services.AddSingleton(new SuppressionKey(KeyOf(builder, dataFolder)));
        CmsApplication.Add(builder);
        var app = builder.Build();
        CmsApplication.Use(app);
        CmsApplication.Map(app);
        return new(app, databases, embedded, dataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await databases.DisposeAsync();
        if (embedded is not null) await embedded.DisposeAsync();
    }

    private static async Task<(ConnectionStrings Strings, EmbeddedPostgres? Embedded)> Choose(
        WebApplicationBuilder builder, string dataFolder, TextWriter output, CancellationToken ct)
    {
        var configuration = builder.Configuration;
        if (configuration.GetConnectionString("Cms") is { Length: > 0 } cms)
            return (new(cms, Given(configuration, "CmsOwner"), Given(configuration, "CmsDelivery")), null);
        if (!builder.Environment.IsDevelopment())
            throw new CommandException(
                "No database is configured. Set ConnectionStrings__Cms, such as \"Host=localhost;Database=cms;Username=cms;Password=…\". "
                + "(In Development, ASPNETCORE_ENVIRONMENT=Development, the service runs a PostgreSQL of its own.)");

        var embedded = await EmbeddedPostgres.StartAsync(dataFolder, output.WriteLine, ct);
        return (new(embedded.ConnectionString, null, null), embedded);
    }

    private static string? Given(ConfigurationManager configuration, string name) => configuration.GetConnectionString(name) is { Length: > 0 } given ? given : null;

    // Beside the solution when it runs from a clone, so that every command finds the same; else where it was started.
    private static string DataFolderOf(ConfigurationManager configuration)
    {
        if (configuration["Cms:DataFolder"] is { Length: > 0 } configured) return Path.GetFullPath(configured);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Cms.sln"))) return Path.Combine(folder.FullName, ".data");
        return Path.GetFullPath(".data");
    }

    private static byte[] KeyOf(WebApplicationBuilder builder, string dataFolder)
    {
        var configured = builder.Configuration["Cms:SuppressionKey"];
        if (builder.Environment.IsDevelopment() && string.IsNullOrEmpty(configured)) return PrivateFile.Key(Path.Combine(dataFolder, "suppression.key"));
        var key = new byte[1_024];
        return configured is not null && Convert.TryFromBase64String(configured.Trim(), key, out var length) && length >= 32
            ? key[..length]
            : throw new CommandException("Set Cms__SuppressionKey: base64 of 32 random bytes or more, such as `openssl rand -base64 32` makes. Keep it for ever.");
    }
}
