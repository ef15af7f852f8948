using System.Collections.Frozen;

namespace Cms.Domain.Newsletter;

/// <summary>Domains of throw-away addresses. A domain stands for those below it too; of several that fit, the nearest counts.</summary>
public sealed class DisposableDomains
{
    private readonly FrozenDictionary<string, bool> _listed;

    private DisposableDomains(IEnumerable<KeyValuePair<string, bool>> listed) => _listed = listed.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Those that are widely known.</summary>
    public static DisposableDomains BuiltIn { get; } = new DisposableDomains([]).With(BuiltInLines());

    /// <summary>
    /// These and an operator's: a domain a line, from <c>#</c> on a comment; <c>!domain</c> takes one out, with those below it. A later line wins.
    /// </summary>
    /// <exception cref="FormatException">A line is no domain; the message names it by its number.</exception>
    public DisposableDomains With(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var listed = new Dictionary<string, bool>(_listed, StringComparer.Ordinal);
        foreach (var (index, line) in lines.Index())
        {
            var text = line.AsSpan(0, line.IndexOf('#', StringComparison.Ordinal) is var comment and >= 0 ? comment : line.Length).Trim().TrimStart('\uFEFF');
            if (text.IsEmpty) continue;
            var isListed = text[0] != '!';
            if (!EmailAddress.TryParse($"a@{(isListed ? text : text[1..].Trim())}", out var address, out _))
                throw new FormatException($"Line {index + 1} is no domain such as example.org.");
            listed[address.Value[2..]] = isListed;
        }

        return new(listed);
    }

    /// <summary>Whether mail to this address goes to a throw-away domain.</summary>
    public bool Contains(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var known = _listed.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var domain = address.Value.AsSpan(address.Value.LastIndexOf('@') + 1); ;)
        {
            if (known.TryGetValue(domain, out var isListed)) return isListed;
            if (domain.IndexOf('.') is var dot && dot < 0) return false;
            domain = domain[(dot + 1)..];
        }
    }

    private static IEnumerable<string> BuiltInLines()
    {
        using var resource = typeof(DisposableDomains).Assembly.GetManifestResourceStream("DisposableDomains.txt")
            ?? throw new InvalidOperationException("DisposableDomains.txt is not in the assembly.");
        using var reader = new StreamReader(resource);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
