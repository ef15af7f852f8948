using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// What this node holds of delivery, bounded in bytes. It goes by the clock alone: an answer is kept under the clock's number that its reading
/// saw, never when a number since then touched one of its keys or may have, and goes when one touches them.
/// </summary>
/// <remarks>
/// Admission is S3-FIFO (Yang et al., SOSP 2023): newcomers wait in a small queue of a tenth of the bytes and move to the main one only when
/// asked for again, so a crawler that reads the archive once pushes out nothing that readers want. Asking takes no lock. The libraries
/// that could be had bound their caches by count (BitFaster.Caching), or by entries' own word with an eviction in bulk (MemoryCache); an
/// archive's answers differ in size by a factor of a thousand.
/// </remarks>
internal sealed class DeliveryCache(long maxBytes)
{
    // One answer may take so much of the whole: else one of a mebibyte would push out a thousand.
    private const int LargestShare = 16, SmallShare = 10, MostHits = 3;

    // Steps of the clock that an answer may have been read before and be kept all the same.
    private const int MostSteps = 64;

    private readonly ConcurrentDictionary<CacheKey, Entry> entries = new();
    private readonly Dictionary<string, HashSet<Entry>> byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> small = new(), main = new();
    // Hashes: an address may be long, and two that share one only let one of them in early.
    private readonly HashSet<int> ghosts = [];
    private readonly Queue<int> ghostOrder = new();
    private readonly Queue<Step> steps = new();
    private readonly Lock gate = new();
    private long known = -1, own = -1, smallBytes, mainBytes;
    private int generation;

    /// <summary>The newest number of the clock that this node knows; -1 before it knows any.</summary>
    public long Known => Volatile.Read(ref known);

    /// <summary>The newest number that anything kept or shared may be read before: known, or made by this node itself.</summary>
    public long Newest => Math.Max(Known, Volatile.Read(ref own));

    /// <summary>Counts how often numbers known before were found to say nothing any more: of what was read before, none counts since.</summary>
    public int Generation => Volatile.Read(ref generation);

    /// <summary>Bytes held.</summary>
    public long Bytes => Interlocked.Read(ref smallBytes) + Interlocked.Read(ref mainBytes);

    /// <summary>Answers held.</summary>
    public int Count => entries.Count;

    /// <summary>Finds an answer.</summary>
    public bool TryGet(CacheKey key, [NotNullWhen(true)] out DeliveryAnswer? answer)
    {
        if (!entries.TryGetValue(key, out var entry))
        {
            answer = null;
            return false;
        }

        if (entry.Hits < MostHits) entry.Hits++; // two at one instant may count as one: it decides who stays, no more
        answer = entry.Answer;
        return true;
    }

    /// <summary>Keeps an answer that was read at a number of the clock.</summary>
    /// <param name="key">What was asked.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="number">The clock's number in the snapshot it was read in, or an earlier one.</param>
    /// <param name="read">The <see cref="Generation"/> before it was read.</param>
    /// <param name="isSure">Not of a standby while nobody could say whether it is right: what changed since may be of another past.</param>
    /// <param name="rare">Keep it only when it is asked for a second time.</param>
    /// <returns>False when more was changed meanwhile: it may be old.</returns>
    public bool Keep(CacheKey key, DeliveryAnswer answer, long number, int read, bool isSure, bool rare)
    {
        lock (gate)
        {
            if (read != generation || (number < Newest && !(isSure && IsUntouched(answer, number)))) return false;
            var size = answer.Size + (2 * key.Address.Length);
            if (size > maxBytes / LargestShare) return true;
            var wasSeen = ghosts.Contains(key.GetHashCode());
            if (rare && !wasSeen) AddGhost(key);
            else Insert(new(key, answer, size) { IsMain = wasSeen });
            return true;
        }
    }

    /// <summary>Whether this was asked for not long ago, and not kept.</summary>
    public bool IsRemembered(CacheKey key)
    {
        if (maxBytes == 0) return false;
        lock (gate) return ghosts.Contains(key.GetHashCode());
    }

    /// <summary>This was asked for, and not kept: the second time it should be.</summary>
    public void Remember(CacheKey key)
    {
        if (maxBytes == 0) return;
        lock (gate) AddGhost(key);
    }

    /// <summary>This node changed something itself: it forgets what shows it, and keeps nothing that was read before.</summary>
    /// <param name="number">The clock's number of the change.</param>
    /// <param name="keys">What it touched.</param>
    /// <param name="begun">The <see cref="Generation"/> when it began: a number from before says nothing.</param>
    public void Drop(long number, IReadOnlyCollection<string> keys, int begun)
    {
        lock (gate)
        {
            DropAll(keys);
            if (begun == generation) Volatile.Write(ref own, Math.Max(own, number));
        }
    }

