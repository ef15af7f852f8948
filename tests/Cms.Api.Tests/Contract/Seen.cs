using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Xunit.v3;

namespace Cms.Api.Tests.Contract;

/// <summary>What this run has seen the service answer, and which tests it ran.</summary>
internal static class Seen
{
    private static readonly ConcurrentDictionary<(string Method, string Path, int Status), bool> Set = new();
    private static readonly ConcurrentDictionary<MethodInfo, bool> Ran = new();

    public static ICollection<(string Method, string Path, int Status)> Answers => Set.Keys;

    public static ICollection<MethodInfo> Tests => Ran.Keys;

    public static void Answer(HttpMethod method, string path, HttpStatusCode status) => Set.TryAdd((method.Method, path.Split('?')[0], (int)status), true);

    public static void Test(MethodInfo method) => Ran.TryAdd(method, true);
}

/// <summary>Every test of the assembly is recorded as it begins.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RecordedAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Seen.Test(methodUnderTest);
}
