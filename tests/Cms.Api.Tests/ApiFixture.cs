using Cms.Api.Tests.Mail;
using Cms.Domain;
using Cms.Domain.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests;

/// <summary>One PostgreSQL and one service for the whole run. Each test owns its rows; what needs settings or a clock of its own starts a service of its own.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    // `dotnet test` shows what a test run prints only when it fails: .ci/run shows this file.
    private static readonly string DatabaseFile = Path.Combine(AppContext.BaseDirectory, "test-database.txt");

    private MailServer? mails;
    private TestDatabase? database;
    private TestService? service;
    private HttpClient? anonymous;
    private HttpClient? editor;

    public TestDatabase Database => database ?? throw new InvalidOperationException("The fixture has not started.");

    /// <summary>Where the service's mails go: a real server.</summary>
    public MailServer Mails => mails ?? throw new InvalidOperationException("The fixture has not started.");

    public TestService Service => service ?? throw new InvalidOperationException("The fixture has not started.");

    /// <summary>A reader: no token.</summary>
    public HttpClient Reader => anonymous ?? throw new InvalidOperationException("The fixture has not started.");

    /// <summary>A client with every scope.</summary>
    public HttpClient Editor => editor ?? throw new InvalidOperationException("The fixture has not started.");

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        database = await TestDatabase.Start(ct);
        var name = $"The tests run on {database.Name}.";
        Console.WriteLine(name);
        await File.WriteAllTextAsync(DatabaseFile, name + "\n", ct);
        mails = await MailServer.Start();
        service = await TestService.Start(await database.Create(ct), ct, mails.Settings);
        anonymous = service.Anonymous();
        editor = await service.Client(ct, [.. Scope.All]);
    }

    /// <summary>The service's own time.</summary>
    public DateTimeOffset Now() => Service.Services.GetRequiredService<TimeProvider>().Now();

    /// <summary>A service of the test's own, on a database of its own.</summary>
    public async Task<TestService> StartService(
        Dictionary<string, string?>? settings = null, Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder>? configure = null)
    {
        var ct = TestContext.Current.CancellationToken;
        return await TestService.Start(await Database.Create(ct), ct, settings, configure);
    }

    public async ValueTask DisposeAsync()
    {
        anonymous?.Dispose();
        editor?.Dispose();
        if (service is not null) await service.DisposeAsync();
        if (mails is not null) await mails.DisposeAsync();
        if (database is not null) await database.DisposeAsync();
    }
}
