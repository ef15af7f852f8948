using System.Net;
using Cms.Api.Commands;
using Cms.Api.Http;
using Cms.Api.Operations;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Postgres;
using Npgsql;

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
        if (builder.Configuration["Cms:SecretsFolder"] is { Length: > 0 } secrets) AddSecrets(builder.Configuration, secrets);
        CheckProxies(builder.Configuration);
        var dataFolder = DataFolderOf(builder.Configuration);
        var configured = Configured(builder);
        builder.Services.AddSingleton(new SuppressionKey(KeyOf(builder, dataFolder)));
        builder.AddMail(dataFolder);

        var embedded = configured is null ? await EmbeddedPostgres.StartAsync(dataFolder, output.WriteLine, ct) : null;
        var databases = new Databases(configured ?? new(embedded?.ConnectionString ?? "", null, null));
        try
        {
            return new(BuildApplication(builder, databases), databases, embedded, dataFolder);
        }
        catch
        {
            await Close(databases, embedded);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Close(databases, embedded);
    }

    private static async Task Close(Databases databases, EmbeddedPostgres? embedded)
    {
        await databases.DisposeAsync();
        if (embedded is not null) await embedded.DisposeAsync();
    }

    private static WebApplication BuildApplication(WebApplicationBuilder builder, Databases databases)
    {
        builder.Services.AddSingleton(databases);
        CmsApplication.Add(builder);
        // A start that fails is told by the command, in words; the host would log the stack trace as well.
        WebApplication? app = null;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", _ => app?.Lifetime.ApplicationStarted.IsCancellationRequested ?? false);
        app = builder.Build();
        CmsApplication.Use(app);
        CmsApplication.Map(app);
        return app;
    }

    private static void AddSecrets(ConfigurationManager configuration, string folder)
    {
        try
        {
            configuration.AddKeyPerFile(Path.GetFullPath(folder), optional: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cms__SecretsFolder is \"{folder}\", which is no folder that can be read: {e.Message}");
        }
    }

    private static void CheckProxies(ConfigurationManager configuration)
    {
        foreach (var proxy in CmsOptions.Split(configuration["Cms:KnownProxies"] ?? ""))
            if (!IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
                throw new CommandException($"Cms__KnownProxies has \"{proxy}\", which is no address and no network, such as 10.0.0.7 or 10.0.0.0/8.");
    }

    // Null: Development, which runs a database of its own.
    private static ConnectionStrings? Configured(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (Given(configuration, "Cms") is { } cms)
        {
            var strings = new ConnectionStrings(cms, Given(configuration, "CmsOwner"), Given(configuration, "CmsDelivery"));
            return configuration.GetConnectionString("CmsReplicas") is { Length: > 0 } replicas ? WithReplicas(strings with { CmsReplicas = replicas }) : strings;
        }

        return builder.Environment.IsDevelopment()
            ? null
            : throw new CommandException(
                "No database is configured. Set ConnectionStrings__Cms, such as \"Host=localhost;Database=cms;Username=cms;Password=…\". "
                + "(In Development, ASPNETCORE_ENVIRONMENT=Development, the service runs a PostgreSQL of its own.)");
    }

    private static string? Given(ConfigurationManager configuration, string name)
    {
        if (configuration.GetConnectionString(name) is not { Length: > 0 } given) return null;
        try
        {
            NpgsqlDataSource.Create(given).Dispose(); // opens no connection
            return given;
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"ConnectionStrings__{name} is not like \"Host=localhost;Database=cms;Username=cms;Password=…\": {e.Message}");
        }
    }

    private static ConnectionStrings WithReplicas(ConnectionStrings strings)
    {
        try
        {
            foreach (var (_, each) in strings.Replicas()) NpgsqlDataSource.Create(each).Dispose();
            return strings;
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"ConnectionStrings__CmsReplicas is not like \"Host=standby1,standby2\": {e.Message}");
        }
    }

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
        if (configured is not null && Convert.TryFromBase64String(configured.Trim(), key, out var length) && length >= 32
            && (!builder.Environment.IsProduction() || LooksRandom(key.AsSpan(0, length)))) return key[..length];
        throw new CommandException("Set Cms__SuppressionKey: base64 of 32 random bytes or more, such as `openssl rand -base64 32` makes. Keep it for ever.");
    }

    // Of 32 random bytes about 30 differ; a sample, such as zeros or one word again and again, has few.
    private static bool LooksRandom(ReadOnlySpan<byte> key)
    {
        var different = new HashSet<byte>();
        foreach (var one in key) different.Add(one);
        return different.Count >= 16;
    }
}
