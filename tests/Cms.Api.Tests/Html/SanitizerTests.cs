using System.Text;
using AngleSharp.Html.Parser;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Tests;
using Cms.Infrastructure.Html;
using CsCheck;

namespace Cms.Api.Tests.Html;

public sealed class SanitizerTests
{
    private const string Inline = "a strong em code br sub sup";
    private const string Block = Inline + " p h2 h3 h4 ul ol li blockquote figure figcaption img table thead tbody tr th td hr pre";

    [Theory]
    [InlineData("a & b < c > d \"e\"", "a &amp; b &lt; c &gt; d \"e\"")]
    [InlineData("<b>x</b> <i>y</i> <s>z</s>", "<strong>x</strong> <em>y</em> z")]
    [InlineData("<a href='https://x.example/?a=1&b=2' title='\"t\"' class=c>x</a>", "<a href=\"https://x.example/?a=1&amp;b=2\" title=\"&quot;t&quot;\">x</a>")]
    [InlineData("<a href=/x target=_blank rel=opener>x</a>", "<a href=\"/x\" target=\"_blank\" rel=\"noopener\">x</a>")]
    [InlineData("<a href=mailto:a@x.example>x</a>", "<a href=\"mailto:a@x.example\">x</a>")]
    [InlineData("<a href=' HTTPS://x.example/a b\n'>x</a>", "<a href=\"HTTPS://x.example/a%20b\">x</a>")]
    [InlineData("<a href='javascript:alert(1)'>x</a>", "<a>x</a>")]
    [InlineData("<a href='//x.example'>x</a>", "<a>x</a>")]
    [InlineData("<a href='/&#9;/x.example'>x</a>", "<a>x</a>")]
    [InlineData("<a href='/ /x.example'>x</a>", "<a>x</a>")]
    [InlineData("<a href='h ttps://x.example'>x</a>", "<a>x</a>")]
    [InlineData("<p>a</p><p>b</p>", "a<br>b")]
    [InlineData("a<script>x</script>b", "ab")]
    [InlineData("<em>x<p>y</p></em>", "<em>x<br>y</em>")]
    [InlineData("x<sub>i<sub>j</sub></sub><em><em>k</em></em>", "x<sub>i<sub>j</sub></sub><em>k</em>")]
    [InlineData("<em>&#x338;x</em>", "<em>&#x338;x</em>")]
    public void Inline_text_keeps_only_the_small_subset(string html, string safe) => Assert.Equal(safe, Sanitizer.Inline(html));

    [Theory]
    [InlineData("<div>a</div><div>b</div>", "a<br>b")]
    [InlineData("<strong><p>a</p>b</strong>", "<p><strong>a</strong></p><strong>b</strong>")]
    [InlineData("<table><tr><td>a</table>", "<table><tbody><tr><td>a</td></tr></tbody></table>")]
    [InlineData("<ul>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>")]
    [InlineData("<h2><p>a</p><p>b</p></h2>", "<h2>a<br>b</h2>")]
    [InlineData("<pre>\n\nx</pre>", "<pre>\n\nx</pre>")]
    [InlineData("<figure><img src=/x alt=y width=10 height=1e3 onerror=z><figcaption>c</figcaption></figure>", "<figure><img src=\"/x\" alt=\"y\" width=\"10\"><figcaption>c</figcaption></figure>")]
    [InlineData("<img src=mailto:x alt=y>", "")]
    [InlineData("<figcaption>a</figcaption><li>b", "a<br>b")]
    [InlineData("a<hr>b", "a<hr>b")]
    [InlineData("<svg><p>x</p></svg>", "<p>x</p>")] // an HTML tag ends foreign content
    public void A_block_keeps_its_structure_and_nothing_else(string html, string safe) => Assert.Equal(safe, Sanitizer.Block(html));

