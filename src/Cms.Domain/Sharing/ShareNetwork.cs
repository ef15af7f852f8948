namespace Cms.Domain.Sharing;

/// <summary>A ready link with which a reader shares a page.</summary>
/// <param name="Network">Such as <c>facebook</c>.</param>
/// <param name="Label">What the button says, in the page's language.</param>
/// <param name="Url">Where the button leads; for <c>copy</c>, what it copies.</param>
public sealed record ShareLink(string Network, string Label, string Url);

/// <summary>The networks, closed, in one table: how each is named, and how its link is made.</summary>
public static class ShareNetwork
{
    private sealed record Row(string Network, Func<string, string, string> Url, Func<ShareWords, string> Label);

    private static readonly Row[] Table =
    [
        new("facebook", (url, _) => $"https://www.facebook.com/sharer/sharer.php?u={Escape(url)}", _ => "Facebook"),
        new("x", (url, title) => $"https://x.com/intent/post?url={Escape(url)}&text={Escape(title)}", _ => "X"),
        new("bluesky", (url, title) => $"https://bsky.app/intent/compose?text={Escape($"{title} {url}")}", _ => "Bluesky"),
        new("whatsapp", (url, title) => $"https://wa.me/?text={Escape($"{title} {url}")}", _ => "WhatsApp"),
        new("telegram", (url, title) => $"https://t.me/share/url?url={Escape(url)}&text={Escape(title)}", _ => "Telegram"),
        new("linkedin", (url, _) => $"https://www.linkedin.com/sharing/share-offsite/?url={Escape(url)}", _ => "LinkedIn"),
        new("email", (url, title) => $"mailto:?subject={Escape(title)}&body={Escape(url)}", w => w.Email),
        new("copy", (url, _) => url, w => w.Copy),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(r => r.Network)];

    /// <summary>A link for each network.</summary>
    /// <param name="canonicalUrl">The page's one address, absolute.</param>
    /// <param name="title">What the link says.</param>
    /// <param name="language">BCP 47, of the page.</param>
    public static IReadOnlyList<ShareLink> Links(string canonicalUrl, string title, string language)
    {
        var words = ShareWords.In(language);
        return [.. Table.Select(r => new ShareLink(r.Network, r.Label(words), r.Url(canonicalUrl, title)))];
    }

    // EscapeDataString leaves only RFC 3986's unreserved characters, so the value cannot end its parameter or its attribute.
    private static string Escape(string text) => Uri.EscapeDataString(text);
}

/// <summary>What the share block says, by language; English where a language is not known.</summary>
/// <param name="Invitation">Over the buttons.</param>
/// <param name="Email">On the e-mail button.</param>
/// <param name="Copy">On the button that copies the address.</param>
public sealed record ShareWords(string Invitation, string Email, string Copy)
{
    private static readonly Dictionary<string, ShareWords> ByLanguage = new(StringComparer.Ordinal)
    {
        ["en"] = new("Share this content", "E-mail", "Copy link"),
        ["fr"] = new("Partagez ce contenu", "E-mail", "Copier le lien"),
        ["de"] = new("Diesen Inhalt teilen", "E-Mail", "Link kopieren"),
        ["es"] = new("Comparta este contenido", "Correo electrónico", "Copiar enlace"),
        ["it"] = new("Condividi questo contenuto", "E-mail", "Copia link"),
        ["pt"] = new("Partilhe este conteúdo", "E-mail", "Copiar ligação"),
        ["nl"] = new("Deel deze inhoud", "E-mail", "Link kopiëren"),
        ["ar"] = new("شارك هذا المحتوى", "البريد الإلكتروني", "نسخ الرابط"),
    };

    /// <summary>The words of a language.</summary>
    /// <param name="language">BCP 47; only its first part counts.</param>
    public static ShareWords In(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return ByLanguage.GetValueOrDefault(language.Split('-')[0]) ?? ByLanguage["en"];
    }
}
