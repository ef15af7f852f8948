using System.Buffers.Binary;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// Which addresses a file has had, by the first eight bytes of their keyed hash: among two million, two of them are alike once in ten million files. Open
/// addressing takes a third of the memory of a set, and in many small tables none is ever so large that the one it outgrew stays behind for long.
/// </summary>
internal sealed class SeenAddresses
{
    private readonly Table[] tables = [.. Enumerable.Range(0, 1 << 10).Select(_ => new Table())];

    /// <summary>Remembers an address.</summary>
    /// <returns>False when the file has had it.</returns>
    public bool Add(byte[] hash)
    {
        var key = BinaryPrimitives.ReadInt64LittleEndian(hash) is not 0 and var read ? read : 1;
        return tables[key & (tables.Length - 1)].Add(key);
    }

    private sealed class Table
    {
        private long[] slots = new long[16]; // 0: free
        private int count;

        public bool Add(long key)
        {
            if (!Put(slots, key)) return false;
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

        // The hash is spread as evenly as can be: these bits of it are the place.
        private static bool Put(long[] slots, long key)
        {
            for (var i = (key >> 10) & (slots.Length - 1); ; i = (i + 1) & (slots.Length - 1))
            {
                if (slots[i] == key) return false;
                if (slots[i] != 0) continue;
                slots[i] = key;
                return true;
            }
        }
    }
}
