using System.Buffers.Binary;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Which addresses a file has had, by the first eight bytes of their keyed hash: among two million, two of them are alike once in ten million files. Open
/// addressing in one array takes a third of the memory of a set.
/// </summary>
internal sealed class SeenAddresses
{
    private long[] slots = new long[1_024]; // 0: free
    private int count;

    /// <summary>Remembers an address.</summary>
    /// <returns>False when the file has had it.</returns>
    public bool Add(byte[] hash)
    {
        if (!Put(slots, BinaryPrimitives.ReadInt64LittleEndian(hash) is not 0 and var key ? key : 1)) return false;
        if (++count > slots.Length / 4 * 3) Grow();
        return true;
    }

    private void Grow()
    {
        var larger = new long[slots.Length * 2];
        foreach (var key in slots)
            if (key != 0) Put(larger, key);
        slots = larger;
    }

    // The hash is spread as evenly as can be: its low bits are the place.
    private static bool Put(long[] slots, long key)
    {
        for (var i = key & (slots.Length - 1); ; i = (i + 1) & (slots.Length - 1))
        {
            if (slots[i] == key) return false;
            if (slots[i] != 0) continue;
            slots[i] = key;
            return true;
        }
    }
}
