namespace Cms.Infrastructure.Delivery;

/// <summary>What the present transaction changes for readers, by <see cref="DeliveryKey"/>: told to caches with its commit.</summary>
internal sealed class DeliveryChanges
{
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);

    /// <summary>The keys so far.</summary>
    public IReadOnlyCollection<string> Touched => touched;

    /// <summary>Whatever answers show of these is not what it was.</summary>
    public void Touch(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) touched.Add(key);
    }
}
