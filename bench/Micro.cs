using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Cms.Domain.Text;
using Cms.Infrastructure.Html;

namespace Cms.Bench;

/// <summary>What one operation costs, and what it allocates.</summary>
[MemoryDiagnoser]
public class Micro
{
    private const string Headline = "Le Kremlin révèle ce que Kim Jong-un a offert à Poutine", Html =
        "Du reste des présents, note <strong>Ech Chorouk</strong>, on ne sait <em>rien</em> : <a href=\"https://example.org/a?b=1&amp;c=2\">la liste</a> n'a pas été <script>alert(1)</script> publiée.";

    /// <summary>A slug of a headline.</summary>
    [Benchmark]
    public object SlugOfHeadline() => Slug.Derive(Headline)!;

    /// <summary>A paragraph made safe.</summary>
    [Benchmark]
    public object SanitizeParagraph() => Sanitizer.Inline(Html);

    internal static void Run(string[] args) => BenchmarkSwitcher.FromTypes([typeof(Micro)]).Run(
        args.Length == 0 ? ["--filter", "*"] : args,
        DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
}
