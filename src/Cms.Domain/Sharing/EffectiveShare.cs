using System.Text.Json.Serialization;
using Cms.Domain.Sections;
using Cms.Domain.Sites;

namespace Cms.Domain.Sharing;

/// <summary>Where an effective value came from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShareOrigin>))]
public enum ShareOrigin
{
    /// <summary>The article's own share card.</summary>
    [JsonStringEnumMemberName("article")] Article,

    /// <summary>The section's defaults.</summary>
    [JsonStringEnumMemberName("section")] Section,

    /// <summary>The site's defaults.</summary>
    [JsonStringEnumMemberName("site")] Site,

    /// <summary>Made from what the page says anyway: headline, standfirst, lead image, address.</summary>
    [JsonStringEnumMemberName("derived")] Derived,
}

/// <summary>A value and its origin.</summary>
/// <param name="Value">What networks get; null when nobody says anything.</param>
/// <param name="From">Who said it.</param>
public sealed record Sourced<T>(T? Value, ShareOrigin From);

/// <summary>What the page itself offers to networks where nobody says otherwise.</summary>
/// <param name="Title">Kicker and headline as the site joins them, or a section's or the site's name.</param>
/// <param name="Description">The standfirst, or a section's description.</param>
/// <param name="Image">The lead image.</param>
/// <param name="Url">The page's own address.</param>
public sealed record ShareSubject(string Title, string? Description, ShareImage? Image, string Url);

/// <summary>
/// What networks really get. An article's own words come before the words of its section and the site: a default written for a
/// whole section must not stand in for a headline. So a title and an address are the article's own or derived, never a default;
/// description and image go own → derived → section → site; the card's type own → section → site → derived.
/// </summary>
public sealed record EffectiveShare(
    Sourced<string> Title, Sourced<string> Description, Sourced<ShareImage> Image, Sourced<ShareCardType?> Card, Sourced<string> CanonicalUrl)
{
    // Below this a network shows a large card blurred or not at all (X and Facebook both ask for 600 and more).
    private const int LargeImageMinWidth = 600;

    /// <summary>Of an article, or of a section or the site itself.</summary>
    /// <param name="subject">What the page says.</param>
    /// <param name="own">The owner's card, and what to call that owner.</param>
    /// <param name="defaults">Cards to fall back to, nearest first.</param>
    public static EffectiveShare Of(ShareSubject subject, (ShareCard Card, ShareOrigin From) own, params ReadOnlySpan<(ShareCard Card, ShareOrigin From)> defaults)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var description = First(own, c => c.Description) ?? Derived(subject.Description) ?? FirstOf(defaults, c => c.Description);
        var image = First(own, c => c.Image) ?? Derived(subject.Image) ?? FirstOf(defaults, c => c.Image);
        var card = own.Card.Card is { } chosen ? new Sourced<ShareCardType?>(chosen, own.From) : Nearest(defaults);
        return new(
            First(own, c => c.Title) ?? new(subject.Title, ShareOrigin.Derived),
            description ?? new(null, ShareOrigin.Derived),
            image ?? new(null, ShareOrigin.Derived),
            card ?? new(Fitting(image?.Value), ShareOrigin.Derived),
            First(own, c => c.CanonicalUrl) ?? new(subject.Url, ShareOrigin.Derived));
    }

    /// <summary>Of a section's own page.</summary>
    public static EffectiveShare Of(Section section, SiteSettings site)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(site);
        var addresses = new SiteAddresses(site);
        var url = addresses.Absolute(addresses.Section(section.Language, section.Slug, section.Id));
        return Of(new ShareSubject(section.Name, section.Description, null, url), (section.Share, ShareOrigin.Section), (site.Share, ShareOrigin.Site));
    }

    /// <summary>Of the site's front page.</summary>
    public static EffectiveShare Of(SiteSettings site)
    {
        ArgumentNullException.ThrowIfNull(site);
        return Of(new ShareSubject(site.Name, null, null, site.BaseUrl), (site.Share, ShareOrigin.Site));
    }

    private static ShareCardType Fitting(ShareImage? image) =>
        image is null or { Width: < LargeImageMinWidth } ? ShareCardType.Summary : ShareCardType.SummaryLargeImage;

    private static Sourced<T>? Derived<T>(T? value) where T : class => value is null or "" ? null : new(value, ShareOrigin.Derived);

    private static Sourced<T>? First<T>((ShareCard Card, ShareOrigin From) owner, Func<ShareCard, T?> pick) where T : class =>
        pick(owner.Card) is { } value ? new(value, owner.From) : null;

    private static Sourced<T>? FirstOf<T>(ReadOnlySpan<(ShareCard Card, ShareOrigin From)> defaults, Func<ShareCard, T?> pick) where T : class
    {
        foreach (var owner in defaults)
            if (First(owner, pick) is { } found) return found;
        return null;
    }

    private static Sourced<ShareCardType?>? Nearest(ReadOnlySpan<(ShareCard Card, ShareOrigin From)> defaults)
    {
        foreach (var owner in defaults)
            if (owner.Card.Card is { } type) return new(type, owner.From);
        return null;
    }
}
