using System.Reflection;
using Cms.Domain;
using Cms.Infrastructure;

namespace Cms.Api.Tests.Contract;

/// <summary>References go one way: Api, Infrastructure, Domain, the BCL. Sizes stay small enough to be read.</summary>
public sealed class ArchitectureTests
{
    private const int LongestFile = 400, LongestProgram = 60;

    private static readonly string[] Bcl = ["System.", "netstandard", "mscorlib", "Microsoft.CSharp"];

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(r => r.Name ?? "");

    [Fact]
    public void The_domain_knows_nothing_but_the_base_class_library() =>
        Assert.All(References(typeof(RuleBrokenException).Assembly), name => Assert.Contains(Bcl, prefix => name.StartsWith(prefix, StringComparison.Ordinal)));

    [Fact]
    public void The_infrastructure_does_not_know_the_API() => Assert.DoesNotContain("Cms.Api", References(typeof(CmsDbContext).Assembly));

    [Fact]
    public void The_domain_does_not_speak_HTTP_or_SQL_by_its_project_either() =>
        Assert.DoesNotContain("Reference", File.ReadAllText(Path.Combine(Repository.Root, "src", "Cms.Domain", "Cms.Domain.csproj")), StringComparison.Ordinal);

    [Fact]
    public void No_file_is_longer_than_one_idea()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin" or "Migrations" or "Compiled")).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.True(File.ReadLines(f).Count() <= LongestFile, f));
        Assert.True(File.ReadLines(Path.Combine(Repository.Root, "src", "Cms.Api", "Program.cs")).Count() <= LongestProgram);
    }
}
