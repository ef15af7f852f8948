using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Cms.Api.Commands;
using Cms.Api.Tests.Operations;
using Cms.Domain.Access;
using Npgsql;

namespace Cms.Api.Tests.Commands;

/// <summary>The service as Development starts it: what the console shows, and what is left when it ends.</summary>
public sealed partial class ServeTests(ApiFixture fixture) : IDisposable
{
    private readonly DirectoryInfo data = Readable(Directory.CreateTempSubdirectory("cms-test-"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_curl_line_of_the_console_works_whatever_is_published()
    {
        await using var service = await fixture.StartService();
        using var editor = await service.Client(Ct, [.. Scope.All]);
        var section = await editor.OpenSection();
        Assert.Equal("/delivery/v1/articles", await Tried(service.ConnectionString));

        var older = await editor.Story(Wire.Unique("Le pont"), section.Id);
        var newer = await editor.Story(Wire.Unique("Le port"), section.Id);
        Assert.Equal($"/delivery/v1/articles/{newer.Slug()}", await Tried(service.ConnectionString));

        await editor.Withdraw(newer);
        Assert.Equal($"/delivery/v1/articles/{older.Slug()}", await Tried(service.ConnectionString));
    }

    [Theory]
    [InlineData("15", 143)]
    [InlineData("2", 130)]
    public async Task A_signal_before_the_service_listens_ends_it_and_leaves_no_PostgreSQL(string signal, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        using var process = Start();
        await Line(process, "Making an empty database");

        Assert.Equal(code, await End(process, signal));

        Assert.False(PostgresRuns);
    }

    [Fact]
    public async Task A_signal_while_it_serves_is_a_good_end_and_leaves_no_PostgreSQL()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        using var process = Start();
        await Line(process, "Cms runs.");
        Assert.True(PostgresRuns);

        Assert.Equal(0, await End(process, "15"));

        Assert.False(PostgresRuns);
    }

    [Fact]
    public async Task A_signal_while_PostgreSQL_is_away_ends_it_all_the_same()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such signals.");
        var database = await fixture.Database.Create(Ct);
        var (cable, connectionString) = Cable.Between(database);
        using var process = Start($"--ConnectionStrings:Cms={connectionString}");
        await Line(process, "Cms runs.");
        await using var source = NpgsqlDataSource.Create(database);
        await using var jobs = source.CreateCommand("SELECT max(last_checkin_time) FROM cms.qrtz_scheduler_state");
        object? first = null;
        await Waiting.Until(async () => (first = await jobs.ExecuteScalarAsync(Ct)) is long, "Quartz.NET has not come");
        await Waiting.Until(async () => !Equals(first, await jobs.ExecuteScalarAsync(Ct)), "Quartz.NET does not come again");

        cable.Cut();
        for (var noticed = 0; noticed < 6; noticed++) await Line(process, "Imports could not be worked"); // a second each: by now Quartz.NET was to come again
        try
        {
            Assert.Equal(0, await End(process, "15").WaitAsync(TimeSpan.FromSeconds(40), Ct));
        }
        finally
        {
            process.Kill(); // where it did not end by itself
            await cable.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_start_that_fails_after_its_PostgreSQL_started_stops_it()
    {
        var error = new StringWriter();

        Assert.Equal(1, await CommandLine.Run(
            ["--environment=Development", $"--Cms:DataFolder={data}", $"--urls={fixture.Service.Address.GetLeftPart(UriPartial.Authority)}"], TextWriter.Null, error, Ct));

        Assert.Contains("--urls http://localhost:8081", error.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(data.FullName, "postgres", "log")), "it had started");
        Assert.False(PostgresRuns);
    }

    private bool PostgresRuns => File.Exists(Path.Combine(data.FullName, "postgres", "cluster", "postmaster.pid"));

    public void Dispose() => data.Delete(recursive: true);

    // Serves, asks for what the console shows, and gives its path.
    private async Task<string> Tried(string connectionString)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var (output, error) = (new Watched("Cms runs."), new StringWriter());
        var serving = CommandLine.Run(
            ["--environment=Development", $"--ConnectionStrings:Cms={connectionString}", $"--Cms:DataFolder={data}", "--urls=http://127.0.0.1:0", "--Logging:Console:LogLevel:Default=None"],
            output, error, stop.Token);
        await await Task.WhenAny(output.Seen, serving);
        Assert.True(output.Seen.IsCompleted, $"It ended before it served: {error}");

        var address = new Uri(CurlLine().Match(output.ToString()).Groups[1].Value);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = address };
        (await client.Get(address.AbsolutePath)).Is(HttpStatusCode.OK);
        await stop.CancelAsync();
        Assert.Equal(0, await serving);
        return address.AbsolutePath;
    }

    private Process Start(params string[] more)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = [typeof(CommandLine).Assembly.Location, "--environment", "Development", $"--Cms:DataFolder={data}", "--urls", "http://127.0.0.1:0", .. more];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException("There is no dotnet.");
    }

    private static async Task Line(Process process, string text)
    {
        while (await process.StandardOutput.ReadLineAsync(Ct) is { } line)
            if (line.Contains(text, StringComparison.Ordinal)) return;
        Assert.Fail($"It ended before it said \"{text}\": {await process.StandardError.ReadToEndAsync(Ct)}");
    }

    private static async Task<int> End(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct), process.WaitForExitAsync(Ct));
        return process.ExitCode;
    }

    // As root, PostgreSQL's own user must reach it.
    private static DirectoryInfo Readable(DirectoryInfo folder)
    {
        if (!OperatingSystem.IsWindows()) folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return folder;
    }

    [GeneratedRegex(@"try +curl -s (\S+)")]
    private static partial Regex CurlLine();

    private sealed class Watched(string text) : StringWriter
    {
        private readonly TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => seen.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true) seen.TrySetResult();
        }
    }
}
