namespace Cms.Api.Tests.Publishing;

/// <summary>The same throws for the same seed.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    public int Throw(int sides)
    {
        state = (state * 6364136223846793005) + 1442695040888963407; // Knuth's MMIX
        return (int)((state >> 33) % (ulong)sides);
    }

    public T OneOf<T>(IReadOnlyList<T> things) => things[Throw(things.Count)];
}
