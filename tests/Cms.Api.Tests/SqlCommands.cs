using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Cms.Api.Tests;

/// <summary>Counts what a request asks of the database.</summary>
public static class SqlCommands
{
    /// <summary>Commands of one request, told from all others by a trace id of its own. A batch is one.</summary>
    public static async Task<int> Of(Func<(string Name, string Value), Task<Answer>> ask, HttpStatusCode? expected = null) => (await WithAnswer(ask, expected)).Commands;

    /// <inheritdoc cref="Of" />
    public static async Task<(int Commands, Answer Answer)> WithAnswer(Func<(string Name, string Value), Task<Answer>> ask, HttpStatusCode? expected = null)
    {
        ArgumentNullException.ThrowIfNull(ask);
        var (trace, count) = (ActivityTraceId.CreateRandom(), new ConcurrentBag<string>());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // Opening a connection is one too, but has no text: whether the pool must is not the request's doing.
                if (activity.Source.Name == "Npgsql" && activity.TraceId == trace && activity.GetTagItem("db.query.text") is not null)
                    count.Add(activity.OperationName);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var answer = await ask(("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
        if (expected is { } status) answer.Is(status);
        else Assert.True((int)answer.Status < 300, answer.Text);
        return (count.Count, answer);
    }

    /// <summary>Runs SQL as the owner, past the service: what a test breaks or looks into.</summary>
    public static async Task<object?> Sql(this TestService service, string sql, params object[] values)
    {
        ArgumentNullException.ThrowIfNull(service);
        var ct = TestContext.Current.CancellationToken;
        await using var source = Npgsql.NpgsqlDataSource.Create(service.ConnectionString);
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync(ct);
    }
}
