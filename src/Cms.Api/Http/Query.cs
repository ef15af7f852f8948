using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cms.Domain.Text;

namespace Cms.Api.Http;

/// <summary>A parameter of an address: one definition that reads it, bounds it and documents it.</summary>
/// <param name="Name">As it stands in the address.</param>
/// <param name="Description">For OpenAPI.</param>
internal abstract record QueryParameter(string Name, string Description)
{
    /// <summary>Values of one filter, at most.</summary>
    public const int MaxValues = 20;

    /// <summary>The operation refuses without it; it says so itself, with what it would have to be.</summary>
    public bool Required { get; init; }

    /// <summary>Takes several values, comma-separated.</summary>
    public virtual bool Several => false;

    /// <summary>What to change, or null when the text is right.</summary>
    public abstract string? Fault(string text);

    /// <summary>Whether each value is right, none stands twice, and there are no more than may be.</summary>
    protected bool AreRight(string text, Func<string, bool> isRight)
    {
        var given = text.Split(',');
        return given.Length <= (Several ? MaxValues : 1) && given.All(isRight) && given.Distinct(StringComparer.Ordinal).Count() == given.Length;
    }
}

/// <summary>A whole number within bounds.</summary>
internal sealed record NumberParameter(string Name, string Description, int Min, int Max, int Default) : QueryParameter(Name, Description)
{
    public override string? Fault(string text) => TryRead(text, out _) ? null : $"Give a whole number from {Min} to {Max}.";

    public int Read(string? text) => text is not null && TryRead(text, out var number) ? number : Default;

    private bool TryRead(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= Min && number <= Max;
}

/// <summary>A text of bounded length.</summary>
internal sealed record TextParameter(string Name, string Description, int MaxLength) : QueryParameter(Name, Description)
{
    public override string? Fault(string text) =>
        text.Length == 0 ? Required ? "Give a value." : "Give a value, or leave the parameter out."
        : TextRules.Length(text) > MaxLength ? $"Give at most {MaxLength} characters."
        : TextRules.Fault(text, TextKind.SingleLine);
}

/// <summary>Some of a closed list of words, comma-separated.</summary>
internal sealed record WordsParameter(string Name, string Description, IReadOnlyList<string> Words, bool Several) : QueryParameter(Name, Description)
{
    public override bool Several { get; } = Several;

    public override string? Fault(string text) => AreRight(text, Words.Contains) ? null : $"Give {(Several ? "some" : "one")} of: {string.Join(", ", Words)}.";
}

/// <summary>Ids of resources, comma-separated.</summary>
internal sealed record IdsParameter(string Name, string Description) : QueryParameter(Name, Description)
{
    public override bool Several => true;

    public override string? Fault(string text) =>
        AreRight(text, id => Guid.TryParseExact(id, "D", out _)) ? null : $"Give 1 to {MaxValues} ids, such as 0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f, comma-separated.";
}

/// <summary>The slug of a resource.</summary>
internal sealed record SlugParameter(string Name, string Description) : QueryParameter(Name, Description)
{
    public override string? Fault(string text) => Slug.TryParse(text, out _) ? null : "Give a slug, such as kim-jong-un.";
}

/// <summary>Languages, BCP 47, comma-separated; or one.</summary>
internal sealed record LanguagesParameter(string Name, string Description, bool Several = true) : QueryParameter(Name, Description)
{
    public override bool Several { get; } = Several;

    public override string? Fault(string text) =>
        AreRight(text, l => LanguageTag.TryParse(l, out var tag) && tag.Value == l) ? null
        : Several ? $"Give 1 to {MaxValues} languages, such as fr or pt-BR, comma-separated." : "Give a language, such as fr or pt-BR.";
}

/// <summary>An instant, RFC 3339.</summary>
internal sealed record InstantParameter(string Name, string Description) : QueryParameter(Name, Description)
{
    public override string? Fault(string text) => Instant.TryParse(text, out _) ? null : "Give an RFC 3339 time with an offset, such as 2026-11-24T09:00:00Z.";
}

/// <summary>The closed list of an operation's parameters; any other is refused.</summary>
internal sealed record QueryParameters(IReadOnlyList<QueryParameter> All);

/// <summary>The parameters of a request, read and checked by <see cref="RequestGuard"/> before the handler.</summary>
internal sealed class Query
{
    public static readonly NumberParameter LimitParameter = new("limit", "Rows per page.", 1, Page.MaxLimit, Page.DefaultLimit);
    public static readonly TextParameter CursorParameter = new("cursor", "Where the page begins: `next` of the page before.", Cursor.MaxLength);

    /// <summary>A position that outlives its list: where a follower goes on.</summary>
    public const string SinceName = "since";

    private static readonly string[] Positions = ["cursor", SinceName];

    private readonly Dictionary<string, string> values;

    private Query(Dictionary<string, string> values, byte[] fingerprint, Position? after) => (this.values, Fingerprint, After) = (values, fingerprint, after);

    /// <summary>Of the operation and its filters; what a cursor must match.</summary>
    public byte[] Fingerprint { get; }

