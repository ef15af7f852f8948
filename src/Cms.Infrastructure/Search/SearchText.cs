using Cms.Domain.Text;

namespace Cms.Infrastructure.Search;

/// <summary>
/// What a reader types, in the form of <c>websearch_to_tsquery</c>: words, <c>"phrases"</c>, <c>-exclusions</c>, <c>OR</c> in capitals (in French
/// "or" is gold). A word with an apostrophe or a hyphen is a phrase of its parts, as documents have them.
/// </summary>
/// <param name="Whole">All of it.</param>
/// <param name="Wanted">Without exclusions.</param>
/// <param name="Rest">Without the word that is still being typed.</param>
/// <param name="Beginning">The word that is still being typed, folded; null when none is.</param>
/// <param name="Terms">Single words that are wanted, as they are typed.</param>
internal sealed record SearchText(string Whole, string Wanted, string Rest, string? Beginning, IReadOnlyList<string> Terms)
{
    private const int BeginningLeast = 2;

    private sealed record Part(string[] Words, bool IsExcluded, bool IsQuoted, bool IsOr)
    {
        public override string ToString() => IsOr ? "or" : (IsExcluded ? "-" : "") + Said(Words, IsQuoted);

        // The word "or" is quoted, else it would be the operator.
        public static string Said(string[] words, bool isQuoted = false) =>
            isQuoted || words.Length > 1 || words[0].Equals("or", StringComparison.OrdinalIgnoreCase) ? $"\"{string.Join(' ', words)}\"" : words[0];
    }

    public static SearchText Of(string q)
    {
        var parts = Parts(Straight(q)).ToList();
        var wanted = parts.Where(p => !p.IsExcluded).ToList();
        var last = parts.LastOrDefault();
        var isTyping = q.Length > 0 && Words.Of(q[^1..]).Length == 1 && last is { IsQuoted: false, IsExcluded: false, IsOr: false } && !parts.Exists(p => p.IsOr);
        var beginning = isTyping && last is not null ? Folding.Fold(last.Words[^1]) : "";
        var before = isTyping && last is { Words: [.. var others, _] } && others.Length > 0 ? $" {Part.Said(others)}" : "";
        return new(
            string.Join(' ', parts), string.Join(' ', wanted), isTyping ? string.Join(' ', parts.SkipLast(1)) + before : "",
            beginning.Length >= BeginningLeast ? beginning : null,
            [.. wanted.Where(p => !p.IsQuoted && !p.IsOr).SelectMany(p => p.Words)]);
    }

    // The quotes of other languages, and their spaces.
    private static string Straight(string q) => string.Concat(q.Select(c => c is '“' or '”' or '„' or '«' or '»' ? '"' : char.IsWhiteSpace(c) ? ' ' : c));

    private static IEnumerable<Part> Parts(string q)
    {
        for (var at = 0; at < q.Length;)
        {
            var isExcluded = q[at] == '-' && at + 1 < q.Length;
            var begin = isExcluded ? at + 1 : at;
            var isQuoted = q[begin] == '"';
            var end = isQuoted ? q.IndexOf('"', begin + 1) : q.AsSpan(begin).IndexOfAny(' ', '"') is var space and >= 0 ? begin + space : -1;
            if (end < 0) end = q.Length;
            var words = Words.Of(q[begin..end]);
            if (words.Length > 0) yield return new(words, isExcluded, isQuoted, !isExcluded && !isQuoted && q[begin..end] == "OR");
            at = isQuoted || end == at ? end + 1 : end;
        }
    }
}
