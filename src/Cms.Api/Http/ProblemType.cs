namespace Cms.Api.Http;

/// <summary>A kind of refusal: its name is its address (<c>/problems/{name}</c>), where a page says what to do about it.</summary>
/// <param name="Name">Kebab-case, stable.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The same for every refusal of the kind (RFC 9457, 3.1.3).</param>
internal sealed record ProblemType(string Name, int Status, string Title)
{
    public string Uri => $"/problems/{Name}";

    private static readonly Dictionary<string, ProblemType> ByName = new List<ProblemType>
    {
        new("malformed", 400, "The request cannot be read"),
        new("invalid-parameters", 400, "The address is not right"),
        new("unknown-host", 400, "This host is not served here"),
        new("unauthenticated", 401, "A valid token is needed"),
        new("insufficient-scope", 403, "The token may not do this"),
        new("not-found", 404, "There is nothing here"),
        new("method-not-allowed", 405, "The method is not allowed here"),
        new("in-flight", 409, "The same request is still being worked on"),
        new("slug-taken", 409, "The slug is taken"),
        new("tag-taken", 409, "The tag exists"),
        new("email-taken", 409, "The address is subscribed already"),
        new("email-suppressed", 409, "No mail may go to this address"),
        new("external-id-taken", 409, "The external id is taken"),
        new("translation-taken", 409, "The text exists in this language"),
        new("has-translations", 409, "Other articles translate this one"),
        new("not-ready", 409, "The article is not ready"),
        new("wrong-status", 409, "Not possible from the present status"),
        new("article-published", 409, "The article is published"),
        new("section-in-use", 409, "The section is in use"),
        new("author-in-use", 409, "The author is in use"),
        new("tag-in-use", 409, "The tag is in use"),
        new("section-cycle", 409, "A section cannot stand under itself"),
        new("section-too-deep", 409, "Sections nest too deep"),
        new("too-many-sections", 409, "There are too many sections"),
        new("section-has-list", 409, "The section has a list"),
        new("too-many-imports", 409, "There are too many imports"),
        new("too-many-lists", 409, "There are too many lists"),
        new("too-many-tokens", 409, "There are too many tokens"),
        new("nothing-new", 409, "There is nothing to mail"),
        new("reference-gone", 409, "What the request names has just gone"),
        new("gone", 410, "It was withdrawn"),
        new("cursor-expired", 410, "The cursor is too old"),
        new("stale", 412, "It was changed since it was read"),
        new("too-large", 413, "The body is too large"),
        new("uri-too-long", 414, "The address is too long"),
        new("unsupported-media-type", 415, "The body has the wrong media type"),
        new("validation", 422, "The body breaks rules of its fields"),
        new("idempotency-key-reused", 422, "The Idempotency-Key was used with another body"),
        new("if-match-required", 428, "If-Match is needed"),
        new("rate-limited", 429, "Too many requests"),
        new("headers-too-large", 431, "The headers are too large"),
        new("internal", 500, "A fault of ours"),
        new("not-implemented", 501, "This form is not made here"),
        new("unavailable", 503, "Not possible at the moment"),
        new("timeout", 504, "It took too long"),
    }.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public static IReadOnlyCollection<ProblemType> All => ByName.Values;

    public static ProblemType Named(string name) => ByName[name];

    /// <summary>The kind that a bare status of the framework means.</summary>
    public static ProblemType? OfStatus(int status) => status switch
    {
        400 => Named("malformed"),
        401 => Named("unauthenticated"),
        403 => Named("insufficient-scope"),
        404 => Named("not-found"),
        405 => Named("method-not-allowed"),
        413 => Named("too-large"),
        415 => Named("unsupported-media-type"),
        429 => Named("rate-limited"),
        503 => Named("unavailable"),
        504 => Named("timeout"),
        >= 500 => Named("internal"),
        _ => null,
    };
}