    [Theory]
    [InlineData("script")]
    [InlineData("style")]
    [InlineData("template")]
    [InlineData("noscript")]
    [InlineData("svg")]
    [InlineData("math")]
    [InlineData("iframe")]
    [InlineData("object")]
    [InlineData("textarea")]
    [InlineData("title")]
    [InlineData("xmp")]
    [InlineData("noembed")]
    [InlineData("noframes")]
    public void What_holds_code_or_another_language_goes_with_all_it_holds(string name)
    {
        Assert.Equal("ac", Sanitizer.Inline($"a<{name}>b</{name}>c"));
        Assert.Equal("<p>a</p><p>c</p>", Sanitizer.Block($"<p>a</p><{name}>b</{name}><p>c</p>"));
        Assert.DoesNotContain("b", Sanitizer.Block($"<p>a<{name}>b"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("form")]
    [InlineData("div")]
    [InlineData("span")]
    [InlineData("x-unknown")]
    public void Another_element_loses_its_tags_and_keeps_its_text(string name) =>
        Assert.Equal("<p>b</p>", Sanitizer.Block($"<{name} onclick=x><p>b</p></{name}>"));

    [Fact]
    public void Prose_reads_in_the_output_what_a_parser_reads() => HtmlCorpus.Fragment.Hold(html =>
    {
        var safe = Sanitizer.Inline(html);
        var body = new HtmlParser().ParseDocument("<!doctype html><body>" + safe.Replace("<br>", "\n", StringComparison.Ordinal)).Body!;
        Assert.Equal(body.TextContent, Prose.Plain(safe));
    }, samples: 5_000);

    [Fact]
    public void No_attack_gets_through() => Assert.All(HtmlCorpus.Attacks, IsSafe);

    [Fact]
    public void No_mixture_gets_through() => HtmlCorpus.Fragment.Hold(IsSafe, samples: 10_000);

    [Fact]
    public void Any_text_has_an_answer() => Gen.String.Hold(IsSafe, samples: 5_000);

    [Fact]
    public void The_short_way_for_plain_text_answers_as_the_long_one() =>
        Gen.OneOf(Gen.String, HtmlCorpus.Fragment).Select(t => t.Replace('<', '>').Replace('&', '\u0338')).Hold(text =>
        {
            Assert.Equal(Sanitizer.Rebuild(text, Holds.Phrasing), Sanitizer.Inline(text));
            Assert.Equal(Sanitizer.Rebuild(text, Holds.Flow), Sanitizer.Block(text));
        }, samples: 10_000);

    [Theory]
    [InlineData("<b>")]
    [InlineData("<div>")]
    [InlineData("<sub>")]
    [InlineData("<ul><li>")]
    [InlineData("<blockquote>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<svg>")]
    [InlineData("<p><a href=/x>")]
    [InlineData("<a href=/x><table>")]
    [InlineData("</p>")]
    [InlineData("&#x338;")]
    public void Depth_and_time_are_bounded(string piece)
    {
        var html = string.Concat(Enumerable.Repeat(piece, 50_000 / piece.Length)) + "x";
        var safe = Sanitizer.Block(html);

        Assert.InRange(HtmlTree.Depth(safe), 0, 50);
        Assert.Equal(safe, Sanitizer.Block(safe));
        Assert.Equal(HtmlTree.Written(safe), HtmlTree.Parsed(safe));
    }

    [Fact]
    public void Unclosed_formatting_with_many_attributes_does_not_fill_the_memory()
    {
        var html = "<p>" + string.Concat(Enumerable.Range(0, 3_500).Select(i => $"<b {i}>")) + "</p>" + string.Concat(Enumerable.Repeat("<p>x", 6_000));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var safe = Sanitizer.Block(html);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000); // 12 GB while unused attributes were parsed
        Assert.Equal(safe, Sanitizer.Block(safe));
    }

    [Fact]
    public void What_would_grow_without_end_keeps_its_text_alone()
    {
        var html = $"<p><a href='/{new string('y', 2_000)}'></p>" + string.Concat(Enumerable.Repeat("<p>x", 10_000));

        Assert.Equal(new string('x', 10_000), Sanitizer.Block(html));
    }

    private static void IsSafe(string html)
    {
        Check(html, Sanitizer.Inline(html), Sanitizer.Inline, Inline);
        Check(html, Sanitizer.Block(html), Sanitizer.Block, Block);
    }

    private static void Check(string html, string safe, Func<string, string> again, string allowed)
    {
        Assert.Equal(safe, again(safe));
        Assert.True(safe.Split('\uFFFE').All(part => part.IsNormalized(NormalizationForm.FormC)), html);
        Assert.Equal(HtmlTree.Parsed(safe), HtmlTree.ParsedAsFragment(safe));
        if (!safe.AsSpan().ContainsAny('\uFFFE', '\uFFFF')) Assert.Equal(HtmlTree.Written(safe), HtmlTree.Parsed(safe)); // XML has no such characters

        foreach (var element in new HtmlParser().ParseDocument("<!doctype html><body>" + safe).Body!.QuerySelectorAll("*"))
        {
            Assert.Contains(element.LocalName, allowed.Split(' '));
            foreach (var attribute in element.Attributes)
            {
                Assert.Contains($"{element.LocalName} {attribute.Name}", "a href,a title,a target,a rel,img src,img alt,img width,img height".Split(','));
                if (attribute.Name is "href" or "src") Assert.True(IsHarmless(attribute.Value), attribute.Value);
            }

            Assert.Equal(element.HasAttribute("target") ? "noopener" : null, element.GetAttribute("rel"));
        }
    }

    // As a browser would on our page: a path stays with us, all else names its scheme itself.
    private static bool IsHarmless(string url) => Uri.TryCreate(new Uri("https://newsroom.example/"), url, out var target) && (url.StartsWith('/')
        ? target is { Scheme: "https", Host: "newsroom.example" }
        : target.Scheme is "http" or "https" or "mailto" && url.StartsWith(target.Scheme + ":", StringComparison.OrdinalIgnoreCase));
}