    /// <summary>Where the page begins; none at the first.</summary>
    public Position? After { get; }

    /// <summary>The same text for every address with the same parameters, in whichever order; empty without any.</summary>
    public string Canonical => values.Count == 0
        ? ""
        : "?" + string.Join('&', values.OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key}={Uri.EscapeDataString(v.Value).Replace("%2C", ",", StringComparison.Ordinal)}"));

    public int Limit => LimitParameter.Read(values.GetValueOrDefault("limit"));

    public static ValueTask<Query> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.Get<Query>() ?? throw new InvalidOperationException("The operation declares no parameters: add WithQuery."));

    public string? Text(QueryParameter parameter) => values.GetValueOrDefault(parameter.Name);

    /// <summary>The values of a filter; none when it is not given.</summary>
    public string[] Values(QueryParameter parameter) => values.GetValueOrDefault(parameter.Name)?.Split(',') ?? [];

    /// <inheritdoc cref="Values" />
    public Guid[] Ids(IdsParameter parameter) => [.. Values(parameter).Select(id => Guid.ParseExact(id, "D"))];

    public DateTimeOffset? Instant(InstantParameter parameter) => Http.Instant.TryParse(values.GetValueOrDefault(parameter.Name), out var at) ? at : null;

    /// <summary>Reads the address; every fault is named.</summary>
    public static (Query? Query, List<FieldError> Faults) Read(HttpContext context, IReadOnlyList<QueryParameter> parameters, string operation, bool ignoresUnknown)
    {
        var faults = new List<FieldError>();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (named, given) in context.Request.Query)
        {
            var parameter = parameters.FirstOrDefault(p => p.Name == named);
            if (parameter is null && ignoresUnknown) continue;
            if (parameter is null) faults.Add(new(named, "unknown", Unknown(parameters)));
            else if (given.Count != 1) faults.Add(new(named, "repeated", "Give the parameter once."));
            else if (FaultOf(parameter, given.ToString()) is { } fault) faults.Add(new(named, "range", fault));
            else values[named] = InOrder(parameter, TextRules.Normalize(given.ToString()));
        }

        // Where "since" is a time, it is a filter.
        var fingerprint = FingerprintOf(operation, values, values.GetValueOrDefault(SinceName) is { } time && parameters.OfType<InstantParameter>().Any(p => p.Name == SinceName) ? time : null);
        Position? after = null;
        if (Positions.FirstOrDefault(p => values.ContainsKey(p) && parameters.OfType<TextParameter>().Any(t => t.Name == p)) is { } name)
        {
            if (Cursor.TryRead(values[name], fingerprint, out var position)) after = position;
            else faults.Add(new(name, "cursor", "Give a cursor that this list gave for the same filters, unchanged; or none, for the first page."));
        }

        return (faults.Count == 0 ? new Query(values, fingerprint, after) : null, faults);
    }

    // The values of a filter are a set.
    private static string InOrder(QueryParameter parameter, string text) =>
        parameter.Several && text.Contains(',', StringComparison.Ordinal) ? string.Join(',', text.Split(',').Order(StringComparer.Ordinal)) : text;

    private static string? FaultOf(QueryParameter parameter, string text) =>
        TextRules.HasBrokenUnicode(text) ? "The value holds a character that cannot be stored." : parameter.Fault(TextRules.Normalize(text));

    private static string Unknown(IReadOnlyList<QueryParameter> parameters) => parameters.Count == 0
        ? "This operation has no parameters."
        : $"There is no such parameter here. There are: {string.Join(", ", parameters.Select(p => p.Name))}.";

    /// <summary>What a cursor of a list must match: for an answer that another operation's list goes on from.</summary>
    /// <param name="operation">The list's operationId.</param>
    /// <param name="values">The parameters that it is to be asked with; null for none.</param>
    public static byte[] FingerprintOf(string operation, params IEnumerable<(QueryParameter Parameter, string? Value)> values) =>
        FingerprintOf(operation, values.Where(v => v.Value is not null).ToDictionary(v => v.Parameter.Name, v => v.Value ?? "", StringComparer.Ordinal));

    private static byte[] FingerprintOf(string operation, Dictionary<string, string> values, string? since = null)
    {
        var text = new StringBuilder(operation);
        foreach (var (name, value) in values.Where(v => v.Key != "limit" && !Positions.Contains(v.Key)).OrderBy(v => v.Key, StringComparer.Ordinal))
            text.Append('\n').Append(name).Append('=').Append(value);
        if (since is not null) text.Append('\n').Append(SinceName).Append('=').Append(since);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}

internal static class QueryEndpoints
{
    /// <summary>The operation takes these parameters and no others.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params QueryParameter[] parameters) =>
        endpoint.WithMetadata(new QueryParameters(parameters)).Refuses(400);

    /// <summary>The operation is a list: these parameters, and <c>limit</c> and <c>cursor</c>.</summary>
    public static RouteHandlerBuilder WithPages(this RouteHandlerBuilder endpoint, params QueryParameter[] parameters) =>
        endpoint.WithQuery([.. parameters, Query.LimitParameter, Query.CursorParameter]);
}
