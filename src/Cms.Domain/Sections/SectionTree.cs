namespace Cms.Domain.Sections;

/// <summary>The shape of all sections together: who stands under whom, in which order.</summary>
public sealed class SectionTree(IReadOnlyCollection<Section> sections)
{
    private readonly Dictionary<Guid, Section> byId = sections.ToDictionary(s => s.Id);
    private readonly ILookup<Guid?, Section> byParent = sections.OrderBy(s => s.Position).ThenBy(s => s.Id).ToLookup(s => s.ParentId);

    /// <summary>How many there are.</summary>
    public int Count => byId.Count;

    /// <summary>Those at the top, in order.</summary>
    public IEnumerable<Section> Roots => byParent[null];

    /// <summary>Those right under <paramref name="id"/>, in order.</summary>
    public IEnumerable<Section> ChildrenOf(Guid id) => byParent[id];

    /// <summary>Whether it stands in the tree already.</summary>
    public bool Contains(Guid id) => byId.ContainsKey(id);

    /// <summary>The section, or none.</summary>
    public Section? Find(Guid? id) => id is { } known ? byId.GetValueOrDefault(known) : null;

    /// <summary>The place behind the last child of <paramref name="parentId"/>.</summary>
    public int NextPosition(Guid? parentId) =>
        byParent[parentId].Select(s => Math.Min(s.Position + 1, Section.MaxPosition)).DefaultIfEmpty(0).Max();

    /// <summary>The section itself and those above it, nearest first.</summary>
    public IEnumerable<Section> Ancestry(Guid id)
    {
        for (var section = Find(id); section is not null; section = Find(section.ParentId)) yield return section;
    }

    /// <summary>Whether <paramref name="id"/> could stand under <paramref name="parentId"/>.</summary>
    /// <exception cref="RuleBrokenException"><c>section-cycle</c>, <c>section-too-deep</c>.</exception>
    public void CheckPlace(Guid id, Guid? parentId)
    {
        if (parentId is not { } parent) return;

        var above = Ancestry(parent).ToList();
        if (parent == id || above.Exists(s => s.Id == id))
            throw new RuleBrokenException("section-cycle", "A section cannot stand under itself or under one of its own sub-sections. Choose another parentId.");
        if (above.Count + HeightOf(id) > Section.MaxDepth)
            throw new RuleBrokenException("section-too-deep", $"Sections nest at most {Section.MaxDepth} deep. Choose a parentId nearer to the top.");
    }

    private int HeightOf(Guid id) => 1 + byParent[id].Select(s => HeightOf(s.Id)).DefaultIfEmpty(0).Max();
}
