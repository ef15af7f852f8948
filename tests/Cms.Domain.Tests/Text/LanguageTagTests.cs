using Cms.Domain.Text;

namespace Cms.Domain.Tests.Text;

public sealed class LanguageTagTests
{
    [Theory]
    [InlineData("fr", "fr")]
    [InlineData("FR-be", "fr-BE")]
    [InlineData("ZH-hant-tw", "zh-Hant-TW")]
    [InlineData("zh-yue-HK", "zh-yue-HK")]
    [InlineData("es-419", "es-419")]
    [InlineData("sl-ROZAJ-biske-1994", "sl-rozaj-biske-1994")]
    [InlineData("de-CH-1901", "de-CH-1901")]
    [InlineData("ar-EG-U-NU-Latn", "ar-EG-u-nu-latn")]
    [InlineData("fr-x-Journal", "fr-x-journal")]
    public void A_tag_takes_its_recommended_case(string text, string tag) => Assert.Equal(tag, Texts.Everywhere(() => LanguageTag.Parse(text).Value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("f")]
    [InlineData("fr_BE")]
    [InlineData("fr-")]
    [InlineData("fr-BE\n")]
    [InlineData("fr--BE")]
    [InlineData("français")]
    [InlineData("x-journal")]
    [InlineData("i-klingon")]
    [InlineData("zh-min-nan")]
    [InlineData("art-LOJBAN")]
    [InlineData("de-1901-1901")]
    [InlineData("fr-u-co-phonebk-u-nu")]
    [InlineData("fr-u")]
    [InlineData("\u0131s")] // ı is no letter of a tag, though Turkish makes it the lower case of I
    [InlineData("\u212As")] // nor is the Kelvin sign, though its lower case is k
    [InlineData("fr-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd")]
    public void What_is_no_tag_is_refused(string? text) => Assert.False(LanguageTag.TryParse(text, out _));

    [Fact]
    public void Two_spellings_are_one_tag() => Assert.Equal(LanguageTag.Parse("fr-be"), LanguageTag.Parse("FR-BE"));
}
