using Cms.Domain.Text;

namespace Cms.Domain.Tests.Text;

public sealed class FoldingTests
{
    [Theory]
    [InlineData("Kim Jong-un", "  kim   JONG-UN ")]
    [InlineData("Élysée", "elysee")]
    [InlineData("Élysée", "E\u0301lyse\u0301e")]
    [InlineData("Cœur", "COEUR")]
    [InlineData("İzmir", "izmir")]
    [InlineData("می\u200Cخواهم", "میخواهم")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("\u200Eשלום\u200F", "שלום")]
    public void Two_spellings_of_a_name_have_one_key(string one, string other) =>
        Assert.Equal(Texts.Everywhere(() => Folding.Key(one)), Texts.Everywhere(() => Folding.Key(other)));

    [Theory]
    [InlineData("май", "маи")]
    [InlineData("काम", "कम")]
    [InlineData("ab", "a b")]
    [InlineData("C++", "C")]
    public void Names_that_differ_in_more_than_case_and_Latin_accents_keep_apart(string one, string other) =>
        Assert.NotEqual(Folding.Key(one), Folding.Key(other));

    [Fact]
    public void Folding_twice_changes_nothing_more() => Texts.Any.Hold(text =>
    {
        Assert.Equal(Folding.Fold(text), Folding.Fold(Folding.Fold(text)));
        Assert.Equal(Folding.Key(text), Folding.Key(Folding.Key(text)));
    }, samples: 20_000);

    [Fact]
    public void Every_letter_of_the_Latin_blocks_becomes_ASCII_or_is_told_as_Latin()
    {
        for (var letter = 0xC0; letter <= 0x24F; letter++)
            Assert.All(Folding.Fold(char.ConvertFromUtf32(letter)).EnumerateRunes(), r => Assert.True(r.IsAscii || letter is 0xD7 or 0xF7 || Folding.IsLatin(r)));
        Assert.Equal("deaa", Folding.Fold("đÉÅà"));
    }
}
