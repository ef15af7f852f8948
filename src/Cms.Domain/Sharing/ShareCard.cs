using System.Text.Json.Serialization;

namespace Cms.Domain.Sharing;

/// <summary>How large networks show the picture. The names are X's, which the others understand too.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShareCardType>))]
public enum ShareCardType
{
    /// <summary>A small picture beside the text.</summary>
    [JsonStringEnumMemberName("summary")] Summary,

    /// <summary>A large picture over the text.</summary>
    [JsonStringEnumMemberName("summary_large_image")] SummaryLargeImage,
}

/// <summary>A picture for networks.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Alt">What it shows, for who cannot see it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ShareImage(string Url, string? Alt, int? Width, int? Height);

/// <summary>What an owner (article, section, site) itself says of how it is shared. Every member may be absent.</summary>
/// <param name="Title">The title networks show.</param>
/// <param name="Description">The lines under it.</param>
/// <param name="Image">The picture.</param>
/// <param name="Card">How large the picture is.</param>
/// <param name="CanonicalUrl">The one address that counts, where it is not the page's own.</param>
public sealed record ShareCard(string? Title, string? Description, ShareImage? Image, ShareCardType? Card, string? CanonicalUrl)
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int TitleMaxLength = 250, DescriptionMaxLength = 500, AltMaxLength = 500;

    /// <summary>Characters of an address, at most.</summary>
    public const int UrlMaxLength = 2_048;

    /// <summary>Pixels a side, at most.</summary>
    public const int MaxPixels = 20_000;

    /// <summary>Says nothing of its own.</summary>
    public static ShareCard Empty { get; } = new(null, null, null, null, null);
}
