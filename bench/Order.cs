namespace Cms.Bench;

/// <summary>A linear congruential generator (Knuth's MMIX): the same order in each run, which is what a measurement wants of chance.</summary>
internal sealed class Order(ulong seed)
{
    private const ulong Multiplier = 6_364_136_223_846_793_005, Increment = 1_442_695_040_888_963_407;

    private ulong state = seed;

    /// <summary>The next number below a bound.</summary>
    public int Below(int bound) => (int)((state = (state * Multiplier) + Increment) >> 33) % bound;

    /// <summary>The next number of 0 to 1.</summary>
    public double Share() => ((state = (state * Multiplier) + Increment) >> 11) / (double)(1UL << 53);
}
