using System.Security.Cryptography;
using System.Text;

namespace Cms.Bench;

/// <summary>The service under test, as it is published, in a process of its own.</summary>
internal sealed class Service
{
    private readonly string assembly;

    private Service(string assembly, string limits) => (this.assembly, Limits) = (assembly, limits);

    /// <summary>The program of the limits, this one, published in the same way.</summary>
    public string Limits { get; }

    /// <summary>Publishes the service and the limits, compiled ahead, into folders.</summary>
    public static Service Publish(string repository, string folder)
    {
        Console.WriteLine("Publishing the service and the limits …");
        return new(
            Publish(repository, "src/Cms.Api", Path.Combine(folder, "service"), "Cms.Api.dll"),
            Publish(repository, "bench", Path.Combine(folder, "limits"), "Cms.Bench.dll"));
    }

    private static string Publish(string repository, string project, string folder, string name)
    {
        Child.Run("dotnet", ["publish", Path.Combine(repository, project), "-c", "Release", "-o", folder, "-v", "quiet", "--nologo"]);
        return Path.Combine(folder, name);
    }

    /// <summary>Runs one of its commands.</summary>
    public string Command(string connectionString, params string[] arguments) =>
        Child.Run("dotnet", [assembly, .. arguments], Settings(connectionString, 64));

    /// <summary>Serves as in production.</summary>
    /// <param name="connectionString">Its database.</param>
    /// <param name="cacheMegabytes">What its cache may hold; 0 for a service that reads each answer.</param>
    /// <param name="path">Its first request.</param>
    /// <param name="more">Further settings.</param>
    public Child Serve(string connectionString, int cacheMegabytes, string path = "/health/ready", IReadOnlyDictionary<string, string>? more = null) =>
        Child.Serve(assembly, port => ["--urls", $"http://127.0.0.1:{port}"], path, Settings(connectionString, cacheMegabytes).Concat(more ?? new Dictionary<string, string>()).ToDictionary());

    private static Dictionary<string, string> Settings(string connectionString, int cacheMegabytes) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["ConnectionStrings__Cms"] = connectionString,
        ["Cms__PublicUrl"] = "https://cms.example.org",
        ["Cms__SuppressionKey"] = Convert.ToBase64String(SHA512.HashData(Encoding.UTF8.GetBytes("bench"))),
        ["Cms__Delivery__CacheMegabytes"] = cacheMegabytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["Cms__Limits__RequestsPerMinute"] = "100000",
        ["Cms__Limits__WritesPerMinute"] = "100000",
    };
}
