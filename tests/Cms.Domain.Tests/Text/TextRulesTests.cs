using System.Text;
using Cms.Domain.Text;
using CsCheck;

namespace Cms.Domain.Tests.Text;

public sealed class TextRulesTests
{
    [Theory]
    [InlineData("Le Kremlin révèle", true, true)]
    [InlineData("a\u200Db\u200Cc\u200Ed\u200Fe\u061Cf", true, true)]
    [InlineData("one\ntwo\tthree", false, true)]
    [InlineData("one\r\ntwo", false, false)]
    [InlineData("a\u2028b", false, false)]
    [InlineData("a\u2029b", false, false)]
    [InlineData("a\u0085b", false, false)]
    [InlineData("a\u0001b", false, false)]
    [InlineData("a\u007Fb", false, false)]
    [InlineData("a\u009Fb", false, false)]
    [InlineData("a\uFEFFb", false, false)]
    [InlineData("a\uFFFEb", false, false)]
    [InlineData("a\uFDD0b", false, false)]
    [InlineData("a\U0001FFFFb", false, false)]
    [InlineData("a\u202Ab\u202C", false, false)]
    [InlineData("a\u202Eb", false, false)]
    [InlineData("a\u2066b\u2069", false, false)]
    public void A_text_fits_one_line_several_or_none(string text, bool oneLine, bool severalLines)
    {
        Assert.Equal(oneLine, TextRules.Fault(text, TextKind.SingleLine) is null);
        Assert.Equal(severalLines, TextRules.Fault(text, TextKind.MultiLine) is null);
    }

    [Theory]
    [InlineData("a\u2066b\u2069", true)]
    [InlineData("\u2067a\u2068b\u2069\u2069", true)]
    [InlineData("\u2066a", false)]
    [InlineData("a\u2069", false)]
    [InlineData("\u2069a\u2066", false)]
    [InlineData("\u2066a\nb\u2069", false)]
    [InlineData("a\u202Eb", false)]
    public void Isolates_stand_balanced_in_body_text_only(string text, bool fits)
    {
        Assert.Equal(fits, TextRules.Fault(text, TextKind.BodyMultiLine) is null);
        Assert.NotNull(TextRules.Fault(text, TextKind.MultiLine));
    }

    [Fact]
    public void Body_inline_text_is_one_line() => Assert.NotNull(TextRules.Fault("a\nb", TextKind.BodyInline));

    [Fact]
    public void Thirty_combining_marks_in_a_row_are_the_most()
    {
        Assert.Null(TextRules.Fault("z" + new string('\u0320', 30) + "z" + new string('\u0320', 30), TextKind.SingleLine));
        Assert.NotNull(TextRules.Fault("z" + new string('\u0320', 31), TextKind.SingleLine));
    }

    [Theory]
    [InlineData("a\0b", true)]
    [InlineData("😀é", false)]
    [InlineData("", false)]
    public void Broken_Unicode_is_found(string text, bool broken) => Assert.Equal(broken, TextRules.HasBrokenUnicode(text));

    // Not in attributes: metadata is UTF-8, where a lone surrogate becomes U+FFFD.
    [Fact]
    public void Lone_surrogates_are_broken_Unicode() =>
        Assert.All<string>(["a\uD800", "\uD800a", "a\uDC00", "\uDC00\uD800", "\uD800\uD800\uDC00"], text => Assert.True(TextRules.HasBrokenUnicode(text)));

    [Fact]
    public void Normalizing_composes_and_makes_line_feeds() => Assert.Equal("é\n\n\n<", TextRules.Normalize("\uFEFFe\u0301\r\n\r\n\r<"));

    [Fact]
    public void Length_counts_scalars_whatever_the_text() => Gen.String.Hold(text =>
        Assert.Equal(text.EnumerateRunes().Count(), TextRules.Length(text)));

    [Fact]
    public void A_fault_never_repeats_the_text() => Texts.Any.Hold(text =>
    {
        foreach (var kind in Enum.GetValues<TextKind>())
            Assert.True(TextRules.Fault(text, kind) is not { } fault || fault.All(char.IsAscii));
    });

    [Fact]
    public void Normalized_text_stays_as_it_is() => Texts.Any.Where(t => !TextRules.HasBrokenUnicode(t)).Hold(text =>
    {
        var normal = TextRules.Normalize(text);
        Assert.True(normal.StartsWith('\uFEFF') || TextRules.Normalize(normal) == normal);
        Assert.True(normal.Split('\uFFFE').All(part => part.IsNormalized(NormalizationForm.FormC)));
    });
}
