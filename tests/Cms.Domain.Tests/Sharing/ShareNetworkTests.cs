using Cms.Domain.Sharing;

namespace Cms.Domain.Tests.Sharing;

public sealed class ShareNetworkTests
{
    private const string Url = "https://courrier.example/a b/é?q=1&r=%41#\"'<s>", Title = "« 50 % & plus ? » #1 \"d'or\" <b>\n👩‍👩‍👧 한국 +";

    private static string Link(string network) => ShareNetwork.Links(Url, Title, "fr").Single(l => l.Network == network).Url;

    [Theory]
    [InlineData("facebook", "https://www.facebook.com/sharer/sharer.php", "u={url}")]
    [InlineData("x", "https://x.com/intent/post", "url={url}", "text={title}")]
    [InlineData("bluesky", "https://bsky.app/intent/compose", "text={title} {url}")]
    [InlineData("whatsapp", "https://wa.me/", "text={title} {url}")]
    [InlineData("telegram", "https://t.me/share/url", "url={url}", "text={title}")]
    [InlineData("linkedin", "https://www.linkedin.com/sharing/share-offsite/", "url={url}")]
    [InlineData("email", "mailto:", "subject={title}", "body={url}")]
    public void A_networks_link_carries_address_and_title_whole_whatever_stands_in_them(string network, string address, params string[] parameters)
    {
        var link = Link(network);
        var (before, query) = (link.Split('?')[0], link.Split('?')[1]);

        Assert.Equal(address, before);
        Assert.Equal(
            parameters.Select(p => p.Replace("{url}", Url, StringComparison.Ordinal).Replace("{title}", Title, StringComparison.Ordinal)),
            query.Split('&').Select(Uri.UnescapeDataString));
        Assert.Matches(@"^[A-Za-z0-9=&%._~\-]+\z", query); // nothing that ends a parameter, an attribute or a line
    }

    [Fact]
    public void The_link_to_copy_is_the_address_as_it_is() => Assert.Equal(Url, Link("copy"));

    [Fact]
    public void There_are_eight_networks_in_one_order() =>
        Assert.Equal(["facebook", "x", "bluesky", "whatsapp", "telegram", "linkedin", "email", "copy"], ShareNetwork.Links("https://a.example", "t", "en").Select(l => l.Network));

    [Theory]
    [InlineData("fr", "E-mail", "Copier le lien")]
    [InlineData("fr-CA", "E-mail", "Copier le lien")]
    [InlineData("de", "E-Mail", "Link kopieren")]
    [InlineData("es", "Correo electrónico", "Copiar enlace")]
    [InlineData("it", "E-mail", "Copia link")]
    [InlineData("pt-BR", "E-mail", "Copiar ligação")]
    [InlineData("nl", "E-mail", "Link kopiëren")]
    [InlineData("ar", "البريد الإلكتروني", "نسخ الرابط")]
    [InlineData("ko", "E-mail", "Copy link")]
    public void Labels_are_in_the_pages_language_and_names_are_names(string language, string email, string copy) =>
        Assert.Equal(["Facebook", "X", "Bluesky", "WhatsApp", "Telegram", "LinkedIn", email, copy], ShareNetwork.Links(Url, Title, language).Select(l => l.Label));
}
