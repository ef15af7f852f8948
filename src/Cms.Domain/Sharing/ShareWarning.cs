using System.Globalization;

namespace Cms.Domain.Sharing;

/// <summary>Something that a network would cut or miss.</summary>
/// <param name="Network">Which network; <c>all</c> when it is every one.</param>
/// <param name="Field"><c>title</c>, <c>description</c>, <c>image</c> or <c>image/alt</c>.</param>
/// <param name="Code"><c>cut</c>, <c>missing</c> or <c>small</c>.</param>
/// <param name="Message">What to do about it.</param>
public sealed record ShareWarning(string Network, string Field, string Code, string Message)
{
    // What each network shows before it cuts, and the smallest picture it takes for a large card; from their own guides and from looking.
    private sealed record Limits(string Network, int Title, int Description, int ImageWidth, int ImageHeight);

    private static readonly Limits[] Table =
    [
        new("facebook", 88, 200, 600, 315),
        new("x", 70, 200, 300, 157),
        new("bluesky", 300, 300, 0, 0),
        new("whatsapp", 65, 160, 300, 157),
        new("telegram", 100, 170, 0, 0),
        new("linkedin", 119, 250, 1_200, 627),
    ];

    /// <summary>All there is to say about what networks get.</summary>
    public static IReadOnlyList<ShareWarning> Of(EffectiveShare share)
    {
        ArgumentNullException.ThrowIfNull(share);
        return [.. Missing(share), .. Table.SelectMany(limits => Cut(share, limits))];
    }

    private static IEnumerable<ShareWarning> Missing(EffectiveShare share)
    {
        if (share.Description.Value is null)
            yield return new("all", "description", "missing", "Networks show no text under the title. Write a standfirst or a description.");
        if (share.Image.Value is not { } image)
            yield return new("all", "image", "missing", "Networks show no picture. Give the article a lead image or the card an image.");
        else if (string.IsNullOrWhiteSpace(image.Alt))
            yield return new("all", "image/alt", "missing", "Say in alt what the picture shows, for who cannot see it.");
        if (share.Image.Value is { Width: null } or { Height: null })
            yield return new("all", "image", "missing", "Give the picture's width and height: some networks show none at the first share without them.");
    }

    private static IEnumerable<ShareWarning> Cut(EffectiveShare share, Limits limits)
    {
        if (Longer(share.Title.Value, limits.Title) is { } title)
            yield return new(limits.Network, "title", "cut", Says(limits.Network, "title", limits.Title, title));
        if (Longer(share.Description.Value, limits.Description) is { } description)
            yield return new(limits.Network, "description", "cut", Says(limits.Network, "description", limits.Description, description));
        if (share.Image.Value is { } image && share.Card.Value == ShareCardType.SummaryLargeImage
            && (image.Width < limits.ImageWidth || image.Height < limits.ImageHeight))
            yield return new(limits.Network, "image", "small", string.Create(CultureInfo.InvariantCulture,
                $"The picture is smaller than the {limits.ImageWidth} × {limits.ImageHeight} pixels that {limits.Network} wants for a large card."));
    }

    private static int? Longer(string? text, int limit) =>
        new StringInfo(text ?? "").LengthInTextElements is var length && length > limit ? length : null;

    private static string Says(string network, string field, int limit, int length) => string.Create(CultureInfo.InvariantCulture,
        $"{network} shows about {limit} characters of the {field}; this one has {length}. Give a shorter one in the share card.");
}
