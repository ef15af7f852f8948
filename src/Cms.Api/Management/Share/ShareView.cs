using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Sharing;

namespace Cms.Api.Management.Share;

/// <summary>How something is shared: what its owner says, what networks really get, ready links, and what to mend.</summary>
/// <param name="Own">What PUT takes.</param>
/// <param name="Effective">Each value with its origin.</param>
/// <param name="Links">A link for each network.</param>
/// <param name="Warnings">What a network would cut or miss.</param>
internal sealed record ShareView(
    ShareCardInput Own, EffectiveShare Effective, IReadOnlyList<ShareLink> Links, IReadOnlyList<ShareWarning> Warnings) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static ShareView Of(ShareCard own, EffectiveShare effective, string language, uint version) => new(
        ShareCardInput.Of(own), effective,
        ShareNetwork.Links(effective.CanonicalUrl.Value ?? "", effective.Title.Value ?? "", language), ShareWarning.Of(effective))
    {
        Version = version,
    };
}

/// <summary>An article that lacks something networks show.</summary>
/// <param name="Id">The article.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Slug">Its slug.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="Headline">Its headline.</param>
/// <param name="Missing">What it lacks: <c>image</c>, <c>alt</c>, <c>description</c>.</param>
internal sealed record ShareGap(
    Guid Id, Domain.Articles.ArticleStatus Status, string Slug, string Language, string Headline, IReadOnlyList<string> Missing);
