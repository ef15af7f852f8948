namespace Cms.Infrastructure.Purging;

/// <summary>Tells a cache in front to drop whatever carries one of some keys.</summary>
internal interface IPurger
{
    /// <summary>Returns when the cache has confirmed all of them.</summary>
    /// <exception cref="PurgeRefusedException">It answered, and did not confirm.</exception>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    Task Purge(IReadOnlyCollection<string> keys, CancellationToken ct);
}

/// <summary>Keys in requests of bounded size.</summary>
internal static class KeyBatches
{
    // Varnish takes 8 KiB of one header by default; some proxies 4.
    private const int MostBytes = 3_500;

    /// <param name="keys">Visible ASCII: a letter is a byte.</param>
    /// <param name="most">Keys of one request.</param>
    public static IEnumerable<IReadOnlyList<string>> Of(IEnumerable<string> keys, int most)
    {
        var (batch, bytes) = (new List<string>(), 0);
        foreach (var key in keys)
        {
            if (batch.Count > 0 && (batch.Count == most || bytes + key.Length + 1 > MostBytes))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(key);
            bytes += key.Length + 1;
        }

        if (batch.Count > 0) yield return batch;
    }
}
