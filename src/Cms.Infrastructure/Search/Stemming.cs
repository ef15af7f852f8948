namespace Cms.Infrastructure.Search;

/// <summary>Which text search configuration of schema <c>delivery</c> knows a language's endings.</summary>
internal static class Stemming
{
    /// <summary>Takes words as they are.</summary>
    public const string None = "simple";

    /// <summary>All there are.</summary>
    public static readonly string[] All = ["french", "english", "german", "spanish", "italian", "portuguese", "arabic", None];

    /// <param name="language">BCP 47.</param>
    public static string Of(string language) => language.Split('-')[0] switch
    {
        "fr" => "french",
        "en" => "english",
        "de" => "german",
        "es" => "spanish",
        "it" => "italian",
        "pt" => "portuguese",
        "ar" => "arabic",
        _ => None,
    };
}
