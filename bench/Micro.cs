using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Cms.Api.Http;
using Cms.Domain.Text;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Html;

namespace Cms.Bench;

/// <summary>What one operation costs, and what it allocates.</summary>
[MemoryDiagnoser]
public class Micro
{
    private const string Headline = "Le Kremlin révèle ce que Kim Jong-un a offert à Poutine", Html =
        "Du reste des présents, note <strong>Ech Chorouk</strong>, on ne sait <em>rien</em> : <a href=\"https://example.org/a?b=1&amp;c=2\">la liste</a> n'a pas été <script>alert(1)</script> publiée.";

    private static readonly byte[] Fingerprint = new byte[8], Article = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Html, 30)));

    /// <summary>A slug of a headline.</summary>
    [Benchmark]
    public object SlugOfHeadline() => Slug.Derive(Headline)!;

    /// <summary>A paragraph made safe.</summary>
    [Benchmark]
    public object SanitizeParagraph() => Sanitizer.Inline(Html);

    /// <summary>A cursor written and read.</summary>
    [Benchmark]
    public object CursorThereAndBack() => Cursor.TryRead(Cursor.Write(Fingerprint, Position.Of(Guid.Empty)), Fingerprint, out var position) ? position : throw new InvalidOperationException();

    /// <summary>An article's bytes compressed for readers, once per publication.</summary>
    [Benchmark]
    public object CompressArticle() => Compressed.As(Coding.Brotli, Article);

    internal static void Run(string[] args) => BenchmarkSwitcher.FromTypes([typeof(Micro)]).Run(
        args.Length == 0 ? ["--filter", "*"] : args,
        DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
}
