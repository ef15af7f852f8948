using System.Globalization;

namespace Cms.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Rows">Articles of the large archive; 0: none is measured.</param>
/// <param name="Seconds">How long a turn is.</param>
/// <param name="Rounds">How many turns each has.</param>
/// <param name="Parts">Parts by name; empty: all.</param>
internal sealed record Options(int Rows, double Seconds, int Rounds, IReadOnlySet<string> Parts)
{
    public static Options Read(string[] args)
    {
        var (rows, seconds, rounds, parts) = (0, 2.0, 5, new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < args.Length; i++)
            switch (args[i])
            {
                case "--rows":
                    rows = int.Parse(args[++i], CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    seconds = double.Parse(args[++i], CultureInfo.InvariantCulture);
                    break;
                case "--rounds":
                    rounds = int.Parse(args[++i], CultureInfo.InvariantCulture);
                    break;
                default:
                    if (!Bench.PartNames.Contains(args[i])) throw new ArgumentException($"There is no part \"{args[i]}\". There are: {string.Join(", ", Bench.PartNames)}.");
                    parts.Add(args[i]);
                    break;
            }

        return new(rows, seconds, rounds, parts);
    }

    public bool Has(string part) => Parts.Count == 0 || Parts.Contains(part);
}
