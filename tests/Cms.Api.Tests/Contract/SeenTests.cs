using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cms.Api.OpenApi;

namespace Cms.Api.Tests.Contract;

/// <summary>Runs when all others have: xunit runs what must be alone after what may run beside others.</summary>
[CollectionDefinition(nameof(AfterAll), DisableParallelization = true)]
public sealed class AfterAll;

/// <summary>
/// A status that the contract declares is one that the suite has seen. What it has not stands in <c>Contract/unseen.txt</c>, a list that may
/// only shrink. Only a run of the whole suite can tell.
/// </summary>
[Collection(nameof(AfterAll))]
public sealed partial class SeenTests
{
    private static readonly string[] Unseen = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Cms.Api.Tests", "Contract", "unseen.txt"));

    [Fact]
    public void Every_declared_status_was_seen()
    {
        var all = typeof(SeenTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .Where(m => m.GetCustomAttributes<FactAttribute>().Any(f => f.Skip is null)).ToHashSet();
        all.ExceptWith(Seen.Tests);
        // .ci/run sets CI and runs everything: there a check that is passed over would never be missed.
        Assert.SkipWhen(all.Count > 0 && Environment.GetEnvironmentVariable("CI") is null, "Only the whole suite can tell.");
        Assert.Empty(all);

        var operations = Documents.Faces.Keys.SelectMany(Operations).OrderBy(o => o.Parameters).ToList();
        var declared = operations.SelectMany(o => o.Statuses.Select(s => $"{o.Name} {s}")).ToHashSet();
        var seen = Seen.Answers.Select(a => (operations.FirstOrDefault(o => o.Takes(a.Method, a.Path))?.Name, a.Status)).Select(a => $"{a.Name} {a.Status}").ToHashSet();

        Assert.NotEmpty(declared);
        var unseen = declared.Except(seen).ToHashSet();
        Assert.True(unseen.SetEquals(Unseen), $"Declared and not seen: {Lines(unseen.Except(Unseen))}\nIn unseen.txt, but seen or not declared any more: {Lines(Unseen.Except(unseen))}");
    }

    private static string Lines(IEnumerable<string> entries) => string.Concat(entries.Order(StringComparer.Ordinal).Select(e => $"\n{e}"));

    private static IEnumerable<Declared> Operations(string face)
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "openapi", $"{face}.json")))!;
        foreach (var (path, item) in document["paths"]!.AsObject())
            foreach (var (method, operation) in item!.AsObject())
                yield return new(operation!["operationId"]!.GetValue<string>(), method.ToUpperInvariant(), AddressOf(path, operation), path.Count(c => c == '{'),
                    [.. operation["responses"]!.AsObject().Select(r => r.Key)]);
    }

    // A parameter that is an id takes nothing else: another text there is an address that is not there.
    private static Regex AddressOf(string path, JsonNode operation)
    {
        var ids = (operation["parameters"]?.AsArray() ?? []).Where(p => p!["schema"]?["format"]?.GetValue<string>() == "uuid").Select(p => p!["name"]!.GetValue<string>()).ToHashSet();
        return new($"^{Parameter().Replace(path, p => ids.Contains(p.Groups[1].Value) ? "[0-9a-fA-F-]{36}" : "[^/]+")}$", RegexOptions.NonBacktracking);
    }

    [GeneratedRegex(@"\{(\w+)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    private sealed record Declared(string Name, string Method, Regex Address, int Parameters, IReadOnlyList<string> Statuses)
    {
        // HEAD is GET without its body, and stands in no document.
        public bool Takes(string method, string path) => (method == Method || (method == "HEAD" && Method == "GET")) && Address.IsMatch(path);
    }
}
