using Cms.Domain.Newsletter;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Sections as files name them: by id, slug or name.</summary>
internal sealed class ImportSections
{
    private static readonly Refusal
        Unknown = new("sections", "A section is not there. Give ids, slugs or names, with semicolons between them."),
        Ambiguous = new("sections", "More than one section has this name. Give its slug."),
        TooMany = new("sections", $"Give at most {Subscriber.MaxSections} sections.");

    private readonly Dictionary<string, Guid?> known = new(StringComparer.OrdinalIgnoreCase);

    private ImportSections()
    {
    }

    /// <summary>All there are.</summary>
    public static async Task<ImportSections> Read(CmsDbContext db, CancellationToken ct)
    {
        var sections = new ImportSections();
        var all = await db.Sections.AsNoTracking().Select(s => new { s.Id, s.Name, s.Slug }).ToListAsync(ct);
        foreach (var section in all) sections.known[section.Name] = sections.known.ContainsKey(section.Name) ? null : section.Id; // null: more than one
        foreach (var section in all) sections.known[section.Slug.Value] = sections.known[$"{section.Id}"] = section.Id; // which are unique, and win
        return sections;
    }

    /// <summary>What is wrong with a list of sections; null when it is right or empty.</summary>
    public Refusal? Fault(string text, out Guid[]? ids)
    {
        ids = null;
        if (text.Length == 0) return null;
        var found = new List<Guid>();
        foreach (var name in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!known.TryGetValue(name, out var id)) return Unknown;
            if (id is not { } one) return Ambiguous;
            if (!found.Contains(one)) found.Add(one);
            if (found.Count > Subscriber.MaxSections) return TooMany;
        }

        ids = [.. found];
        return null;
    }
}
