namespace Cms.Infrastructure.Delivery;

/// <summary>
/// What the present transaction changes for readers; <see cref="DeliveryClock"/> stores it with the commit. What a rolled back part of it
/// named stays in: a cache that drops too much only asks again.
/// </summary>
internal sealed class DeliveryChanges
{
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, ChangedArticle> articles = [];

    /// <summary>The clock's number of them, once they are about to be committed.</summary>
    public long Number { get; set; }

    /// <summary>The <see cref="DeliveryCache.Generation"/> when the transaction began.</summary>
    public int Begun { get; private set; }

    /// <summary>The keys so far.</summary>
    public IReadOnlyCollection<string> Touched => touched;

    /// <summary>The articles so far, each once.</summary>
    public IReadOnlyCollection<ChangedArticle> Articles => articles.Values;

    /// <summary>Whatever answers show of these keys (<see cref="DeliveryKey"/>) is not what it was.</summary>
    public void Touch(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) touched.Add(key);
    }

    /// <summary>Readers get other bytes of this article, or none any more.</summary>
    public void Article(Guid id, string slug, bool gone)
    {
        articles[id] = new(id, slug, gone);
        touched.Add(DeliveryKey.Changes);
    }

    /// <summary>A transaction begins.</summary>
    /// <param name="generation">Of this node's cache.</param>
    public void Begin(int generation)
    {
        Begun = generation;
        touched.Clear();
        articles.Clear();
    }
}

/// <summary>An article that changed for readers.</summary>
/// <param name="Id">Which.</param>
/// <param name="Slug">Its present, or last, slug.</param>
/// <param name="Gone">Withdrawn.</param>
internal sealed record ChangedArticle(Guid Id, string Slug, bool Gone);
