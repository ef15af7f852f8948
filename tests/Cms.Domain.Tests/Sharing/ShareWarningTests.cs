using Cms.Domain.Sharing;

namespace Cms.Domain.Tests.Sharing;

public sealed class ShareWarningTests
{
    private static readonly ShareImage Picture = new("https://a.example/i.jpg", "Alt", 1_200, 630);

    private static string[] Warnings(string title = "t", string? description = "d", ShareImage? image = null, ShareCardType card = ShareCardType.SummaryLargeImage, bool none = false) =>
    [
        .. ShareWarning.Of(new(
            new(title, ShareOrigin.Derived), new(description, ShareOrigin.Derived), new(none ? null : image ?? Picture, ShareOrigin.Derived), new(card, ShareOrigin.Derived),
            new("https://a.example/", ShareOrigin.Derived))).Select(w => $"{w.Network} {w.Field} {w.Code}"),
    ];

    [Fact]
    public void A_card_that_fits_everywhere_gives_no_warning() => Assert.Empty(Warnings());

    [Theory]
    [InlineData("facebook", 88, 200)]
    [InlineData("x", 70, 200)]
    [InlineData("bluesky", 300, 300)]
    [InlineData("whatsapp", 65, 160)]
    [InlineData("telegram", 100, 170)]
    [InlineData("linkedin", 119, 250)]
    public void A_network_cuts_what_is_one_character_longer_than_it_shows(string network, int title, int description)
    {
        Assert.DoesNotContain($"{network} title cut", Warnings(title: new string('é', title)));
        Assert.Contains($"{network} title cut", Warnings(title: new string('é', title + 1)));
        Assert.DoesNotContain($"{network} description cut", Warnings(description: new string('é', description)));
        Assert.Contains($"{network} description cut", Warnings(description: new string('é', description + 1)));
    }

    [Fact]
    public void A_family_of_emoji_is_one_character() =>
        Assert.Empty(Warnings(title: string.Concat(Enumerable.Repeat("👩‍👩‍👧", 65))));

    [Fact]
    public void A_warning_says_how_long_it_is_and_how_long_it_may_be()
    {
        var share = new EffectiveShare(new(new string('t', 66), ShareOrigin.Derived), new("d", ShareOrigin.Derived), new(Picture, ShareOrigin.Derived), new(null, ShareOrigin.Derived), new("u", ShareOrigin.Derived));
        var warning = Assert.Single(ShareWarning.Of(share));

        Assert.Contains("65", warning.Message, StringComparison.Ordinal);
        Assert.Contains("66", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_missing_is_missing_on_all()
    {
        Assert.Equal(["all description missing"], Warnings(description: null));
        Assert.Equal(["all image missing"], Warnings(none: true));
        Assert.Equal(["all image/alt missing"], Warnings(image: Picture with { Alt = " " }));
        Assert.Equal(["all image missing"], Warnings(image: Picture with { Width = null }));
        Assert.Equal(["all image missing"], Warnings(image: Picture with { Height = null }));
    }

    [Fact]
    public void A_picture_is_small_only_for_a_large_card_and_for_whom_it_is()
    {
        Assert.Equal(["linkedin image small"], Warnings(image: Picture with { Width = 1_199 }));
        Assert.Equal(["linkedin image small"], Warnings(image: Picture with { Height = 626 }));
        Assert.Equal(["facebook image small", "linkedin image small"], Warnings(image: Picture with { Width = 599 }));
        Assert.Equal(["facebook image small", "x image small", "whatsapp image small", "linkedin image small"], Warnings(image: Picture with { Height = 156 }));
        Assert.Empty(Warnings(image: Picture with { Width = 100, Height = 100 }, card: ShareCardType.Summary));
    }
}
