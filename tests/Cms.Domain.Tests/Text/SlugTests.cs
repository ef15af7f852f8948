using System.Globalization;
using Cms.Domain.Text;
using CsCheck;

namespace Cms.Domain.Tests.Text;

public sealed class SlugTests
{
    [Fact]
    public void Kicker_and_headline_make_one_slug() => Assert.Equal(
        "en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine",
        Slug.Derive("En visite en Russie", "Le Kremlin révèle ce que Kim Jong-un a offert à Poutine")?.Value);

    [Theory]
    [InlineData("L’été : c'est fini.", "l-ete-c-est-fini")]
    [InlineData("Œuvre, Æsir, Straße, ﬁn", "oeuvre-aesir-strasse-fin")]
    [InlineData("Łódź Đurđa ø Þór ð", "lodz-durda-o-thor-d")]
    [InlineData("ISTANBUL İstanbul ılık", "istanbul-istanbul-ilik")]
    [InlineData("Київ їжак Чайковский", "київ-їжак-чайковский")]
    [InlineData("हिन्दी में", "हिन्दी-में")]
    [InlineData("ที่นี่", "ที่นี่")]
    [InlineData("שָׁלוֹם", "שָׁלוֹם")]
    [InlineData("Αθήνα", "αθήνα")]
    [InlineData("한국 日本ー", "한국-日本ー")]
    [InlineData("a\u200Db\u00ADc\u200Ed", "abcd")]
    [InlineData("a\u200Bb", "a-b")]
    [InlineData("1\uFE0F\u20E3 place", "1-place")]
    [InlineData("--a__b--", "a-b")]
    public void Letters_of_every_script_stay_and_all_else_is_one_hyphen(string text, string slug) =>
        Assert.Equal(slug.Normalize(), Texts.Everywhere(() => Slug.Derive(text)?.Value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("…!? ’ \u0301\u200D 😀")]
    public void Where_nothing_is_left_the_id_gives_twelve_characters(string? text)
    {
        Assert.Null(Slug.Derive(text));
        var slug = Slug.Derive(new Guid("0199ab00-0000-7000-8000-00000000001f"), text);

        Assert.Equal("00000000000z", slug.Value);
        Assert.True(Slug.TryParse(slug.Value, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("a-")]
    [InlineData("-a")]
    [InlineData("a--b")]
    [InlineData("A")]
    [InlineData("é")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("x\u0323")]
    [InlineData("a\u200Cb")]
    [InlineData("में\u200D")]
    [InlineData("и\u0306")] // й, but not in NFC
    public void A_slug_that_is_not_well_formed_is_refused(string? text)
    {
        Assert.False(Slug.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Slug.Parse(text ?? ""));
    }

    [Fact]
    public void Broken_Unicode_parts_words_and_is_no_slug()
    {
        Assert.Equal("lone-half", Slug.Derive("lone\uD800half")?.Value);
        Assert.False(Slug.TryParse("a\uD800", out _));
    }

    [Fact]
    public void One_hundred_and_twenty_characters_fit_and_one_more_does_not()
    {
        Assert.True(Slug.TryParse(new string('a', 120), out _));
        Assert.True(Slug.TryParse(string.Concat(Enumerable.Repeat("𞤢", 120)), out _));
        Assert.False(Slug.TryParse(new string('a', 121), out _));
    }

    [Fact]
    public void A_long_slug_ends_with_a_whole_word()
    {
        Assert.Equal(string.Join('-', Enumerable.Repeat("mots", 24)), Slug.Derive(string.Join(' ', Enumerable.Repeat("mots", 40)))?.Value);
        Assert.Equal(new string('a', 120), Slug.Derive(new string('a', 120), "b")?.Value);
    }

    [Fact]
    public void A_long_text_without_spaces_ends_with_a_whole_character()
    {
        var slug = Slug.Derive("ก", string.Concat(Enumerable.Repeat("ที่", 100)));

        Assert.Equal("ก-" + string.Concat(Enumerable.Repeat("ที่", 39)), slug?.Value); // 2 + 39 × 3 = 119
    }

    [Fact]
    public void A_number_fits_and_splits_no_character()
    {
        Assert.Equal("a-2", Slug.Parse("a").Numbered(2).Value);
        Assert.Equal(new string('a', 118) + "-2", Slug.Parse(new string('a', 120)).Numbered(2).Value);
        Assert.Equal(new string('a', 117) + "-2", Slug.Parse(new string('a', 117) + "-bb").Numbered(2).Value);
        Assert.Equal("ab" + string.Concat(Enumerable.Repeat("ที่", 38)) + "-2", Slug.Parse("ab" + string.Concat(Enumerable.Repeat("ที่", 39))).Numbered(2).Value);
    }

    [Fact]
    public void What_is_derived_is_well_formed_and_derives_to_itself() => Texts.Any.Hold(text =>
    {
        if (Slug.Derive(text) is not { } slug) return;
        Assert.Equal(slug, Slug.Parse(slug.Value));
        Assert.Equal(slug, Slug.Derive(slug.Value));
        Assert.DoesNotContain(slug.Value, c => c is (>= 'A' and <= 'Z') or (>= 'À' and <= 'ɏ'));
        Assert.InRange(TextRules.Length(slug.Value), 1, Slug.MaxLength);
    }, samples: 20_000);

    [Fact]
    public void A_numbered_slug_is_well_formed() => Gen.Select(Texts.Any.Array[1, 8], Gen.Int[1, int.MaxValue]).Hold((texts, n) =>
    {
        if (Slug.Derive([.. texts]) is not { } slug) return;
        var numbered = slug.Numbered(n).Value;
        Assert.Equal(numbered, Slug.Parse(numbered).Value);
        Assert.EndsWith("-" + n.ToString(CultureInfo.InvariantCulture), numbered, StringComparison.Ordinal);
    }, samples: 5_000);

    [Fact]
    public void The_culture_changes_nothing() => Texts.Any.Hold(text => { Texts.Everywhere(() => Slug.Derive(text)?.Value); });
}