    /// <summary>The clock went on.</summary>
    /// <param name="number">The newest number, of which all before were told.</param>
    /// <param name="keys">What the numbers since the last one touched.</param>
    public void Advance(long number, IReadOnlyCollection<string> keys)
    {
        lock (gate)
        {
            DropAll(keys);
            steps.Enqueue(new(known, number, keys));
            if (steps.Count > MostSteps) steps.Dequeue();
            Volatile.Write(ref known, number);
        }
    }

    /// <summary>The database may be another from now on, without what this node changed last: nothing that is being read is kept.</summary>
    public void Mistrust()
    {
        lock (gate)
        {
            Volatile.Write(ref generation, generation + 1);
            Volatile.Write(ref own, -1);
        }
    }

    /// <summary>Forgets all: numbers are missing, or the clock is another one's.</summary>
    public void Restart(long number)
    {
        lock (gate)
        {
            foreach (var entry in entries.Values) Remove(entry);
            steps.Clear();
            Volatile.Write(ref generation, generation + 1);
            if (number < known) Volatile.Write(ref own, -1); // else this node may have changed more than the watch has seen
            Volatile.Write(ref known, number);
        }
    }

    // What this node changed itself and was not told of yet may stand behind changes of others.
    private bool IsUntouched(DeliveryAnswer answer, long number) => own <= known && steps.TryPeek(out var first) && first.After <= number
        && !steps.Any(s => s.Number > number && answer.Keys.Any(s.Keys.Contains));

    private void DropAll(IReadOnlyCollection<string> keys)
    {
        foreach (var key in keys)
            if (byKey.TryGetValue(key, out var showing))
                foreach (var entry in showing.ToArray()) Remove(entry);
    }

    private void Insert(Entry entry)
    {
        if (entries.TryGetValue(entry.Key, out var old)) Remove(old);
        entries[entry.Key] = entry;
        foreach (var key in entry.Answer.Keys)
        {
            if (!byKey.TryGetValue(key, out var showing)) byKey[key] = showing = [];
            showing.Add(entry);
        }

        Enqueue(entry);
        while (smallBytes + mainBytes > maxBytes) Evict();
    }

    private void Enqueue(Entry entry)
    {
        entry.Node = (entry.IsMain ? main : small).AddFirst(entry);
        if (entry.IsMain) mainBytes += entry.Size;
        else smallBytes += entry.Size;
    }

    private void Dequeue(Entry entry)
    {
        if (entry.Node is { } node) node.List?.Remove(node);
        if (entry.IsMain) mainBytes -= entry.Size;
        else smallBytes -= entry.Size;
    }

    private void Evict()
    {
        if (small.Last is { Value: var newcomer } && (smallBytes > maxBytes / SmallShare || main.Last is null))
        {
            if (newcomer.Hits == 0)
            {
                Remove(newcomer);
                AddGhost(newcomer.Key);
                return;
            }

            Dequeue(newcomer);
            (newcomer.IsMain, newcomer.Hits) = (true, 0);
            Enqueue(newcomer);
        }
        else if (main.Last is { Value: var oldest })
        {
            if (oldest.Hits == 0)
            {
                Remove(oldest);
                return;
            }

            Dequeue(oldest);
            oldest.Hits--;
            Enqueue(oldest);
        }
    }

    private void Remove(Entry entry)
    {
        if (!entries.TryRemove(KeyValuePair.Create(entry.Key, entry))) return;
        Dequeue(entry);
        foreach (var key in entry.Answer.Keys)
        {
            if (!byKey.TryGetValue(key, out var showing)) continue;
            showing.Remove(entry);
            if (showing.Count == 0) byKey.Remove(key);
        }
    }

    // As many as there are answers, and at least some thousand: what was pushed out and comes again was pushed out too early.
    private void AddGhost(CacheKey key)
    {
        if (!ghosts.Add(key.GetHashCode())) return;
        ghostOrder.Enqueue(key.GetHashCode());
        while (ghostOrder.Count > Math.Max(entries.Count, 4_096)) ghosts.Remove(ghostOrder.Dequeue());
    }

    // What the clock's numbers from one on up to another touched.
    private sealed record Step(long After, long Number, IReadOnlyCollection<string> Keys);

    private sealed class Entry(CacheKey key, DeliveryAnswer answer, int size)
    {
        public CacheKey Key => key;

        public DeliveryAnswer Answer => answer;

        public int Size => size;

        public int Hits { get; set; }

        public bool IsMain { get; set; }

        public LinkedListNode<Entry>? Node { get; set; }
    }
}

/// <summary>What was asked for.</summary>
/// <param name="Address">Path and query in their one canonical form.</param>
/// <param name="Coding">The coding of the answer.</param>
internal readonly record struct CacheKey(string Address, Coding Coding);
