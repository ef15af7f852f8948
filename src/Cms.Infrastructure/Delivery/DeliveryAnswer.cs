using System.Globalization;

namespace Cms.Infrastructure.Delivery;

/// <summary>A whole answer to readers, but for what only the request knows: ready to send, and to keep.</summary>
internal sealed record DeliveryAnswer
{
    // What an entry takes beside its bytes: the objects around them, measured.
    private const int Overhead = 700;

    /// <summary>200, 301, 404 or 410.</summary>
    public required int Status { get; init; }

    /// <summary>The route that answered, for logs and metrics.</summary>
    public string Route { get; init; } = "";

    /// <summary>The bytes, in <see cref="Coding"/>; none but for a 200.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>How the bytes are coded.</summary>
    public Coding Coding { get; init; }

    /// <summary>Of the bytes.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Without quotes, of the plain bytes: <see cref="EntityTag"/> is what is sent.</summary>
    public string ETag { get; init; } = "";

    /// <summary>With quotes and the coding.</summary>
    public string EntityTag { get; init; } = "";

    /// <summary>When the tag became this one; null where <c>Last-Modified</c> is not told.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Where a moved address leads.</summary>
    public string? Location { get; init; }

    /// <summary>The next page of a list.</summary>
    public string? Link { get; init; }

    /// <summary>What who mines texts may do with it; null where nobody says anything.</summary>
    public TdmHeaders? Tdm { get; init; }

    /// <summary>For a problem: what there is to say.</summary>
    public string? Detail { get; init; }

    /// <summary>Any change, or the passing of time, may make it another: it is held by none but caches that let it go after half a minute.</summary>
    public bool IsBrief { get; init; }

    /// <summary>What it shows: <see cref="DeliveryKey"/>.</summary>
    public required string[] Keys { get; init; }

    /// <summary>The keys as <c>Surrogate-Key</c> has them; made once, as the others below, since an answer is sent again and again.</summary>
    public string SurrogateKey => field ??= Keys is [var one] ? one : string.Join(' ', Keys);

    /// <summary>The keys as <c>Cache-Tag</c> has them.</summary>
    public string CacheTag => field ??= Keys is [var one] ? one : string.Join(',', Keys);

    /// <summary><see cref="ChangedAt"/> as <c>Last-Modified</c> has it.</summary>
    public string? LastModified => field ??= ChangedAt?.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Bytes of memory, about.</summary>
    public int Size => Overhead + Body.Length + (8 * Keys.Sum(k => k.Length)) + (2 * ((Location?.Length ?? 0) + (Link?.Length ?? 0) + (Tdm?.Policy?.Length ?? 0)));
}
