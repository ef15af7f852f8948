using System.Text.Json.Serialization;

namespace Cms.Domain.Articles;

/// <summary>What somebody did for an article.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CreditRole>))]
public enum CreditRole
{
    /// <summary>Wrote it.</summary>
    [JsonStringEnumMemberName("author")] Author,

    /// <summary>Took the pictures.</summary>
    [JsonStringEnumMemberName("photographer")] Photographer,

    /// <summary>Drew the illustrations.</summary>
    [JsonStringEnumMemberName("illustrator")] Illustrator,

    /// <summary>Translated it.</summary>
    [JsonStringEnumMemberName("translator")] Translator,

    /// <summary>Edited it.</summary>
    [JsonStringEnumMemberName("editor")] Editor,

    /// <summary>Helped otherwise.</summary>
    [JsonStringEnumMemberName("contributor")] Contributor,
}

/// <summary>Who did what, in the order that the byline shows.</summary>
/// <param name="Role">What they did.</param>
/// <param name="Name">Their name, when they are no author of ours.</param>
/// <param name="AuthorId">An author of ours: shown with that author's name of today.</param>
public sealed record Credit(CreditRole Role, string? Name, Guid? AuthorId)
{
    /// <summary>Credits of one article, at most.</summary>
    public const int MaxCount = 20;

    /// <summary>Unicode scalars of a name, at most.</summary>
    public const int NameMaxLength = 200;
}

/// <summary>A house or person whose reporting the article quotes.</summary>
/// <param name="Name">Such as "Paris Match".</param>
/// <param name="Url">Where it was published.</param>
public sealed record Source(string Name, string? Url)
{
    /// <summary>Sources of one article, at most.</summary>
    public const int MaxCount = 20;

    /// <summary>Unicode scalars of a name, at most.</summary>
    public const int NameMaxLength = 200;
}

/// <summary>How much a correction changes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CorrectionKind>))]
public enum CorrectionKind
{
    /// <summary>A detail; the story stands.</summary>
    [JsonStringEnumMemberName("minor")] Minor,

    /// <summary>A fact of weight was wrong.</summary>
    [JsonStringEnumMemberName("major")] Major,
}

/// <summary>What was wrong, said to readers.</summary>
/// <param name="Text">Plain text.</param>
/// <param name="At">When it was corrected, UTC.</param>
/// <param name="Kind">How much it changes.</param>
public sealed record Correction(string Text, DateTimeOffset At, CorrectionKind Kind)
{
    /// <summary>Corrections of one article, at most.</summary>
    public const int MaxCount = 50;

    /// <summary>Unicode scalars, at most.</summary>
    public const int TextMaxLength = 2_000;
}

/// <summary>The picture that stands for an article.</summary>
/// <param name="Url">Absolute, http or https.</param>
/// <param name="Alt">What it shows.</param>
/// <param name="Caption">The line under it.</param>
/// <param name="Credit">Who made it.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record LeadImage(string Url, string? Alt, string? Caption, string? Credit, int? Width, int? Height)
{
    /// <summary>Unicode scalars of alt text, caption and credit, at most.</summary>
    public const int TextMaxLength = 500;

    /// <summary>Characters of an address, at most.</summary>
    public const int UrlMaxLength = 2_048;

    /// <summary>Pixels a side, at most.</summary>
    public const int MaxPixels = 20_000;
}
