using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Delivery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Bench;

/// <summary>The limits: bare Kestrel endpoints, each kind in a process of its own, without logs, limits or anything else.</summary>
internal static class Limits
{
    /// <summary>Says which database <see cref="Database"/> reads.</summary>
    public const string DatabaseVariable = "CMS_BENCH_DATABASE";

    /// <summary>Memory: sends what the files of a folder hold, the service's own answers.</summary>
    public static async Task Memory(int port, string folder)
    {
        await using var app = Bare(port);
        foreach (var file in Directory.GetFiles(folder, "*.json"))
        {
            var answer = await Canned.Read(file);
            var headers = answer.Headers.ToArray();
            app.MapGet($"/{Path.GetFileNameWithoutExtension(file)}/{{slug}}", (RequestDelegate)(context =>
            {
                var response = context.Response;
                response.StatusCode = answer.Status;
                foreach (var (name, value) in headers) response.Headers[name] = value;
                if (answer.Status == 304) return Task.CompletedTask;
                response.ContentLength = answer.Body.Length;
                return response.Body.WriteAsync(answer.Body, 0, answer.Body.Length);
            }));
        }

        await app.RunAsync();
    }

    /// <summary>Npgsql by hand: one prepared statement, a pool of eight; the headers of the service's own answers.</summary>
    public static async Task Database(int port, string connectionString, string folder)
    {
        var (articleHeaders, listHeaders) = (await Headers(folder, "article"), await Headers(folder, "list"));
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 8, MinPoolSize = 8, MaxAutoPrepare = 8, AutoPrepareMinUsages = 1 };
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        await using var app = Bare(port);
        app.MapGet("/article/{slug}", (RequestDelegate)(async context =>
        {
            await using var command = source.CreateCommand("SELECT etag, body FROM bench.articles WHERE slug = $1");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = (string)context.Request.RouteValues["slug"]! });
            await using var reader = await command.ExecuteReaderAsync(context.RequestAborted);
            if (!await reader.ReadAsync(context.RequestAborted))
            {
                context.Response.StatusCode = 404;
                return;
            }

            var (etag, body) = (reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            foreach (var (name, value) in articleHeaders) context.Response.Headers[name] = value;
            context.Response.Headers.ETag = $"\"{etag}\"";
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }));
        app.MapGet("/list/{section:guid}", (RequestDelegate)(async context =>
        {
            await using var command = source.CreateCommand("""
                SELECT s.json FROM (SELECT at, id FROM bench.listings WHERE section = $1 AND (at, id) < ('9999-01-01', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                  ORDER BY at DESC, id DESC LIMIT 21) l JOIN bench.summaries s USING (id) ORDER BY l.at DESC, l.id DESC
                """);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.Parse((string)context.Request.RouteValues["section"]!, CultureInfo.InvariantCulture) });
            await using var reader = await command.ExecuteReaderAsync(context.RequestAborted);
            var body = new ArrayBufferWriter<byte>(16 * 1024);
            body.Write("{\"items\":["u8);
            for (var i = 0; i < 20 && await reader.ReadAsync(context.RequestAborted); i++)
            {
                if (i > 0) body.Write(","u8);
                body.Write(reader.GetFieldValue<byte[]>(0));
            }

            body.Write("]}"u8);
            foreach (var (name, value) in listHeaders) context.Response.Headers[name] = value;
            context.Response.ContentLength = body.WrittenCount;
            await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }));
        await app.RunAsync();
    }

    /// <summary>The service's EF model and nothing else of it: what a start cannot do without that asks EF a question.</summary>
    public static async Task Model(int port, string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var app = Bare(port);
        var options = new DbContextOptionsBuilder<CmsDbContext>();
        CmsModel.Configure(options, source, new DeliveryClock(cache: null));
        app.MapGet("/sections", (RequestDelegate)(async context =>
        {
            await using var db = new CmsDbContext(options.Options, new Actor(), TimeProvider.System);
            await context.Response.WriteAsync($"{await db.Sections.CountAsync(context.RequestAborted)}");
        }));
        await app.RunAsync();
    }

    private static async Task<KeyValuePair<string, string>[]> Headers(string folder, string name) =>
        [.. (await Canned.Read(Path.Combine(folder, $"{name}.json"))).Headers.Where(h => h.Key != "ETag")];

    private static WebApplication Bare(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}").ConfigureKestrel(k => k.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.MapGet("/", (RequestDelegate)(context => context.Response.WriteAsync("ready")));
        return app;
    }
}

/// <summary>An answer to send again and again.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">All that the service sent but date and length, which Kestrel writes.</param>
/// <param name="Body">Its bytes.</param>
internal sealed record Canned(int Status, Dictionary<string, string> Headers, byte[] Body)
{
    public static async Task<Canned> Read(string file) => JsonSerializer.Deserialize<Canned>(await File.ReadAllBytesAsync(file)) ?? throw new InvalidOperationException(file);

    /// <summary>What the service answers to a request.</summary>
    public static Canned Of(Ask ask)
    {
        var (head, body) = Load.Once(ask);
        var lines = Encoding.Latin1.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new(ask.Status, lines.Skip(1).Select(l => l.Split(": ", 2)).Where(h => h[0] is not ("Date" or "Content-Length")).ToDictionary(h => h[0], h => h[1]), body);
    }
}
