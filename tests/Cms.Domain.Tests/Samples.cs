using CsCheck;

namespace Cms.Domain.Tests;

/// <summary>
/// Properties over many samples: the same ones on every run, so that a run is never red by chance; with <c>CMS_CI_LONG=1</c> random ones,
/// and ten times as many. CsCheck's own seed fixes its first sample alone.
/// </summary>
internal static class Samples
{
    private const int Longer = 10;
    private const ulong Seed = 20261124;

    private static readonly bool Long = Environment.GetEnvironmentVariable("CMS_CI_LONG") == "1";

    public static void Hold<T>(this Gen<T> gen, Action<T> property, int samples = 100)
    {
        if (Long)
        {
            gen.Sample(property, iter: samples * Longer);
            return;
        }

        var random = new PCG(1, Seed);
        for (var i = 0; i < samples; i++)
        {
            var seed = random.ToString();
            try
            {
                property(gen.Generate(random, null, out _));
            }
            catch (Exception)
            {
                gen.Sample(property, seed: seed, iter: 1, threads: 1); // fails too, and says of which sample
                throw;
            }
        }
    }

    public static void Hold<T1, T2>(this Gen<(T1, T2)> gen, Action<T1, T2> property, int samples = 100) => gen.Hold(both => property(both.Item1, both.Item2), samples);
}
