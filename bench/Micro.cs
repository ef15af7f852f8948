using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Authors;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Cms.Domain.Tags;
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

    private static readonly Publication Published = Story();

    private static readonly RenderSources Sources = new(
        Site.Defaults, new SectionTree([]), new Dictionary<Guid, Tag>(), new Dictionary<Guid, Author>(), new Dictionary<Guid, ShownArticle>(), Array.Empty<ShownArticle>().ToLookup(a => a.Id));

    private static readonly byte[] Fingerprint = new byte[8], Json = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Html, 30)));

    /// <summary>A slug of a headline.</summary>
    [Benchmark]
    public object SlugOfHeadline() => Slug.Derive(Headline)!;

    /// <summary>A paragraph made safe.</summary>
    [Benchmark]
    public object SanitizeParagraph() => Sanitizer.Inline(Html);

    /// <summary>A cursor written and read.</summary>
    [Benchmark]
    public object CursorThereAndBack() => Cursor.TryRead(Cursor.Write(Fingerprint, Position.Of(Guid.Empty)), Fingerprint, out var position) ? position : throw new InvalidOperationException();

    /// <summary>Everything that readers get of an article, as bytes, before it is compressed: once per publication, and once per change of what it shows.</summary>
    [Benchmark]
    public object RenderArticle() => new ArticleRenderer(Sources).Render(Published);

    /// <summary>An article's bytes compressed for readers, once per publication.</summary>
    [Benchmark]
    public object CompressArticle() => Compressed.As(Coding.Brotli, Json);

    private static Publication Story()
    {
        var now = TimeProvider.System.Now();
        var article = Article.Create(Guid.CreateVersion7(now), Slug.Parse("le-kremlin-revele"), slugGiven: false, createdBy: null, now);
        article.Revise(
            new()
            {
                Language = "fr",
                Kicker = "Diplomatie",
                Headline = Headline,
                Standfirst = Html,
                Credits = [new(CreditRole.Author, "Une rédactrice", null)],
                Body = [.. Enumerable.Range(0, 9).Select(i => new ParagraphBlock($"b{i}", Sanitizer.Inline(Html)))],
            }, article.Slug, slugGiven: false, externalId: null, wordCount: 300, now);
        return Publication.Of(article, now);
    }

    internal static void Run(string[] args) => BenchmarkSwitcher.FromTypes([typeof(Micro)]).Run(
        args.Length == 0 ? ["--filter", "*"] : args,
        DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
}
