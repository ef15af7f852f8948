using Cms.Domain.Articles.Blocks;
using Cms.Domain.Tests.Text;
using CsCheck;

namespace Cms.Domain.Tests.Articles;

public sealed class ProseTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Le Kremlin", "Le Kremlin")]
    [InlineData("<strong>Le</strong> <a href=\"/x?a=1&amp;b=2\" title=\"&lt;&gt;\">Kremlin</a>", "Le Kremlin")]
    [InlineData("a<br>b<br><em>c</em>", "a\nb\nc")]
    [InlineData("a &amp; b &lt;c&gt; &amp;lt;", "a & b <c> &lt;")]
    [InlineData("<em>&#x338;x</em>", "\u0338x")]
    [InlineData("x<sub>1</sub>", "x1")]
    [InlineData("<p>a</p><ul><li>b</li></ul>", "\na\n\n\nb\n\n")]
    public void Plain_text_is_what_the_tags_leave(string html, string plain) => Assert.Equal(plain, Prose.Plain(html));

    [Fact]
    public void Escaped_text_comes_back_as_it_was() => Texts.Any.Select(t => t.Replace('\uD800', 'x').Replace('\uDC00', 'x')).Hold(text =>
        Assert.Equal(text, Prose.Plain(text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;"))));

    [Theory]
    [InlineData("", 0)]
    [InlineData(" … – !? ", 0)]
    [InlineData("Le Kremlin révèle", 3)]
    [InlineData("l'été, Jong-un 2024", 5)]
    [InlineData("re\u0301ve\u0301le\u0301", 1)]
    [InlineData("Krem\u00ADlin", 1)]
    [InlineData("один два\nтри", 3)]
    [InlineData("हिन्दी में", 2)]
    [InlineData("می\u200Cخواهم", 1)]
    [InlineData("한국 뉴스", 2)]
    [InlineData("日本語", 2)]
    [InlineData("日本、語", 2)]
    [InlineData("日本 Tokyo 2024", 3)]
    [InlineData("ที่นี่", 1)]
    [InlineData("𠀀𠀁", 1)]
    public void Words_are_counted_in_every_script(string text, int words) => Assert.Equal(words, Prose.WordCount(text));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(230, 1)]
    [InlineData(231, 2)]
    [InlineData(int.MaxValue, 9336886)]
    public void Reading_takes_whole_minutes(int words, int minutes) => Assert.Equal(minutes, Prose.ReadingMinutes(words));

    [Fact]
    public void Two_texts_on_two_lines_have_the_words_of_both() => Gen.Select(Texts.Any, Texts.Any).Hold((one, other) =>
        Assert.Equal(Prose.WordCount(one) + Prose.WordCount(other), Prose.WordCount(one + "\n" + other)));
}
