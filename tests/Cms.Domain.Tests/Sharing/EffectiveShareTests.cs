using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Cms.Domain.Text;

namespace Cms.Domain.Tests.Sharing;

public sealed class EffectiveShareTests
{
    private static readonly ShareSubject Page = new("Titel", "Vorspann", Image("lead"), "https://a.example/page");

    private static ShareImage Image(string name, int? width = 1_200) => new($"https://a.example/{name}.jpg", null, width, 630);

    private static ShareCard Card(string name, ShareCardType? type = ShareCardType.Summary) => new($"{name} title", $"{name} description", Image(name), type, $"https://{name}.example/");

    private static EffectiveShare Share(ShareSubject page, ShareCard own, ShareCard section, ShareCard site) =>
        EffectiveShare.Of(page, (own, ShareOrigin.Article), (section, ShareOrigin.Section), (site, ShareOrigin.Site));

    private static ShareOrigin[] Origins(EffectiveShare share) => [share.Title.From, share.Description.From, share.Image.From, share.Card.From, share.CanonicalUrl.From];

    [Fact]
    public void An_owners_own_words_come_first_in_every_field()
    {
        var share = Share(Page, Card("own", ShareCardType.SummaryLargeImage), Card("section"), Card("site"));

        Assert.All(Origins(share), o => Assert.Equal(ShareOrigin.Article, o));
        Assert.Equal(("own title", "own description", Image("own"), ShareCardType.SummaryLargeImage, "https://own.example/"),
            (share.Title.Value, share.Description.Value, share.Image.Value, share.Card.Value, share.CanonicalUrl.Value));
    }

    [Fact]
    public void Then_comes_what_the_page_says_and_only_the_cards_type_is_the_sections()
    {
        var share = Share(Page, ShareCard.Empty, Card("section"), Card("site"));

        Assert.Equal([ShareOrigin.Derived, ShareOrigin.Derived, ShareOrigin.Derived, ShareOrigin.Section, ShareOrigin.Derived], Origins(share));
        Assert.Equal(("Titel", "Vorspann", Image("lead"), "https://a.example/page"), (share.Title.Value, share.Description.Value, share.Image.Value, share.CanonicalUrl.Value));
    }

    [Fact]
    public void A_page_that_says_little_gets_description_and_picture_of_the_nearest_and_never_a_title_or_address()
    {
        var bare = Page with { Description = "", Image = null };
        ShareOrigin[] Of(ShareOrigin from) => [ShareOrigin.Derived, from, from, from, ShareOrigin.Derived];

        Assert.Equal(Of(ShareOrigin.Section), Origins(Share(bare, ShareCard.Empty, Card("section"), Card("site"))));
        Assert.Equal(Of(ShareOrigin.Site), Origins(Share(bare, ShareCard.Empty, ShareCard.Empty, Card("site"))));
        var none = Share(bare, ShareCard.Empty, ShareCard.Empty, ShareCard.Empty);
        Assert.Equal(Of(ShareOrigin.Derived), Origins(none));
        Assert.Equal((null, null, ShareCardType.Summary), (none.Description.Value, none.Image.Value, none.Card.Value));
    }

    [Theory]
    [InlineData(599, ShareCardType.Summary)]
    [InlineData(600, ShareCardType.SummaryLargeImage)]
    [InlineData(null, ShareCardType.SummaryLargeImage)]
    public void A_derived_cards_type_fits_the_picture(int? width, ShareCardType type)
    {
        var share = Share(Page with { Image = Image("lead", width) }, ShareCard.Empty, ShareCard.Empty, ShareCard.Empty);

        Assert.Equal((type, ShareOrigin.Derived), (share.Card.Value, share.Card.From));
    }

    [Fact]
    public void Sections_and_the_site_are_shared_by_their_own_cards_and_pages()
    {
        var site = Site.Defaults with { BaseUrl = "https://a.example", Share = Card("site") };
        var section = Section.Open(Guid.CreateVersion7(), "Kultur", Slug.Parse("kultur"), "de", DateTimeOffset.UnixEpoch);

        var bare = EffectiveShare.Of(section, site);
        Assert.Equal([ShareOrigin.Derived, ShareOrigin.Site, ShareOrigin.Site, ShareOrigin.Site, ShareOrigin.Derived], Origins(bare));
        Assert.Equal(("Kultur", "https://a.example/kultur"), (bare.Title.Value, bare.CanonicalUrl.Value));
        section.ReviseShare(Card("section"), DateTimeOffset.UnixEpoch);
        Assert.All(Origins(EffectiveShare.Of(section, site)), o => Assert.Equal(ShareOrigin.Section, o));
        Assert.All(Origins(EffectiveShare.Of(site)), o => Assert.Equal(ShareOrigin.Site, o));
    }
}
