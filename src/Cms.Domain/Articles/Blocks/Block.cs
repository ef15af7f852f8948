using System.Text.Json.Serialization;

namespace Cms.Domain.Articles.Blocks;

/// <summary>One piece of an article's body. The hierarchy is closed: delivery knows how to show each, and an unknown type is refused.</summary>
/// <param name="Id">Stable within its article, so that a frontend can link to it and an editor can move it.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ParagraphBlock), "paragraph")]
[JsonDerivedType(typeof(HeadingBlock), "heading")]
[JsonDerivedType(typeof(ImageBlock), "image")]
[JsonDerivedType(typeof(QuoteBlock), "quote")]
[JsonDerivedType(typeof(ListBlock), "list")]
[JsonDerivedType(typeof(EmbedBlock), "embed")]
[JsonDerivedType(typeof(RelatedBlock), "related")]
[JsonDerivedType(typeof(DividerBlock), "divider")]
[JsonDerivedType(typeof(HtmlBlock), "html")]
public abstract record Block(string Id)
{
    /// <summary>Blocks of one article, at most.</summary>
    public const int MaxCount = 1_000;

    /// <summary>Characters of a block's id, at most. Ours have ten.</summary>
    public const int IdMaxLength = 40;

    /// <summary>Unicode scalars of a paragraph, a quote or a list item, at most.</summary>
    public const int TextMaxLength = 10_000;

    /// <summary>Unicode scalars of an <c>html</c> block, at most.</summary>
    public const int HtmlMaxLength = 50_000;

    /// <summary>Unicode scalars of a heading, at most.</summary>
    public const int HeadingMaxLength = 250;

    /// <summary>Unicode scalars of a label, a cited name or a link's title, at most.</summary>
    public const int LabelMaxLength = 200;

    /// <summary>Items of a list block, at most.</summary>
    public const int MaxItems = 200;
}

/// <summary>Running text.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Text">Inline HTML of the allowed subset, sanitised.</param>
public sealed record ParagraphBlock(string Id, string Text) : Block(Id);

/// <summary>A subheading.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Level">2 to 4; level 1 is the page's headline.</param>
/// <param name="Text">Inline HTML of the allowed subset, sanitised.</param>
/// <param name="Anchor">Made as slugs are, unique within the article; for links to this heading.</param>
public sealed record HeadingBlock(string Id, int Level, string Text, string Anchor) : Block(Id)
{
    /// <summary>The highest subheading.</summary>
    public const int MinLevel = 2;

    /// <summary>The lowest subheading.</summary>
    public const int MaxLevel = 4;
}

/// <summary>A picture within the body.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Url">Where the picture is: absolute, http or https.</param>
/// <param name="Alt">What it shows, for who cannot see it.</param>
/// <param name="Caption">The line under it.</param>
/// <param name="Credit">Who made it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ImageBlock(string Id, string Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height) : Block(Id);

/// <summary>Words of somebody else, set apart.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Text">Inline HTML of the allowed subset, sanitised.</param>
/// <param name="Cite">Who said it.</param>
/// <param name="Url">Where it can be read.</param>
public sealed record QuoteBlock(string Id, string Text, string? Cite, string? Url) : Block(Id);

/// <summary>A list.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Ordered">Numbered.</param>
/// <param name="Items">Inline HTML of the allowed subset, sanitised.</param>
public sealed record ListBlock(string Id, bool Ordered, IReadOnlyList<string> Items) : Block(Id);

/// <summary>Something shown from another service, by its public address.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Url">The address of the thing itself, https, of a known provider.</param>
public sealed record EmbedBlock(string Id, string Url) : Block(Id)
{
    /// <summary>Hosts whose things may be embedded; a page shows them by its own player, never by foreign script of ours.</summary>
    public static IReadOnlyList<string> Providers { get; } =
    [
        "youtube.com", "www.youtube.com", "youtu.be", "vimeo.com", "player.vimeo.com", "www.dailymotion.com", "dai.ly",
        "x.com", "twitter.com", "www.instagram.com", "www.facebook.com", "www.tiktok.com", "bsky.app", "t.me",
        "soundcloud.com", "open.spotify.com", "podcasts.apple.com", "www.arte.tv", "www.ina.fr", "datawrapper.dwcdn.net", "flo.uri.sh",
    ];
}

/// <summary>A "read also" link: to an article of ours, or to any address.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Label">Such as "À lire aussi".</param>
/// <param name="ArticleId">An article of ours: shown with its headline of today, left out while it is not published.</param>
/// <param name="Url">Another address, with <paramref name="Title"/>.</param>
/// <param name="Title">What the link says, with <paramref name="Url"/>.</param>
public sealed record RelatedBlock(string Id, string? Label, Guid? ArticleId, string? Url, string? Title) : Block(Id);

/// <summary>A break between two parts.</summary>
/// <param name="Id">The block's id.</param>
public sealed record DividerBlock(string Id) : Block(Id);

/// <summary>What the other blocks cannot say, such as a table.</summary>
/// <param name="Id">The block's id.</param>
/// <param name="Html">HTML of the allowed subset, sanitised.</param>
public sealed record HtmlBlock(string Id, string Html) : Block(Id);
